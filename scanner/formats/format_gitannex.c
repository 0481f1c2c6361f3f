#include <inttypes.h>
#include <string.h>

#include "scanner/formats/format.h"

/* Bytes of a pointer, of which only the first FORMAT_PROBE_BYTES are looked at here: what is longer
 * holds lines that nobody writes yet. SPEC: git-annex, doc/internals/pointer_file.mdwn, 32 kb */
#define POINTER (FORMAT_PROBE_BYTES - 1)
#define OBJECTS "annex/objects/"

/* What stands where a file should. */
struct pointer {
    const char *format, *what;
    bool sized;
    uint64_t size;
};

static bool printable(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < ' ' || s.data[i] == 0x7f)
            return false;
    return true;
}

static bool is_hex(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.data[i] >= '0' && s.data[i] <= '9') && !(s.data[i] >= 'a' && s.data[i] <= 'f'))
            return false;
    return true;
}

/* A number behind its letter; `rest` is what follows. */
static bool number(struct slice s, uint64_t *n, struct slice *rest)
{
    size_t i = 0;

    *n = 0;
    for (; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
        if (i == 18)
            return false;
        *n = *n * 10 + (uint64_t)(s.data[i] - '0');
    }
    *rest = slice_from(s, i);
    return i > 0;
}

/* BACKEND-sNUMBER-mNUMBER-SNUMBER-CNUMBER--NAME, all numbers optional.
 * SPEC: git-annex, doc/internals/key_format.mdwn */
static bool is_key(struct slice key, struct pointer *p)
{
    size_t i = 0;
    uint64_t n;

    while (i < key.len && ((key.data[i] >= 'A' && key.data[i] <= 'Z') || key.data[i] == '_' ||
                           (i > 0 && key.data[i] >= '0' && key.data[i] <= '9')))
        i++;
    key = slice_from(key, i);
    while (i > 0 && key.len > 2 && key.data[0] == '-' && key.data[1] != '-') {
        const uint8_t field = key.data[1];

        if (strchr("smSC", field) == NULL || !number(slice_from(key, 2), &n, &key))
            return false;
        if (field == 's') {
            p->sized = true;
            p->size = n;
        }
    }
    return i > 0 && slice_starts(key, "--") && key.len > 2;
}

/* The first line: the key stands behind the last slash. */
static bool is_annexed(struct slice line, struct pointer *p)
{
    struct slice key;
    size_t at;

    if (!printable(line) || !slice_find(line, SLICE_LIT(OBJECTS), &at) || at == 0 ||
        line.data[at - 1] != '/')
        return false;
    key = slice_base_name(line);
    if (at != 1 && !slice_starts(line, ".git/") && !slice_find(line, SLICE_LIT("/.git/"), &at))
        return false;
    p->format = "gitannex";
    p->what = "a pointer of git-annex";
    return is_key(key, p);
}

/* "Every such subsequent line has to contain "/annex/" somewhere in it, and end in a newline." */
static bool more_lines(struct slice text)
{
    struct reader r = reader_over(text);
    struct slice line;
    size_t at;

    while (reader_line(&r, &line))
        if (!slice_find(line, SLICE_LIT("/annex/"), &at) || !printable(line))
            return false;
    return text.len == 0 || text.data[text.len - 1] == '\n';
}

/* ../../blobs/DIGEST: a link of the cache of huggingface_hub that was copied as its text.
 * SPEC: huggingface_hub 0.34, file_download.py, _create_symlink; names are SHA-1 or SHA-256 */
static bool is_blob(struct slice text, struct pointer *p)
{
    bool up = false;

    while (slice_starts(text, "../")) {
        text = slice_from(text, 3);
        up = true;
    }
    if (!up || !slice_starts(text, "blobs/"))
        return false;
    text = slice_from(text, 6);
    p->format = "link-text";
    p->what = "the text of a link into a cache";
    return (text.len == 40 || text.len == 64) && is_hex(text);
}

/* Is all of it a pointer? */
static bool pointer(struct slice text, struct pointer *p)
{
    struct reader r = reader_over(text);
    struct slice line;

    *p = (struct pointer){.sized = false};
    if (text.len > POINTER || !reader_line(&r, &line))
        return false;
    line = slice_trim_end(line, "\r");
    return (is_annexed(line, p) && more_lines((struct slice){r.data, r.left})) ||
           (r.left == 0 && is_blob(line, p));
}

static int probe(struct slice head, const char *name)
{
    struct pointer p;

    (void)name;
    return pointer(head, &p) ? FORMAT_ALONE : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct pointer p;

    if (!feed_more(in->feed, &r, FORMAT_PROBE_BYTES, e))
        return false;
    if (!pointer((struct slice){r.data, r.left}, &p))
        return err_pos(e, ERR_FORMAT, 0, "no pointer of git-annex");
    cover->parsed = r.left;
    cover->format = p.format;
    if (p.sized)
        return err_fail(e, ERR_UNSUPPORTED, "%s: the file itself, %" PRIu64 " bytes, is not here",
                        p.what, p.size);
    return err_fail(e, ERR_UNSUPPORTED, "%s: the file itself is not here", p.what);
}

const struct format format_gitannex = {
    .name = "gitannex",
    .summary = "pointers of git-annex, and links as texts, where a file was not fetched",
    .spec = "git-annex 10, doc/internals/pointer_file.mdwn, doc/internals/key_format.mdwn",
    .probe = probe,
    .parse = parse,
};
