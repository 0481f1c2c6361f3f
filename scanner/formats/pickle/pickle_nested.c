#include "scanner/formats/pickle/pickle_nested.h"

#include <inttypes.h>

/* The bytes of the opcode at `at`. */
static bool find(const struct format_input *in, uint64_t at, uint64_t *from, uint64_t *len)
{
    uint8_t head[9];
    struct err ignored = {0};
    uint64_t n = 0;
    size_t got, size;

    if (!source_some(in->bytes, at, head, sizeof(head), &got, &ignored) || got < 2)
        return false;
    switch (head[0]) {
    case 'C': /* SHORT_BINBYTES */
        size = 1;
        break;
    case 'B': /* BINBYTES */
        size = 4;
        break;
    case 0x8e: /* BINBYTES8, BYTEARRAY8 */
    case 0x96:
        size = 8;
        break;
    default:
        return false;
    }
    if (got < 1 + size)
        return false;
    for (size_t i = 0; i < size; i++)
        n |= (uint64_t)head[1 + i] << 8 * i;
    *from = at + 1 + size;
    *len = n;
    return true;
}

static bool scan(const struct format_input *in, uint64_t at)
{
    struct format_input inner;
    struct err e = {0};
    struct source *s;
    uint64_t from, len;
    bool ok;

    if (!find(in, at, &from, &len))
        return false;
    s = source_sub(in->bytes, from, len);
    inner = format_inner(in, s, arena_printf(in->scratch, "storage-%" PRIu64 ".pt", at));
    inner.container = "pickle";
    ok = format_scan(&inner, &e);
    source_free(s);
    return ok;
}

bool pickle_nested_scan(const struct format_input *in, const struct pickle *p)
{
    bool ok = p->vm.nnested == 0 || !in->costly;

    for (size_t i = 0; ok && i < p->vm.nnested; i++)
        ok = scan(in, p->vm.nested[i]);
    return ok;
}
