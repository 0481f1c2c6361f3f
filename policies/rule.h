#ifndef POLICIES_RULE_H
#define POLICIES_RULE_H
/*
 * Rule packs as data. SPEC: docs/rules.md (the file format).
 */
#include "base/value.h"
#include "policies/cel/cel.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

struct rule_applies {
    const char *source; /* "terraform", "image", ...; NULL = any */
    const char *type;   /* exact type, or a prefix that ends in '*' */
};

/* A view field: one name, a path per source (relative to the attributes), a default when absent. */
struct rule_view {
    const char *name;
    struct {
        const char *source, *path;
    } *paths;
    size_t npaths;
    const struct value *fallback; /* NULL: absent stays absent */
};

struct rule_control {
    const char *framework; /* "pci-dss-4.0.1" */
    const char *id;        /* "1.4.4" */
};

struct rule_test {
    const char *name, *source, *type; /* type NULL: the first `applies` row of that source */
    const struct value *resource;     /* attributes */
    const struct value *with;         /* list of further resources {source, type, address, attributes}, or NULL */
    const struct value *params;       /* or NULL */
    const char *expect;               /* pass | fail | unknown | skip | error */
    const char *message;              /* expected message, or NULL */
    uint32_t line;
};

struct rule {
    const char *id, *title, *description, *fix;
    const char *pack; /* id of the pack */
    const char *file;
    uint32_t line;
    enum severity severity;
    struct rule_applies *applies;
    size_t napplies;
    struct rule_view *views;
    size_t nviews;
    const struct cel_program *when; /* NULL = always */
    struct rule_variable {
        const char *name;
        const struct cel_program *program;
    } *variables;
    size_t nvariables;
    const struct cel_program *pass;
    const char *pass_text;
    const struct cel_program *message; /* NULL = title */
    const char *locate;                /* view field whose position the finding shows, or NULL */
    bool required;                     /* `required: true`: with no resource to apply to, the outcome is FAIL instead of nothing; `required_when` restricts it */
    const struct cel_program *required_when;
    struct rule_control *controls;
    size_t ncontrols;
    const char *const *tags;       /* NULL-terminated */
    const char *const *references; /* URLs; NULL-terminated */
    struct rule_test *tests;
    size_t ntests;
    bool selected;                 /* by the chosen profiles */
};

struct rule_pack {
    const char *id, *version, *title, *file;
    char digest[80];
    const struct value *params; /* name -> {type, default, description} */
};

struct framework {
    const char *id, *title, *version, *file;
    char digest[80];
    const struct value *controls; /* map: control id -> {title, confirmed} */
};

struct profile {
    const char *id, *title, *file;
    char digest[80];
    const struct value *select; /* {packs: [], rules: [], tags: [], exclude: []} */
    const struct value *params;
};

struct rules {
    struct rule *items;
    size_t n;
    struct rule_pack *packs;
    size_t npacks;
    struct framework *frameworks;
    size_t nframeworks;
    struct profile *profiles;
    size_t nprofiles;
};

const char *severity_name(enum severity s);
MUST_CHECK bool severity_parse(struct slice text, enum severity *out);
#endif
