#ifndef SCANNER_FORMATS_CRC32C_H
#define SCANNER_FORMATS_CRC32C_H
/* CRC-32C, and how TensorFlow stores it. SPEC: RFC 3720, B.4; tsl/lib/hash/crc32c.h. */
#include "base/slice.h"

#define CRC32C_BEGIN UINT32_MAX

/* crc32c_more(crc, s): goes on over `s`; begin with CRC32C_BEGIN. */
uint32_t crc32c_more(uint32_t crc, struct slice s);

/* The checksum of all that went by, as it is stored. */
uint32_t crc32c_masked(uint32_t crc);
#endif
