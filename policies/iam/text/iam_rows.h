#ifndef POLICIES_IAM_TEXT_IAM_ROWS_H
#define POLICIES_IAM_TEXT_IAM_ROWS_H
/* A set of rows of bytes, all of one size, numbered from 0 as they come. Lives in an arena. */
#include "base/arena.h"

struct iam_rows {
    struct arena *arena;
    size_t size;   /* bytes of a row */
    uint8_t *data; /* n rows */
    size_t n, cap;
    uint32_t *table; /* open addressing: number + 1; twice as many slots as cap, a power of two */
};

void iam_rows_init(struct iam_rows *r, size_t size, struct arena *a);
/* Number of the row, which is copied when it is new (then it is n - 1, and n has grown). */
size_t iam_rows_add(struct iam_rows *r, const void *row);
/* Valid until the next is added. */
const void *iam_rows_at(const struct iam_rows *r, size_t i);
#endif
