#ifndef GATE_COMMON_OPTIONS_H
#define GATE_COMMON_OPTIONS_H
/* Options that `gate`, `scan` and `inspect` share, so that each is said and read once. */
#include "gate/gate_config.h"
#include "gate/options.h"

/* A row of a table of options. */
#define OPTION(name, letter, takes, help, repeats)                                                 \
    {                                                                                              \
        name, letter, takes, help, repeats                                                         \
    }

#define COMMON_SUBJECT_OPTIONS                                                                     \
    OPTION("image", 0, "IMAGE", "an image: oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE",  \
           true),                                                                                  \
        OPTION("model", 0, "PATH", "a model file or folder", true),                                \
        OPTION("config-file", 0, "PATH", "a configuration document; its kind is probed", true),    \
        OPTION("kind", 0, "KIND", "kind of the operands: image, model, pipeline, terraform, ...",  \
               false),                                                                             \
        OPTION("platform", 0, "OS/ARCH", "which image of an index (default linux/amd64)", false),  \
        OPTION("signature", 0, "FILE",                                                             \
               "the signature of the one model that is named (OpenSSF Model Signing)", false),     \
        OPTION("trust", 0, "FILE", "approved base images and keys", false),                        \
        OPTION("member-hash", 0, NULL,                                                             \
               "hash each tensor storage inside a model file on its own, too", false),             \
        OPTION("sandbox", 0, "MODE", "required (default), best-effort or off; recorded", false)

/* Not for the gate: a subject without a digest can be no attestation's. */
#define COMMON_NO_HASH                                                                             \
    OPTION("no-hash", 0, NULL, "take no digests of models: quicker, and never an allow", false)

#define COMMON_POLICY_OPTIONS                                                                      \
    OPTION("profile", 0, "NAME", "a profile of rules (default baseline)", true),                   \
        OPTION("rules", 0, "DIR", "use these rules instead of the built-in ones", false),          \
        OPTION("extra-rules", 0, "PATH", "further rule packs", true),                              \
        OPTION("fail-on", 0, "SEVERITY", "deny from this severity on (default medium)", false),    \
        OPTION("waivers", 0, "FILE", "accepted findings: owner, reason, approver, expiry", false), \
        OPTION("effective-time", 0, "TIME", "decide as of this time (RFC 3339)", false),           \
        OPTION("output", 'o', "FORMAT[=PATH]",                                                     \
               "write a report (default text); `sallyport help reports` lists them", true),        \
        OPTION("verbose", 0, NULL, "show what passed, too", false),                                \
        OPTION("report-only", 0, NULL,                                                             \
               "exit 0 whatever the verdict; recorded, never signs an allow", false)

/* Puts what was given over what the gate file said. Operands become subjects. */
MUST_CHECK bool common_options_apply(const struct options *o, struct arena *a,
                                     struct gate_config *c, struct err *e);

/* The parts that verbs without subjects take, too; what is not given stays as it is, but for the
 * sandbox, which is required then. --platform is checked alone: it is of each subject. */
MUST_CHECK bool common_options_sandbox(const struct options *o, struct gate_config *c,
                                       struct err *e);
MUST_CHECK bool common_options_platform(const struct options *o, struct err *e);
MUST_CHECK bool common_options_time(const struct options *o, int64_t *now, struct err *e);
/* The same, now where it is not given. */
MUST_CHECK bool common_options_since(const struct options *o, int64_t *out, struct err *e);
#endif
