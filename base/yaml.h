#ifndef BASE_YAML_H
#define BASE_YAML_H
/*
 * YAML from libyaml events into a value tree. YAML 1.2 core schema for plain scalars: null ~ true
 * false (also True TRUE ...) integers (decimal, 0o, 0x) and floats; yes/no/on/off stay strings; a
 * plain integer with leading zeros (an account id such as 012345678901) stays a string; a quoted
 * scalar is always a string. Errors carry a line: duplicate keys, keys that are not scalars, bad
 * UTF-8, control characters, more than LIMIT_YAML_ALIASES aliases or LIMIT_YAML_NODES nodes after
 * aliases are expanded, LIMIT_YAML_DEPTH levels, a merge key "<<" whose value is not a map (merge
 * keys are honoured; an explicit key wins).
 */
#include "base/value.h"

/* Called for a node with a local tag ("!Ref", "!unknown"): `node` is the untagged value. Returns
 * the value to use, or NULL with `e` set. Without a callback a local tag is an error; "!unknown"
 * gives VALUE_UNKNOWN even without one. */
typedef const struct value *yaml_tag_fn(void *ctx, struct arena *a, const char *tag,
                                        const struct value *node, struct err *e);

struct yaml_options {
    yaml_tag_fn *on_tag; /* may be NULL */
    void *ctx;
    bool many; /* the result is a list of documents; else there must be exactly one */
};

MUST_CHECK bool yaml_read(struct slice text, const struct yaml_options *opt, struct arena *a,
                          const struct value **out, struct err *e);
#endif
