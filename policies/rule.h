#ifndef POLICIES_RULE_H
#define POLICIES_RULE_H
/*
 * Rule packs as data. SPEC: docs/rules.md (the file format).
 */
#include "base/value.h"
#include "policies/cel/cel.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

#define SEVERITY_COUNT 5

struct rule_applies {
    const char *source; /* "terraform", "image", ...; NULL = any */
    const char *type;   /* exact type, or a prefix that ends in '*' */
};

struct view_path;  /* policies/view.h */
struct schema_doc; /* policies/schema.h */

/* A view field: one name, a path per source (relative to the attributes), a default when absent. */
struct rule_view {
    const char *name;
    struct rule_view_path {
        const char *source, *path; /* source NULL = any; rows of one source are tried in order */
        const struct view_path *compiled;
    } * paths;
    size_t npaths;
    const struct value *fallback; /* NULL: absent stays absent */
    bool unset_absent; /* an attribute that nobody set and the provider chooses counts as absent */
};

struct rule_control {
    const char *framework; /* "pci-dss-4.0.1" */
    const char *id;        /* "1.4.4" */
    bool supporting;       /* evidence that helps, but never satisfies the control ("1.4.4~") */
};

struct rule_test {
    const char *name, *source, *type;        /* type NULL: the first `applies` row of that source */
    const char *address;                     /* or NULL */
    const char *subject_name, *subject_kind; /* or NULL */
    const struct value *resource;            /* attributes; NULL: the run holds only `with` */
    const struct value *with;   /* further resources {source, type, address, attributes}, or NULL */
    const struct value *params; /* or NULL */
    const char *expect;         /* pass | fail | unknown | skip | error */
    const char *message;        /* expected message, or NULL */
    int64_t now;                /* effective time */
    uint32_t line;
};

/* An expression as written, ready to run. `text` has the cheap variables written out:
 * policies/expr.h. */
struct rule_expr {
    const char *written, *text;
    const struct cel_program *program; /* NULL = the rule has none */
    uint64_t uses;                     /* bit i: variables[i] is evaluated first */
    bool sees_resource;                /* mentions `resource` */
    uint32_t line;
};

struct rule {
    const char *id, *title, *description, *fix;
    const char *pack; /* id of the pack */
    size_t npack;     /* its place in rules.packs */
    const char *file;
    uint32_t line;
    enum severity severity;
    struct rule_applies *applies;
    size_t napplies;
    struct rule_view *views;
    size_t nviews;
    const char *const *view_names; /* NULL-terminated */
    struct rule_expr when;         /* without a program: always */
    struct rule_variable {
        const char *name;
        struct rule_expr expr;
        bool held; /* evaluated once a resource and bound; else written out where it is used */
    } * variables;
    size_t nvariables;
    struct rule_expr pass;
    const char *pass_text;
    struct rule_expr message; /* without a program: the title */
    const char *locate;       /* view field whose position the finding shows, or NULL */
    bool required; /* with no resource to apply to, the outcome is FAIL instead of nothing */
    struct rule_expr required_when; /* without a program: always */
    struct rule_control *controls;
    size_t ncontrols;
    const char *const *tags;       /* NULL-terminated */
    const char *const *references; /* URLs; NULL-terminated */
    struct rule_test *tests;
    size_t ntests;
    /* The rule as written, when its expressions wait for the first resource (rule_read_rest); NULL:
     * all of it was read. Then views, variables and expressions above are empty. */
    const struct value *unread;
    const struct schema_doc *unread_doc;
    bool selected; /* by the chosen profiles */
    bool extra;    /* from the operator's own files: always selected */
};

struct rule_pack {
    const char *id, *version, *title, *description, *file;
    char digest[80]; /* of the file */
    uint32_t line;
    bool extra;
    const struct value *params; /* name -> {type, default, description} */
    const struct value *values; /* name -> value in force (policy_load) */
};

struct framework {
    const char *id, *title, *version, *file;
    char digest[80];
    uint32_t line;
    const struct value *metadata;
    const struct value *controls; /* map: control id -> {title, confirmed} */
};

struct profile {
    const char *id, *title, *file;
    char digest[80];
    uint32_t line;
    const struct value *select; /* {packs: [], rules: [], tags: [], frameworks: [], exclude: []} */
    const struct value *params;
};

/* A document that others read (Taxonomy, Detectors): named, so that the policy digest covers it. */
struct rule_data {
    const char *kind, *id, *file;
    char digest[80];
    const struct value *doc;
};

struct rules {
    struct rule *items; /* sorted by id */
    size_t n;
    struct rule_pack *packs; /* this and the next three in the order of the files */
    size_t npacks;
    struct framework *frameworks;
    size_t nframeworks;
    struct profile *profiles;
    size_t nprofiles;
    struct rule_data *data;
    size_t ndata;
};

const char *severity_name(enum severity s);
MUST_CHECK bool severity_parse(struct slice text, enum severity *out);

/* NULL when there is none of that id. */
const struct rule *rule_find(const struct rules *rules, const char *id);
const struct framework *rule_framework(const struct rules *rules, const char *id);
#endif
