#ifndef POLICIES_IAM_TEXT_IAM_SYMBOLS_H
#define POLICIES_IAM_TEXT_IAM_SYMBOLS_H
/* The characters that matter to a question: those that its patterns name, one for all others. */
#include "base/arena.h"

/* Characters that patterns of one question may name. */
#define IAM_SYMBOLS_MAX 512u

struct iam_symbols {
    uint32_t *points;    /* code points; after iam_symbols_close those that read best come first */
    size_t n;            /* at most IAM_SYMBOLS_MAX */
    uint16_t ascii[128]; /* number of each of these, or IAM_SYMBOLS_NONE */
};
#define IAM_SYMBOLS_NONE UINT16_MAX

void iam_symbols_init(struct iam_symbols *s, struct arena *a);
/* false: there are too many. */
MUST_CHECK bool iam_symbols_add(struct iam_symbols *s, uint32_t point);
/* Its number, or IAM_SYMBOLS_NONE. iam_symbols_close changes it. */
uint16_t iam_symbols_find(const struct iam_symbols *s, uint32_t point);
/* Sorts, and puts behind the others one that stands for all that were not added. */
void iam_symbols_close(struct iam_symbols *s);
/* Is it good to read where any character would do? */
bool iam_symbols_plain(uint32_t point);
#endif
