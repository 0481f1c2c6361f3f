/* The first byte names a codec, the rest is its stream: whatever the size of the
 * reads, the same bytes, or the same error. */
#include <stdlib.h>
#include <string.h>

#include "scanner/input/source.h"

#define ENOUGH ((size_t)3 << 20) /* more than any seed gives; bombs are cut here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Reads `step` bytes at a time into `to`; false when an error ends it. */
static bool read_all(struct source *s, size_t step, uint8_t *to, size_t *len, struct err *e)
{
    size_t got;

    *len = 0;
    do {
        const size_t left = ENOUGH - *len;

        if (!source_some(s, *len, to + *len, step < left ? step : left, &got, e)) {
            must(e->code != ERR_NONE && e->text[0] != '\0');
            return false;
        }
        must(e->code == ERR_NONE);
        *len += got;
    } while (got > 0 && *len < ENOUGH);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t one[ENOUGH], two[ENOUGH];
    struct source *inner, *a, *b;
    struct err ea = {0}, eb = {0};
    size_t na, nb;
    bool oka, okb;

    if (size == 0)
        return 0;
    inner = source_memory((struct slice){data + 1, size - 1});
    if (!source_decode(inner, (enum source_codec)(data[0] % 8), &a, &ea)) {
        must(ea.code == ERR_UNSUPPORTED);
        source_free(inner);
        return 0;
    }
    must(source_decode(inner, (enum source_codec)(data[0] % 8), &b, &eb));
    oka = read_all(a, 1u << 18, one, &na, &ea);
    okb = read_all(b, 1000, two, &nb, &eb);
    must(oka == okb && memcmp(one, two, na < nb ? na : nb) == 0);
    must(!oka || na == nb);
    must(oka || (ea.code == eb.code && ea.offset == eb.offset && strcmp(ea.text, eb.text) == 0));
    if (oka && na < ENOUGH)
        must(source_len(a) == na);
    err_clear(&ea); /* and once more from the start */
    must(read_all(a, 100000, two, &nb, &ea) == oka &&
         (!oka || (nb == na && memcmp(one, two, na) == 0)));
    source_free(a);
    source_free(b);
    source_free(inner);
    return 0;
}
