#ifndef TESTS_UNIT_SIGNING_SUPPORT_H
#define TESTS_UNIT_SIGNING_SUPPORT_H
/*
 * What the tests of signing share: the fixed test keys, the sample verdicts, and copies of exact
 * size. Tests run at the root of the project.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "signing/key.h"
#include "signing/signing.h"

#define SUPPORT_NOW 1795410000 /* 2026-11-23T05:00:00Z, the effective time of the sample verdicts */
#define SUPPORT_VERIFIER "https://gate.example/v1"
#define SUPPORT_POLICY_URI "https://policy.example/ml"

static inline struct slice support_file(struct arena *a, const char *path)
{
    struct slice s;
    struct err e = {0};

    cr_assert(file_read(path, LIMIT_POLICY_BYTES, a, &s, &e), "%s: %s", path, e.text);
    return s;
}

static inline struct key *support_private(struct arena *a, const char *name)
{
    struct key *k = NULL;
    struct err e = {0};

    cr_assert(key_private_pem(support_file(a, arena_printf(a, "fixtures/pem/good/%s.key", name)),
                              "hello", &k, &e),
              "%s: %s", name, e.text);
    return k;
}

static inline struct key *support_public(struct arena *a, const char *name)
{
    struct key *k = NULL;
    struct err e = {0};

    cr_assert(
        key_public_pem(support_file(a, arena_printf(a, "fixtures/pem/good/%s.pub", name)), &k, &e),
        "%s: %s", name, e.text);
    return k;
}

static inline const struct value *support_json(struct arena *a, struct slice text)
{
    const struct value *v = NULL;
    struct err e = {0};

    cr_assert(json_read(text, a, &v, &e), "%s", e.text);
    return v;
}

static inline const struct value *support_verdict(struct arena *a, const char *name)
{
    return support_json(a,
                        support_file(a, arena_printf(a, "fixtures/statement/good/%s.json", name)));
}

/* The map with one member replaced, or removed when v is NULL. */
static inline const struct value *support_with(struct arena *a, const struct value *map,
                                               const char *key, const struct value *v)
{
    struct value_builder b;

    value_map_begin(&b, a);
    for (uint32_t i = 0; i < map->len; i++)
        if (!slice_is(map->as.members[i].key, key))
            value_map_put(&b, map->as.members[i].key, map->as.members[i].value);
    if (v != NULL)
        value_map_add(&b, key, v);
    return value_map_end(&b, NULL);
}

static inline struct slice support_vsa(struct arena *a, const struct value *verdict, size_t index)
{
    const struct statement_options opt = {SUPPORT_VERIFIER, SUPPORT_POLICY_URI, NULL};
    const struct value_doc doc = value_doc_of(verdict);
    struct err e = {0};
    struct buf b;
    struct slice s;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    cr_assert(statement_vsa(&doc, index, &opt, &b, &e), "%s", e.text);
    s = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return s;
}

static inline struct slice support_test_result(struct arena *a, const struct value *verdict)
{
    const struct statement_options opt = {SUPPORT_VERIFIER, SUPPORT_POLICY_URI, NULL};
    const struct value_doc doc = value_doc_of(verdict);
    struct err e = {0};
    struct buf b;
    struct slice s;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    cr_assert(statement_test_result(&doc, &opt, &b, &e), "%s", e.text);
    s = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return s;
}

static inline struct slice support_sign(struct arena *a, struct slice payload, const char *type,
                                        const struct key *k)
{
    struct err e = {0};
    struct buf b;
    struct slice s;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    cr_assert(dsse_sign(payload, type, k, &b, &e), "%s", e.text);
    s = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return s;
}

static inline struct slice support_wrap(struct arena *a, struct slice dsse, const struct key *k)
{
    struct err e = {0};
    struct buf b;
    struct slice s;

    buf_init(&b, LIMIT_ENVELOPE_BYTES);
    cr_assert(bundle_wrap(dsse, k, &b, &e), "%s", e.text);
    s = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return s;
}

/* Exact size on the heap, so that ASan sees one byte too far. */
static inline uint8_t *support_copy(struct slice s)
{
    uint8_t *copy = malloc(s.len + (s.len == 0));

    cr_assert_not_null(copy);
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    return copy;
}
#endif
