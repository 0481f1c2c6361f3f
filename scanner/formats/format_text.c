#include "scanner/formats/text.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/requirement.h"
#include "scanner/formats/script.h"
#include "scanner/formats/settings.h"

/* Is it prose of another encoding? What a machine reads must be UTF-8, and a program is told. */
static bool old_prose(struct slice head, const char *name)
{
    return text_prose(name) && !requirement_file(name) && !settings_file(name) &&
           text_plausible_8bit(head) && script_language(head, name) == NULL;
}

/* requirements/base.txt: the files of one folder, that others include. */
static bool among_requirements(const struct format_input *in, const char *name)
{
    const struct slice path = slice_str(in->path), end = SLICE_LIT("requirements/");
    const size_t n = strlen(name);
    struct slice folder;

    if (!slice_ends(slice_str(name), ".txt") || path.len < n + end.len)
        return false;
    folder = (struct slice){path.data + path.len - n - end.len, end.len};
    return slice_eq(folder, end);
}

static int probe(struct slice head, const char *name)
{
    return text_plausible(head) || old_prose(head, name) ? FORMAT_WEAK : 0;
}

/* Letters that a model begins with, and nothing behind them. A member's length is its container's
 * to check, and a name may promise text. */
static bool whole(const struct format_input *in, const char *name, uint64_t len, struct err *e)
{
    const struct slice text = feed_tail(in->feed);

    if (in->container != NULL || len == 0 || text.len != len || extension_promises(name, "text"))
        return true;
    for (size_t i = 0; format_table[i] != NULL; i++) {
        const char *begins = format_table[i]->begins;

        if (begins != NULL && len <= strlen(begins) && memcmp(begins, text.data, text.len) == 0)
            return err_pos(e, ERR_FORMAT, len, "%s files begin so, and this one ends here",
                           format_table[i]->name);
    }
    return true;
}

/* What a server makes of it; what is no such file to its reader is told as not judged. */
static bool settings(const struct format_input *in, const char *name, struct err *e)
{
    struct document_teller t = {.in = in};
    const struct value *root;
    struct slice text;
    struct err why = {0};

    if (!source_slurp(in->bytes, LIMIT_SETTINGS, in->scratch, &text, e))
        return false;
    if (settings_read(name, text, in->scratch, &root, &why)) {
        (void)document_tell(in, root);
        return true;
    }
    root = value_null(in->scratch, &(struct value_at){.offset = why.offset});
    document_walk_loader(&t, &(struct document_at){.value = root}, "unread-settings",
                         slice_str(why.text), false);
    return true;
}

/* Text that is no UTF-8, from its start again. */
static bool prose(const struct format_input *in, const char *name, struct format_cover *cover,
                  struct err *e)
{
    struct reader r = {.offset = 0};
    struct err again = {0};

    if (in->costly || !feed_more(in->feed, &r, FORMAT_PROBE_BYTES, &again) ||
        !old_prose(
            (struct slice){r.data, r.left < FORMAT_PROBE_BYTES ? r.left : FORMAT_PROBE_BYTES},
            name))
        return false;
    if (!text_check_8bit(in->feed, &cover->scanned, &again))
        return false;
    err_clear(e);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    char *name = arena_strdup(in->scratch, extension_base(in->path));
    struct slice text;

    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    if (requirement_file(name) || among_requirements(in, name)) {
        if (!source_slurp(in->bytes, LIMIT_REQUIREMENTS, in->scratch, &text, e))
            return false;
        requirement_read(in, name, text);
    }
    if (settings_file(name) && !settings(in, name, e))
        return false;
    if (text_check(in->feed, &cover->scanned, e))
        return whole(in, name, cover->scanned, e);
    return e->code == ERR_FORMAT && prose(in, name, cover, e);
}

const struct format format_text = {
    .name = "text",
    .summary = "plain text: README, YAML, vocabularies, requirements",
    .spec = "RFC 3629",
    .probe = probe,
    .parse = parse,
};
