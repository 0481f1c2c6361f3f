#ifndef POLICIES_IAM_AWS_IAM_TABLE_H
#define POLICIES_IAM_AWS_IAM_TABLE_H
/* The table of actions as tool/actions_build.c lays it out: names are places in one
 * pool, lists are runs of numbers. Without pointers, so that nothing is moved at the start. */
#include <stdint.h>

struct iam_table_service {
    uint32_t name;
    uint32_t first, n; /* its actions */
    uint32_t len;
};

struct iam_table_action {
    uint32_t name;
    uint8_t len, level;
    uint16_t service, keys, types; /* numbers of lists: of keys, of types */
};

struct iam_table_key {
    uint32_t name;
    uint16_t len;
    uint8_t type, global;
};

struct iam_table_type {
    uint32_t name;
    uint16_t len, keys, arns; /* arns: number of a list of arns */
};

struct iam_table_arn {
    uint32_t text;
    uint16_t len;
};

/* List i of a kind: items[at[i]] to items[at[i + 1] - 1]. */
extern const char iam_table_pool[];
extern const struct iam_table_service iam_table_services[];
extern const uint32_t iam_table_nservices;
extern const struct iam_table_action iam_table_actions[]; /* sorted, without case */
extern const uint32_t iam_table_nactions;
extern const struct iam_table_key iam_table_keys[];
extern const uint32_t iam_table_nkeys;
extern const struct iam_table_type iam_table_types[];
extern const uint32_t iam_table_ntypes;
extern const struct iam_table_arn iam_table_arns[];
extern const uint32_t iam_table_narns;
extern const uint32_t iam_table_key_at[], iam_table_type_at[], iam_table_arn_at[];
extern const uint16_t iam_table_key_items[], iam_table_type_items[], iam_table_arn_items[];
extern const char iam_table_version[], iam_table_digest[];
#endif
