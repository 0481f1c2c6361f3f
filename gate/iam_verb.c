#include "gate/iam_verb.h"

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "scanner/config/config.h"

#define IAM_VERB(name, takes, does)                                                                \
    int iam_verb_##name(int argc, char **argv);                                                    \
    const struct command_option *iam_verb_##name##_options(void);
#include "gate/iam_verbs.def"
#undef IAM_VERB

const struct command iam_verb_table[] = {
#define IAM_VERB(name, takes, does)                                                                \
    {#name, takes, does, iam_verb_##name, iam_verb_##name##_options},
#include "gate/iam_verbs.def"
#undef IAM_VERB
    {NULL, NULL, NULL, NULL, NULL},
};

/* A file of the operator: whatever is wrong with it is an error of usage. */
static bool own(const char *path, struct err *e)
{
    err_prefix(e, "%s", path);
    return command_own_file(e);
}

bool iam_verb_text(const char *path, struct arena *a, struct slice *out, struct err *e)
{
    return file_read(path, LIMIT_CONFIG_BYTES, a, out, e) || command_own_file(e);
}

bool iam_verb_parse(struct slice text, struct arena *a, const struct value **out, struct err *e)
{
    const struct yaml_options plain = {0};
    size_t at = 0;

    if (slice_starts(text, "\xef\xbb\xbf")) /* a byte order mark says nothing of a policy */
        text = slice_from(text, 3);
    while (at < text.len && (text.data[at] == ' ' || text.data[at] == '\t' ||
                             text.data[at] == '\n' || text.data[at] == '\r'))
        at++;
    if (at < text.len && (text.data[at] == '{' || text.data[at] == '['))
        return json_read(text, a, out, e);
    return yaml_read(text, &plain, a, out, e);
}

bool iam_verb_value(const char *path, struct arena *a, const struct value **out, struct err *e)
{
    struct slice text;

    if (!iam_verb_text(path, a, &text, e))
        return false;
    return iam_verb_parse(text, a, out, e) || own(path, e);
}

bool iam_verb_is_policy(const char *path, const struct value *v, struct err *e)
{
    for (size_t i = 0; value_get(v, "Statement") == NULL && config_table[i] != NULL; i++) {
        const struct config_kind *k = config_table[i];

        if (!k->probe(v))
            continue;
        return err_fail(e, ERR_USAGE,
                        "%s: no policy, but a document of the kind '%s'; --from %s reads the "
                        "policies in it, iam compare --as NAME compares them",
                        path, k->name, path);
    }
    return true;
}

bool iam_verb_document(const char *path, struct arena *a, struct iam_doc *out, struct err *e)
{
    const struct value *v = NULL;

    if (!iam_verb_value(path, a, &v, e) || !iam_verb_is_policy(path, v, e))
        return false;
    if (iam_doc_read(v, path, a, out, e))
        return true;
    return own(path, e);
}
