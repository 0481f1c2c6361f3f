#ifndef BASE_READER_H
#define BASE_READER_H
/*
 * A reader walks bytes that an attacker wrote. It borrows the buffer, never allocates, and never
 * moves unless the whole read fits: on false, the reader and the outputs are as they were.
 */
#include "base/attr.h"
#include "base/slice.h"

struct reader {
    const uint8_t *data; /* borrowed; the next byte to read */
    size_t left;         /* bytes from `data` to the end */
    uint64_t offset;     /* of `data`, counted from the start of the outermost input */
};

/* reader_over(s) starts at the first byte of `s`, as offset 0; reader_at(s, off) calls that
 * byte `off`. `s` must outlive the reader. */
struct reader reader_over(struct slice s);
struct reader reader_at(struct slice s, uint64_t offset);

MUST_CHECK bool reader_u8(struct reader *r, uint8_t *out);
MUST_CHECK bool reader_u16le(struct reader *r, uint16_t *out);
MUST_CHECK bool reader_u32le(struct reader *r, uint32_t *out);
MUST_CHECK bool reader_u64le(struct reader *r, uint64_t *out);
MUST_CHECK bool reader_u16be(struct reader *r, uint16_t *out);
MUST_CHECK bool reader_u32be(struct reader *r, uint32_t *out);
MUST_CHECK bool reader_u64be(struct reader *r, uint64_t *out);

/* reader_varint(r, out) reads an LEB128 unsigned integer of at most 10 bytes that fits 64 bits. */
MUST_CHECK bool reader_varint(struct reader *r, uint64_t *out);

/* reader_bytes(r, n, out) lends the next `n` bytes; they live as long as the buffer behind `r`. */
MUST_CHECK bool reader_bytes(struct reader *r, uint64_t n, struct slice *out);

/* reader_sub(r, n, out) splits off the next `n` bytes as a reader that keeps absolute offsets. */
MUST_CHECK bool reader_sub(struct reader *r, uint64_t n, struct reader *out);

MUST_CHECK bool reader_skip(struct reader *r, uint64_t n);

/* reader_line(r, out) lends the bytes up to the next '\n' and moves past it; the
 * last line may lack one. False at the end. */
MUST_CHECK bool reader_line(struct reader *r, struct slice *out);
#endif
