#ifndef POLICIES_SCHEMA_H
#define POLICIES_SCHEMA_H
/*
 * Reading documents that people write, strictly: every refusal is "file:line: what was found and
 * what was allowed", and an
 * unknown key gets a "did you mean". Lists of names end with NULL.
 */
#include "base/value.h"

struct schema_doc {
    const char *file;
    struct slice text; /* the whole file: for the line of a key */
    struct arena *arena;
    bool lean; /* built in: checked when the program was built */
};

/* Sets `e` to "file:line: ..." at the line of `at` (NULL: no line) and is false. */
bool schema_fail(const struct schema_doc *d, const struct value *at, struct err *e, const char *fmt,
                 ...) PRINTF_LIKE(4, 5);
bool schema_fail_line(const struct schema_doc *d, uint32_t line, struct err *e, const char *fmt,
                      ...) PRINTF_LIKE(4, 5);

/* The line of a member's key. */
uint32_t schema_key_line(const struct schema_doc *d, const struct value_member *m);

/* schema_map(d, v, what, keys, e): `v` is a map and holds none but these keys. keys NULL: any. */
MUST_CHECK bool schema_map(const struct schema_doc *d, const struct value *v, const char *what,
                           const char *const *keys, struct err *e);

/* One member of a map. `what` names the map in messages. */
struct schema_member {
    const struct value *map;
    const char *what, *key;
};

/* A member that must be there. */
MUST_CHECK bool schema_need(const struct schema_doc *d, const struct schema_member *m,
                            const struct value **out, struct err *e);
/* A string that must be there and not be empty; and one that may be missing (then *out is NULL). */
MUST_CHECK bool schema_str(const struct schema_doc *d, const struct schema_member *m,
                           const char **out, struct err *e);
MUST_CHECK bool schema_opt_str(const struct schema_doc *d, const struct schema_member *m,
                               const char **out, struct err *e);
MUST_CHECK bool schema_opt_bool(const struct schema_doc *d, const struct schema_member *m,
                                bool *out, struct err *e);
/* A list of strings, or missing (then it is empty); *out ends with NULL. */
MUST_CHECK bool schema_opt_strs(const struct schema_doc *d, const struct schema_member *m,
                                const char *const **out, struct err *e);
/* A map or a list, or missing (NULL). */
MUST_CHECK bool schema_opt_kind(const struct schema_doc *d, const struct schema_member *m,
                                enum value_kind kind, const struct value **out, struct err *e);

/* Lower-case letters, digits, '-' (and '.' when `dots`), beginning and ending with a letter or
 * digit. */
bool schema_is_id(const char *s, bool dots);
/* A short code as catalogues number their rules, "ML-PKL-001": capitals, digits and single '-', at
 * most 32. */
bool schema_is_code(const char *s);
/* A name that CEL can select: letters, digits, '_', not beginning with a digit, not a reserved
 * word. */
bool schema_is_name(struct slice s);
#endif
