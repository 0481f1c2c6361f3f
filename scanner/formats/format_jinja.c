#include "scanner/formats/jinja/jinja.h"

#include "base/limits.h"
#include "scanner/formats/text.h"

static int probe(struct slice head, const char *name)
{
    const struct slice s = slice_str(name);
    const bool named = slice_ends(s, ".jinja") || slice_ends(s, ".jinja2") || slice_ends(s, ".j2");

    return named && text_plausible(head) ? FORMAT_SURE : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct slice text;
    size_t bad;

    if (!source_slurp(in->bytes, LIMIT_TEMPLATE_BYTES, in->scratch, &text, e))
        return false;
    if (!slice_utf8(text, &bad))
        return err_pos(e, ERR_FORMAT, bad, "the template is not UTF-8");
    cover->parsed = text.len;
    return jinja_tell(in, text, &(struct jinja_place){"", "jinja", 0}, e);
}

const struct format format_jinja = {
    .name = "jinja",
    .summary = "Jinja templates: how a model's prompts are put together",
    .spec = "Jinja 3.1, Template Designer Documentation",
    .probe = probe,
    .parse = parse,
};
