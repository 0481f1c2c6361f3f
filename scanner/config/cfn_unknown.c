/* Unknowns of a template, and the account of what is built. */
#include <stdarg.h>

#include "base/limits.h"
#include "scanner/config/cfn.h"

#define WHY_BYTES 300

const struct value *cfn_unknown(struct cfn *c, const struct value *at, const struct slice *ref,
                                const char *fmt, ...)
{
    const struct value_at place = doc_at(at);
    char why[WHY_BYTES];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    return value_unknown(c->d->arena, why, ref, ref != NULL ? 1 : 0, &place);
}

const struct value *cfn_unknown_bad(struct cfn *c, const struct value *at, const char *fmt, ...)
{
    char why[WHY_BYTES];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    doc_note(c->d, at, "%s", why);
    return cfn_unknown(c, at, NULL, "%s", why);
}

bool cfn_unknown_charge(struct cfn *c, size_t bytes)
{
    if (!c->full && bytes <= LIMIT_CONFIG_BUILT_BYTES - c->d->built) {
        c->d->built += bytes;
        return true;
    }
    if (!c->full)
        doc_gap(c->d, c->d->root, "the functions build more than LIMIT_CONFIG_BUILT_BYTES (%u)",
                LIMIT_CONFIG_BUILT_BYTES);
    c->full = true;
    return false;
}
