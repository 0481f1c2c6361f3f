/* Models of CTranslate2 (faster-whisper, OpenNMT): named tensors behind a specification's name. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "scanner/formats/summary.h"

#define OLDEST 4u /* earlier ones have no types */
#define NEWEST 6u
#define NAME 1024 /* bytes: names are paths of twenty parts at most */

/* By number. SPEC: ctranslate2, include/ctranslate2/types.h, DataType */
static const struct {
    const char *name;
    uint64_t bytes;
} types[] = {{"F32", 4}, {"I8", 1}, {"I16", 2}, {"I32", 4}, {"F16", 2}, {"BF16", 2}};

struct file {
    const struct format_input *in;
    struct format_cover *cover;
    struct reader r;
    uint64_t counts[ARRAY_LEN(types)], bytes;
};

static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head);
    uint32_t version;
    uint16_t len;
    struct slice s;

    (void)name;
    if (!reader_u32le(&r, &version) || version < OLDEST || version > NEWEST ||
        !reader_u16le(&r, &len) || len < 5 || !reader_bytes(&r, len, &s) || s.data[len - 1] != 0)
        return 0;
    for (size_t i = 0; i + 1 < s.len; i++)
        if ((s.data[i] | 0x20) < 'a' || (s.data[i] | 0x20) > 'z')
            return 0;
    return memcmp(s.data + len - 5, "Spec", 4) == 0 ? FORMAT_CERTAIN : 0;
}

/* The next `n` bytes, which live until the next call. */
static bool take(struct file *f, size_t n, const char *what, struct reader *out, struct err *e)
{
    const uint64_t at = f->r.offset;

    if (!feed_more(f->in->feed, &f->r, n, e))
        return false;
    if (!reader_sub(&f->r, n, out))
        return err_pos(e, ERR_FORMAT, at, "%s is cut short", what);
    f->cover->parsed += n;
    return true;
}

/* A name, its NUL in its length. */
static bool name(struct file *f, const char *what, struct err *e)
{
    const uint64_t at = f->r.offset;
    struct reader r;
    uint16_t len;

    if (!take(f, 2, what, &r, e))
        return false;
    if (!reader_u16le(&r, &len) || len == 0 || len > NAME)
        return err_pos(e, ERR_FORMAT, at, "a name of %d bytes", len);
    if (!take(f, len, what, &r, e))
        return false;
    return memchr(r.data, 0, len) == r.data + len - 1 ||
           err_pos(e, ERR_FORMAT, at, "a name that ends elsewhere");
}

static bool number(struct file *f, const char *what, uint32_t *out, struct err *e)
{
    struct reader r;

    return take(f, 4, what, &r, e) && reader_u32le(&r, out);
}

static bool tensor(struct file *f, struct err *e)
{
    const uint64_t at = f->r.offset;
    uint64_t elements = 1;
    uint32_t bytes, size;
    struct reader r;
    uint8_t rank, type;

    if (!name(f, "a tensor", e) || !take(f, 1, "a tensor", &r, e) || !reader_u8(&r, &rank))
        return false;
    for (uint8_t i = 0; i < rank; i++)
        if (!number(f, "a tensor", &size, e))
            return false;
        else if (!checked_mul(elements, size, &elements))
            return err_pos(e, ERR_FORMAT, at, "a shape past 2^64");
    if (!take(f, 1, "a tensor", &r, e) || !reader_u8(&r, &type) ||
        !number(f, "a tensor", &bytes, e))
        return false;
    if (type >= ARRAY_LEN(types) || elements > UINT32_MAX || elements * types[type].bytes != bytes)
        return err_pos(e, ERR_FORMAT, at, "%" PRIu32 " bytes for %" PRIu64 " elements of type %d",
                       bytes, elements, type);
    if (!feed_skip(f->in->feed, &f->r, bytes, e))
        return false;
    f->cover->opaque += bytes;
    f->bytes += bytes;
    f->counts[type]++;
    return true;
}

static void tell(const struct file *f, uint32_t tensors)
{
    struct arena *a = f->in->scratch;
    struct value_builder dtypes;

    value_map_begin(&dtypes, a);
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (f->counts[i] > 0)
            value_map_add(&dtypes, types[i].name, value_int(a, (int64_t)f->counts[i], NULL));
    summary_tell(f->in, tensors, f->bytes, value_map_end(&dtypes, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct file f = {.in = in, .cover = cover};
    uint32_t version, revision, tensors, aliases;

    if (!number(&f, "the header", &version, e) || !name(&f, "the header", e) ||
        !number(&f, "the header", &revision, e) || !number(&f, "the header", &tensors, e))
        return false;
    for (uint32_t i = 0; i < tensors; i++)
        if (!tensor(&f, e))
            return err_in(e, "tensor %" PRIu32, i);
    if (!number(&f, "the list of aliases", &aliases, e))
        return false;
    for (uint64_t i = 0; i < 2 * (uint64_t)aliases; i++) /* each with the name it stands for */
        if (!name(&f, "an alias", e))
            return false;
    tell(&f, tensors);
    return true;
}

const struct format format_ctranslate2 = {
    .name = "ctranslate2",
    .summary = "models of CTranslate2, such as those of faster-whisper",
    .spec = "CTranslate2 4.8, python/ctranslate2/specs/model_spec.py, versions 4 to 6",
    .probe = probe,
    .parse = parse,
};
