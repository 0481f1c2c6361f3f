/* Any bytes as a JSON document that is read whole and in pieces: what is told is the same, and what
 * could not be told as well. */
#include <stdint.h>
#include <stdlib.h>

#include "tests/lib/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice text = {data, size};
    struct pieces whole, pieces;

    pieces_read(&whole, text, UINT64_MAX);
    pieces_read(&pieces, text, 0);
    if (whole.lists != 0 || pieces_differ(&whole, &pieces) != NULL)
        abort();
    if (pieces.done != (pieces.e.code == ERR_NONE))
        abort();
    pieces_release(&whole);
    pieces_release(&pieces);
    return 0;
}
