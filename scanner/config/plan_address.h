#ifndef SCANNER_CONFIG_PLAN_ADDRESS_H
#define SCANNER_CONFIG_PLAN_ADDRESS_H
/*
 * Terraform addresses: module.a["x"].module.b[0].aws_s3_bucket.c["k"], and references, which may
 * go on into attributes. SPEC: Terraform, "Resource addressing"
 */
#include "base/arena.h"
#include "base/limits.h"
#include "base/slice.h"

struct plan_step {
    struct slice name;
    struct slice index; /* with its brackets: [0], ["x"]; empty for none */
    struct slice all;   /* both */
};

struct plan_address {
    struct plan_step step[LIMIT_PLAN_STEPS];
    size_t n;
};

/* plan_address_split(text, out): false when it is not an address or has more than
 * LIMIT_PLAN_STEPS steps. Borrows `text`. */
MUST_CHECK bool plan_address_split(struct slice text, struct plan_address *out);

/* How many of the first steps name modules: 2 for each. */
size_t plan_address_modules(const struct plan_address *p);

/* plan_address_text(p, from, to, a): steps [from, to) with dots between; plan_address_strip:
 * the same without the indexes. */
struct slice plan_address_text(const struct plan_address *p, size_t from, size_t to,
                               struct arena *a);
struct slice plan_address_strip(const struct plan_address *p, size_t from, size_t to,
                                struct arena *a);

/* Could `p` mean `full`? The same names, and each index that `p` gives is that of `full`. */
bool plan_address_matches(const struct plan_address *p, const struct plan_address *full);
#endif
