/*
 * Documents of configuration, then who holds which policies, and what pipelines need. What must
 * hold: parties in the order of their facts and found by them, each a policy holder within the
 * caps; a least policy that our own grammar takes.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "policies/host_index.h"
#include "policies/iam/account/iam_account.h"
#include "policies/iam/shrink/iam_least.h"
#include "scanner/config/config.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_parties(const struct iam_account *acc)
{
    for (size_t i = 0; i < acc->n; i++) {
        const struct iam_party *p = &acc->parties[i];

        check(i == 0 || acc->parties[i - 1].fact < p->fact);
        check(iam_account_find(acc, p->fact) == p && iam_account_same(p, p));
        check(p->attached.n <= LIMIT_IAM_ATTACHED && p->address != NULL);
        check(p->kind == IAM_ENTITY_ROLE || p->trust == NULL);
        for (size_t k = 0; k < p->attached.n; k++)
            check(p->attached.items[k].name != NULL);
        for (size_t k = 0; k < p->ngroups; k++)
            check(p->groups[k]->kind == IAM_ENTITY_GROUP);
    }
}

static void check_needs(struct host_index *ix, const struct facts *f, struct arena *a)
{
    for (size_t i = 0; i < f->nfacts; i++) {
        struct iam_need need;
        struct iam_doc d;
        struct err e = {0};

        if (slice_is(slice_str(f->facts[i].type), "pipeline") && f->facts[i].attributes != NULL) {
            iam_need_read(ix, &f->facts[i], a, &need);
            check(iam_doc_read(iam_least_policy(&need, a), "least", a, &d, &e));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_text t = {.bytes = {data, size}};
    struct arena scratch, kept;
    struct facts f;
    struct sink sink = {0};
    struct host_index *ix;
    struct iam_account acc;
    struct err e = {0};

    arena_init(&scratch);
    arena_init(&kept);
    facts_init(&f, &kept);
    sink_to_facts(&sink, &f);
    sink.subject_name = sink.input_name = "input";
    if (config_scan(&t, &scratch, &sink, &e)) {
        facts_sort(&f);
        ix = host_index_new(&f, &kept);
        iam_account_read_index(ix, &kept, &acc);
        check_parties(&acc);
        check_needs(ix, &f, &kept);
    }
    arena_release(&scratch);
    arena_release(&kept);
    return 0;
}
