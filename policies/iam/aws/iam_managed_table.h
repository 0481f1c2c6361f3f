#ifndef POLICIES_IAM_AWS_IAM_MANAGED_TABLE_H
#define POLICIES_IAM_AWS_IAM_MANAGED_TABLE_H
/* What tool/managed_build.c writes and iam_managed.c reads: the text of all documents,
 * cut between two of them into pieces, each compressed for itself (zstd). */
#include <stddef.h>
#include <stdint.h>

struct iam_managed_row {
    const char *arn; /* sorted by strcmp */
    uint32_t piece;
    uint32_t at, len; /* bytes of the piece once it is decompressed */
};

struct iam_managed_piece {
    uint32_t at, len; /* bytes of iam_managed_data */
    uint32_t text_len;
};

extern const struct iam_managed_row iam_managed_rows[];
extern const size_t iam_managed_nrows;
extern const struct iam_managed_piece iam_managed_pieces[];
extern const uint8_t iam_managed_data[];
extern const char iam_managed_origin[];
#endif
