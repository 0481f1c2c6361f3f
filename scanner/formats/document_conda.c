/* conda.yaml and python_env.yaml: channels and packages that come with a model. */
#include <string.h>

#include "scanner/formats/document.h"
#include "scanner/formats/requirement.h"

static bool is(const struct document_input *d)
{
    return value_is(value_get(d->root, "dependencies"), VALUE_LIST) ||
           value_is(value_get(d->root, "build_dependencies"), VALUE_LIST) ||
           value_is(value_get(d->root, "channels"), VALUE_LIST);
}

static void pip_lines(struct requirement_teller *t, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *v = value_item(list, i);

        if (value_is(v, VALUE_STRING))
            requirement_line(t, value_text(v), v->line);
    }
}

/* Packages of conda itself: "name=1.2", "channel::name". */
static void conda_line(struct requirement_teller *t, const struct value *v)
{
    const struct slice s = value_text(v);
    size_t at;

    if (slice_find(s, SLICE_LIT("::"), &at))
        requirement_tell(t, "channel", (struct slice){s.data, at}, v->line);
    if (slice_find(s, SLICE_LIT("://"), &at))
        requirement_tell(t, "url", s, v->line);
    else if (s.len > 0 && memchr(s.data, '=', s.len) == NULL)
        requirement_tell(t, "unpinned", s, v->line);
}

static void tell(const struct document_input *d)
{
    const struct value *channels = value_get(d->root, "channels");
    const struct value *list = value_get(d->root, "dependencies");
    struct requirement_teller t = {.in = d->in};
    /* python_env.yaml of MLflow holds lines for pip */
    const bool env =
        value_get(d->root, "build_dependencies") != NULL || strncmp(d->name, "python_env", 10) == 0;

    for (size_t i = 0; i < value_len(channels); i++)
        if (value_is(value_item(channels, i), VALUE_STRING))
            requirement_tell(&t, "channel", value_text(value_item(channels, i)),
                             value_item(channels, i)->line);
    pip_lines(&t, value_get(d->root, "build_dependencies"));
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *v = value_item(list, i);

        if (value_is(v, VALUE_MAP))
            pip_lines(&t, value_get(v, "pip"));
        else if (value_is(v, VALUE_STRING) && env)
            requirement_line(&t, value_text(v), v->line);
        else if (value_is(v, VALUE_STRING))
            conda_line(&t, v);
    }
}

const struct document document_conda = {
    .name = "conda",
    .summary = "conda.yaml and python_env.yaml: what is installed for a model",
    .spec = "conda 25, environment files; MLflow 3, python_env.yaml",
    .is = is,
    .tell = tell,
};
