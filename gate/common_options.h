#ifndef GATE_COMMON_OPTIONS_H
#define GATE_COMMON_OPTIONS_H
/* Options that `gate`, `scan` and `inspect` share, so that each is said and read once. */
#include "gate/gate_config.h"
#include "gate/options.h"

#define COMMON_SUBJECT_OPTIONS                                                                     \
    {"image", 0, "IMAGE", "an image: oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE", true}, \
        {"model", 0, "PATH", "a model file or folder", true},                                      \
        {"config-file", 0, "PATH", "a configuration document; its kind is probed", true},          \
        {"kind", 0, "KIND", "kind of the operands: image, model, pipeline, terraform, ...", false}, \
        {"platform", 0, "OS/ARCH", "which image of an index (default linux/amd64)", false},        \
        {"trust", 0, "FILE", "approved base images and keys", false},                              \
        {"sandbox", 0, "MODE", "required (default), best-effort or off; recorded", false}

#define COMMON_POLICY_OPTIONS                                                                      \
    {"profile", 0, "NAME", "a profile of rules (default baseline)", true},                         \
        {"rules", 0, "DIR", "use these rules instead of the built-in ones", false},                \
        {"extra-rules", 0, "PATH", "further rule packs", true},                                    \
        {"fail-on", 0, "SEVERITY", "deny from this severity on (default medium)", false},          \
        {"waivers", 0, "FILE", "accepted findings: owner, reason, approver, expiry", false},       \
        {"effective-time", 0, "TIME", "decide as of this time (RFC 3339)", false},                 \
        {"output", 'o', "FORMAT[=PATH]", "write a report; text, json, sarif, junit, html", true},  \
        {"verbose", 0, NULL, "show what passed, too", false},                                      \
        {"report-only", 0, NULL, "exit 0 whatever the verdict; recorded, never signs an allow", false}

/* Puts what was given over what the gate file said. Operands become subjects. */
MUST_CHECK bool common_options_apply(const struct options *o, struct arena *a,
                                     struct gate_config *c, struct err *e);
#endif
