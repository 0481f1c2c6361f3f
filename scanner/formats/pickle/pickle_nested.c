#include "scanner/formats/pickle/pickle_nested.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/formats/pickle/pickle_text.h"

#define TEXT_MAX ((size_t)64 << 20) /* bytes of a storage that a protocol below 3 wrote as text */

/* Where the value of the opcode at `at` lies. */
struct place {
    uint64_t from, len;
    bool text; /* bytes as Latin-1 text, in UTF-8: they went through _codecs.encode */
};

static bool find(const struct format_input *in, uint64_t at, struct place *out)
{
    uint8_t head[9];
    struct err ignored = {0};
    size_t got, size;

    if (!source_some(in->bytes, at, head, sizeof(head), &got, &ignored) || got < 2)
        return false;
    switch (head[0]) {
    case 'C': /* SHORT_BINBYTES */
        size = 1;
        break;
    case 'B': /* BINBYTES, BINUNICODE */
    case 'X':
        size = 4;
        break;
    case 0x8e: /* BINBYTES8, BYTEARRAY8, BINUNICODE8 */
    case 0x96:
    case 0x8d:
        size = 8;
        break;
    default:
        return false;
    }
    if (got < 1 + size)
        return false;
    *out = (struct place){at + 1 + size, 0, head[0] == 'X' || head[0] == 0x8d};
    for (size_t i = 0; i < size; i++)
        out->len |= (uint64_t)head[1 + i] << 8 * i;
    return true;
}

/* Latin-1 from UTF-8; `out` has room for all of it. */
static bool encode(struct slice text, uint8_t *out, size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (c >= 0x80) {
            if ((c != 0xc2 && c != 0xc3) || i + 1 == text.len || (text.data[i + 1] & 0xc0) != 0x80)
                return false;
            c = (uint8_t)(c << 6 | (text.data[++i] & 0x3f));
        }
        out[(*len)++] = c;
    }
    return true;
}

static bool scan_source(const struct format_input *in, uint64_t at, struct source *s)
{
    struct format_input inner =
        format_inner(in, s, arena_printf(in->scratch, "storage-%" PRIu64 ".pt", at));
    struct err e = {0};

    inner.container = "pickle";
    return format_scan(&inner, &e);
}

static bool scan_text(const struct format_input *in, uint64_t at, struct slice text)
{
    struct source *s;
    struct arena a;
    uint8_t *out;
    size_t len;
    bool ok;

    arena_init(&a);
    out = arena_alloc(&a, text.len);
    ok = encode(text, out, &len);
    s = source_memory((struct slice){out, len});
    ok = ok && scan_source(in, at, s);
    source_free(s);
    arena_release(&a);
    return ok;
}

static bool scan_long_text(const struct format_input *in, uint64_t at, struct source *s)
{
    struct slice text;
    struct err e = {0};
    struct arena a;
    bool ok;

    arena_init(&a);
    ok = source_slurp(s, TEXT_MAX, &a, &text, &e) && scan_text(in, at, text);
    arena_release(&a);
    return ok;
}

/* The line that begins at `from`, without its end. */
static bool line_at(const struct format_input *in, uint64_t from, struct arena *a,
                    struct slice *out)
{
    struct err ignored = {0};
    size_t got = 0;

    for (size_t room = 4096; room <= TEXT_MAX; room *= 2) {
        uint8_t *text;
        const uint8_t *end;

        arena_release(a);
        arena_init(a);
        text = arena_alloc(a, room);
        if (!source_some(in->bytes, from, text, room, &got, &ignored))
            return false;
        end = memchr(text, '\n', got);
        if (end != NULL) {
            *out = (struct slice){text, (size_t)(end - text)};
            return true;
        }
        if (got < room)
            return false;
    }
    return false;
}

/* UNICODE, as protocols 0 and 1 write the text. */
static bool scan_line(const struct format_input *in, uint64_t at)
{
    struct slice line;
    struct arena a;
    uint8_t *text;
    size_t len;
    bool ok;

    arena_init(&a);
    ok = line_at(in, at + 1, &a, &line);
    if (ok) {
        text = arena_alloc(&a, 2 * line.len + 1);
        ok = pickle_text_unicode(line, text, &len) && scan_text(in, at, (struct slice){text, len});
    }
    arena_release(&a);
    return ok;
}

static bool is_line(const struct format_input *in, uint64_t at)
{
    struct err ignored = {0};
    uint8_t op;
    size_t got;

    return source_some(in->bytes, at, &op, 1, &got, &ignored) && got == 1 && op == 'V';
}

static bool scan(const struct format_input *in, const struct pickle_vm *v, uint64_t at)
{
    struct source *s;
    struct place p;
    bool ok;

    for (size_t i = 0; i < v->nencoded; i++)
        if (v->encoded[i].at == at)
            return scan_text(in, at, v->encoded[i].text);
    if (is_line(in, at))
        return scan_line(in, at);
    if (!find(in, at, &p))
        return false;
    s = source_sub(in->bytes, p.from, p.len);
    ok = p.text ? scan_long_text(in, at, s) : scan_source(in, at, s);
    source_free(s);
    return ok;
}

bool pickle_nested_scan(const struct format_input *in, const struct pickle *p)
{
    bool ok = p->vm.nnested == 0 || !in->costly;

    for (size_t i = 0; ok && i < p->vm.nnested; i++)
        ok = scan(in, &p->vm, p->vm.nested[i]);
    return ok;
}
