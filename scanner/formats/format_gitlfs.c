#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#define POINTER 1024 /* bytes. SPEC: Git LFS, docs/spec.md, "must be less than 1024 bytes" */

static const char *const versions[] = {
    "version https://git-lfs.github.com/spec/v1\n",
    "version https://hawser.github.com/spec/v1\n",
};

static bool printable(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] < ' ' || line.data[i] > '~')
            return false;
    return true;
}

/* "key value" */
static bool is_line(struct slice line, const char *key, struct slice *value)
{
    const size_t n = strlen(key);

    if (!printable(line) || !slice_starts(line, key) || line.len <= n + 1 || line.data[n] != ' ')
        return false;
    *value = slice_from(line, n + 1);
    return true;
}

static bool number(struct slice s, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9' || i == 19)
            return false;
        *out = *out * 10 + (uint64_t)(s.data[i] - '0');
    }
    return s.len > 0;
}

/* The whole file is a pointer to `*size` bytes that are elsewhere. */
static bool pointer(struct slice text, uint64_t *size)
{
    struct reader r = reader_over(text);
    struct slice line, value;
    bool oid = false, bytes = false, first = false;

    if (text.len >= POINTER)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        first = first || slice_starts(text, versions[i]);
    if (!first || !reader_line(&r, &line))
        return false;
    while (reader_line(&r, &line)) {
        if (is_line(line, "oid", &value))
            oid = slice_starts(value, "sha256:");
        else if (is_line(line, "size", &value))
            bytes = number(value, size);
        else if (!slice_starts(line, "ext-") || !printable(line))
            return false;
    }
    return oid && bytes;
}

static int probe(struct slice head, const char *name)
{
    uint64_t size;

    (void)name;
    return pointer(head, &size) ? FORMAT_ALONE : 0;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    uint64_t size = 0;

    if (!feed_more(in->feed, &r, POINTER, e))
        return false;
    cover->parsed = r.left;
    if (!pointer((struct slice){r.data, r.left}, &size))
        return err_pos(e, ERR_FORMAT, 0, "no pointer of Git LFS");
    return err_fail(e, ERR_UNSUPPORTED,
                    "a pointer of Git LFS: the file itself, %" PRIu64 " bytes, is not here", size);
}

const struct format format_gitlfs = {
    .name = "gitlfs",
    .summary = "pointers of Git LFS, which stand where a file was not fetched",
    .spec = "Git LFS 3, docs/spec.md",
    .probe = probe,
    .parse = parse,
};
