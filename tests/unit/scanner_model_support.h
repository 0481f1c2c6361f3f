#ifndef TESTS_UNIT_SCANNER_MODEL_SUPPORT_H
#define TESTS_UNIT_SCANNER_MODEL_SUPPORT_H
/* The facts of one file of a model, given as bytes. */
#include <string.h>

#include "tests/lib/cases.h"
#include "tests/lib/scan.h"

struct scanned {
    struct arena arena;
    struct facts facts;
};

/* scanned_release frees. */
static inline void scanned_scan(struct scanned *s, const char *name, struct slice bytes)
{
    arena_init(&s->arena);
    cr_expect(scan_bytes(bytes, name, NULL, &s->arena, &s->facts), "%s", name);
}

static inline void scanned_release(struct scanned *s)
{
    arena_release(&s->arena);
}

/* The i-th fact of a type, or NULL. */
static inline const struct value *scanned_fact(const struct scanned *s, const char *type, size_t i)
{
    for (size_t k = 0; k < s->facts.nfacts; k++)
        if (strcmp(s->facts.facts[k].type, type) == 0 && i-- == 0)
            return s->facts.facts[k].attributes;
    return NULL;
}

static inline const char *scanned_text(const struct value *map, const char *key)
{
    return value_cstr(value_get(map, key), "");
}

/* What the scan says of the whole file: its status, and why. */
static inline void scanned_says(const char *name, struct slice bytes, const char *status,
                                const char *reason)
{
    const struct value *file;
    struct scanned s;

    scanned_scan(&s, name, bytes);
    file = scanned_fact(&s, "model.file", 0);
    cr_expect_str_eq(scanned_text(file, "status"), status, "%s", name);
    cr_expect_str_eq(scanned_text(file, "reason"), reason, "%s", name);
    scanned_release(&s);
}

/* Is `name` in a list of strings, or of maps with a `name`? */
static inline bool scanned_has(const struct value *list, const char *name)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *v = value_item(list, i);

        if (strcmp(value_cstr(value_is(v, VALUE_MAP) ? value_get(v, "name") : v, ""), name) == 0)
            return true;
    }
    return false;
}
#endif
