#ifndef GATE_GATE_CONFIG_H
#define GATE_GATE_CONFIG_H
/*
 * sallyport.yaml: what to look at, by which policy, trusting whom, and where the answer
 * goes. Unknown keys are errors with a line. Relative paths are relative to the folder
 * of the file. SPEC: docs/gate-file.md.
 */
#include "base/value.h"
#include "policies/rule.h"
#include "scanner/worker/worker.h"

struct gate_subject {
    const char *kind;      /* image | model | config kind | NULL: tell by the name */
    const char *spec;      /* as written: the name of the subject everywhere */
    const char *open;      /* what to open: spec with the folder of the gate file in front */
    const char *platform;  /* images; or NULL */
    const char *signature; /* models: a file with the signature, to be opened; or NULL */
    const struct value
        *parameters; /* templates: name to value, as the stack is given them; or NULL */
};

struct gate_config {
    const char *file;  /* or NULL */
    const char *stage; /* or NULL */
    struct gate_subject *subjects;
    size_t nsubjects;
    const char *const *profiles; /* NULL-terminated, or NULL */
    const char *const *rules;    /* extra packs; NULL-terminated, or NULL */
    const char *rules_dir;       /* --rules, or NULL */
    const struct value *params;
    enum severity fail_on;
    const char *trust, *waivers; /* files, or NULL */
    bool attest;                 /* asked for: by `attest` of the file, or a key */
    const char *key, *attest_output, *verifier_id, *policy_uri, *resource_prefix;
    const char *const *reports; /* FORMAT[=PATH]; NULL-terminated, or NULL */
    enum sandbox_mode sandbox;
    bool report_only, verbose;
    bool before;               /* of plans: what is there before they are applied */
    const char *hash;          /* of models: "files" (default), "members" or "none" */
    const char *const *ignore; /* paths that a model's identity leaves out, or NULL */
    int64_t now;
};

/* Defaults: fail_on medium, sandbox required, now = the clock. */
void gate_config_init(struct gate_config *c);

/* Reads the file into `c`; strings live in `a`. */
MUST_CHECK bool gate_config_read(const char *path, struct arena *a, struct gate_config *c,
                                 struct err *e);

/* The kind of subject of that name; NULL: there is none. */
const char *gate_config_kind(struct slice name);
#define GATE_CONFIG_KINDS "image, model, pipeline, terraform, cloudformation, iam, account, catalog"

/* Could it be os/architecture[/variant]? */
bool gate_config_is_platform(const char *text);
#define GATE_CONFIG_PLATFORM "expected OS/ARCH[/VARIANT], such as linux/amd64"

/* gate_config_subject(c, kind, spec, dir, a): appends a subject. */
void gate_config_subject(struct gate_config *c, const char *kind, const char *spec, const char *dir,
                         struct arena *a);
#endif
