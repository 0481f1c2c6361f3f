/* Waiver files: any bytes are refused with a place, or give waivers that say everything they
 * must. */
#include <stdlib.h>
#include <string.h>

#include "policies/finding.h"
#include "policies/waiver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void apply(struct waiver_list *list, const struct rule *rules, struct arena *a)
{
    struct fact fact = {
        .subject = "terraform:plan", .source = "terraform", .type = "box", .address = "box.b[0]"};
    const struct facts facts = {.facts = &fact, .nfacts = 1};
    const struct finding made[3] = {{.rule = &rules[0], .fact = &fact, .outcome = OUTCOME_FAIL},
                                    {.rule = &rules[0], .fact = &fact, .outcome = OUTCOME_ERROR},
                                    {.rule = &rules[1], .outcome = OUTCOME_UNKNOWN}};
    struct findings fs = {.facts = &facts, .rows = ARENA_ARRAY(a, struct finding_row, 3)};

    for (size_t i = 0; i < 3; i++)
        finding_put(&fs, &made[i], a);
    waiver_apply(list, &fs, INT64_C(1800000000), a);
    for (size_t i = 0; i < 3; i++) {
        const struct finding f = finding_at(&fs, i);

        must(f.rule == made[i].rule && f.fact == made[i].fact);
        must(i != 1 || (f.outcome == OUTCOME_ERROR && f.waiver == NULL));
        must((f.outcome == OUTCOME_WAIVED) == (f.waiver != NULL));
        must(f.waiver == NULL || (!f.waiver->expired && f.waiver->expires > INT64_C(1800000000)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rule items[] = {{.id = "outcome-count"}, {.id = "outcome-demand"}};
    const struct rules rules = {.items = items, .n = 2};
    struct waiver_list list = {0};
    struct arena a;
    const struct schema_doc d = {"fuzz.yaml", {data, size}, &a, false};
    struct err e = {0};

    if (size > 65536)
        return 0;
    arena_init(&a);
    if (waiver_read(&d, &rules, &list, &e)) {
        must(e.code == ERR_NONE && e.text[0] == '\0');
        for (size_t i = 0; i < list.n; i++)
            must(list.items[i].owner != NULL && list.items[i].reason != NULL &&
                 list.items[i].approver != NULL && rule_find(&rules, list.items[i].rule) != NULL);
        apply(&list, items, &a);
    } else {
        must(e.code != ERR_NONE && strncmp(e.text, "fuzz.yaml", 9) == 0 && list.n == 0);
    }
    arena_release(&a);
    return 0;
}
