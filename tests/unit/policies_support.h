#ifndef TESTS_UNIT_POLICIES_SUPPORT_H
#define TESTS_UNIT_POLICIES_SUPPORT_H
/* Policies and facts for the tests of policies/: made of text, freed at once. */
#include <criterion/criterion.h>
#include <string.h>

#include "policies/policy.h"
#include "policies/rule_file.h"
#include "policies/select.h"

/* The bytes at the end of a block of exactly their size, so that one byte too far is seen. */
static inline struct slice support_copy(const char *text, void **block)
{
    size_t n = strlen(text);

    *block = malloc(n == 0 ? 1 : n);
    memcpy(*block, text, n);
    return (struct slice){*block, n};
}

static inline bool support_try(struct policy *p, struct arena *a, const char *text, struct err *e)
{
    struct rule_loader l = {.arena = a, .rules = &p->rules};
    void *block;
    struct slice bytes = support_copy(text, &block);
    bool done = rule_file_add(&l, "t.yaml", arena_slice(a, bytes), e) && rule_file_finish(&l, e);

    free(block);
    return done;
}

/* A policy of one file, every rule selected. */
static inline void support_policy(struct policy *p, struct arena *a, const char *text)
{
    struct err e = {0};

    *p = (struct policy){.arena = a, .fail_on = SEVERITY_MEDIUM};
    snprintf(p->digest, sizeof(p->digest), "sha256:%064d", 0);
    cr_assert(support_try(p, a, text, &e), "%s", e.text);
    for (size_t i = 0; i < p->rules.n; i++)
        p->rules.items[i].selected = true;
}

/* The start of a pack; rules follow. */
#define PACK                                                                                       \
    "apiVersion: sallyport/v1\nkind: RulePack\nmetadata: {id: p, version: 1.0.0, title: P}\n"

static inline const struct value *support_map(struct arena *a, const char *key,
                                              const struct value *v)
{
    struct value_builder b;

    value_map_begin(&b, a);
    if (key != NULL)
        value_map_add(&b, key, v);
    return value_map_end(&b, NULL);
}

static inline void support_subject(struct facts *f, const char *name, const char *digest)
{
    const struct subject s = {name, "terraform", name, digest};

    facts_subject(f, &s);
}

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static inline void support_fact(struct facts *f, const char *subject, const char *address,
                                const struct value *attributes)
{
    const struct fact fact = {.source = "terraform",
                              .type = "box",
                              .address = address,
                              .name = address,
                              .subject = subject,
                              .at = {.input = "plan.json", .line = 7, .offset = 70},
                              .attributes = attributes};

    facts_add(f, &fact);
}
#endif
