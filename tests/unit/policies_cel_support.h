#ifndef TESTS_UNIT_POLICIES_CEL_SUPPORT_H
#define TESTS_UNIT_POLICIES_CEL_SUPPORT_H
/* Compiles and evaluates one expression over a document, and gives the outcome as text. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/json.h"
#include "base/json_out.h"
#include "policies/cel/cel.h"
#include "tests/lib/cases.h"

struct cel_fixture {
    struct arena arena;
    const struct cel_program *program;
    struct cel_binding bindings[3]; /* view, u (unknown), v (another unknown) */
    struct cel_activation act;
    struct err err;
};

static const char *const cel_variables[] = {"view", "u", "v", "now", NULL};

/* The document has the members of `json`, and `gap`, which is unknown. */
static inline const struct value *cel_document(struct arena *a, const char *json)
{
    const struct value *plain = NULL;
    struct value_builder b;
    struct err e = {0};

    cr_assert(json_read(slice_str(json), a, &plain, &e), "%s: %s", json, e.text);
    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(plain); i++)
        value_map_put(&b, plain->as.members[i].key, plain->as.members[i].value);
    value_map_add(&b, "gap", value_unknown(a, "known after apply", NULL, 0, NULL));
    return value_map_end(&b, NULL);
}

/* The text is copied to an exact-size block: one byte too far is seen by ASan. */
static inline bool cel_fixture_compile(struct cel_fixture *f, const char *text, size_t len,
                                       const struct cel_env *env)
{
    uint8_t *copy = malloc(len + (len == 0));
    bool ok;

    cr_assert(copy != NULL);
    memcpy(copy, text, len);
    ok = cel_compile((struct slice){copy, len}, env, &f->arena, &f->program, &f->err);
    free(copy);
    cr_expect_eq(ok, f->err.text[0] == '\0', "%s: %s", text, f->err.text);
    return ok;
}

static inline void cel_fixture_init(struct cel_fixture *f, const char *json)
{
    memset(f, 0, sizeof(*f));
    arena_init(&f->arena);
    f->bindings[0] = (struct cel_binding){"view", cel_document(&f->arena, json)};
    f->bindings[1] =
        (struct cel_binding){"u", value_unknown(&f->arena, "known after apply", NULL, 0, NULL)};
    f->bindings[2] =
        (struct cel_binding){"v", value_unknown(&f->arena, "no default", NULL, 0, NULL)};
    f->act = (struct cel_activation){.bindings = f->bindings, .nbindings = 3, .now = 1000000000};
}

static inline const char *cel_json(struct arena *a, const struct value *v)
{
    struct json_out o;
    struct buf b;
    const char *text;

    buf_init(&b, 1 << 20);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, v);
    text = arena_strndup(a, buf_slice(&b));
    buf_release(&b);
    return text;
}

/* JSON, "error: text", "unknown: why" or "refused: text". */
static inline const char *cel_outcome(struct cel_fixture *f, const char *text, bool unchecked)
{
    const struct cel_env env = {.variables = cel_variables, .unchecked = unchecked};
    struct cel_result r;

    if (!cel_fixture_compile(f, text, strlen(text), &env))
        return arena_printf(&f->arena, "refused: %s", f->err.text);
    cel_eval(f->program, &f->act, &f->arena, &r);
    if (r.status == CEL_VALUE)
        return cel_json(&f->arena, r.value);
    cr_expect(r.value == NULL && r.why != NULL, "%s", text);
    return arena_printf(&f->arena, "%s: %s", r.status == CEL_ERROR ? "error" : "unknown", r.why);
}
#endif
