/* Rule files: any bytes are refused with a place, or give rules whose tests run. */
#include <stdlib.h>
#include <string.h>

#include "policies/policy_explain.h"
#include "policies/policy_test.h"
#include "policies/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void run(struct policy *p, struct arena *a)
{
    struct policy_test_result res;
    const struct value *doc;
    struct err e = {0};

    must(policy_test_run(p, NULL, a, &res, &e) && e.code == ERR_NONE);
    must(res.npassed + res.nfailed == res.n);
    for (size_t i = 0; i < res.n; i++)
        must(res.cases[i].passed == (res.cases[i].text == NULL));
    for (size_t i = 0; i < p->rules.n; i++)
        must(policy_explain(p, p->rules.items[i].id, a, &doc, &e) && value_is(doc, VALUE_MAP));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem_list problems = {0};
    struct policy p = {0}, q = {0};
    struct rule_loader l = {0}, lint = {0};
    struct arena a;
    struct err e = {0};
    bool accepted = false;

    if (size > 65536)
        return 0;
    arena_init(&a);
    p.arena = q.arena = problems.arena = &a;
    l = (struct rule_loader){.arena = &a, .rules = &p.rules};
    lint = (struct rule_loader){.arena = &a, .rules = &q.rules, .problems = &problems};
    if (rule_file_add(&l, "fuzz.yaml", (struct slice){data, size}, &e) &&
        rule_file_finish(&l, &e)) {
        must(e.code == ERR_NONE && e.text[0] == '\0');
        run(&p, &a);
        accepted = true;
    } else {
        must(e.code != ERR_NONE && strncmp(e.text, "fuzz.yaml", 9) == 0);
    }
    /* the collecting reader finds something exactly when the strict one refuses */
    err_clear(&e);
    must(rule_file_add(&lint, "fuzz.yaml", (struct slice){data, size}, &e) &&
         rule_file_finish(&lint, &e));
    must((problems.n == 0) == accepted && (!accepted || p.rules.n == q.rules.n));
    arena_release(&a);
    return 0;
}
