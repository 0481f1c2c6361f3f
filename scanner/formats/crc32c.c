#include "scanner/formats/crc32c.h"

#include <isa-l/crc.h>
#include <limits.h>

uint32_t crc32c_more(uint32_t crc, struct slice s)
{
    while (s.len > 0) {
        const int n = s.len < INT_MAX ? (int)s.len : INT_MAX;

        /* NOLINTNEXTLINE(performance-no-int-to-ptr): it only reads, but takes no const */
        crc = crc32_iscsi((unsigned char *)(uintptr_t)s.data, n, crc);
        s = slice_from(s, (size_t)n);
    }
    return crc;
}

uint32_t crc32c_masked(uint32_t crc)
{
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}
