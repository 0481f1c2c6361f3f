#include "policies/rule.h"

static const char *const names[SEVERITY_COUNT] = {"info", "low", "medium", "high", "critical"};

const char *severity_name(enum severity s)
{
    return (unsigned)s < SEVERITY_COUNT ? names[s] : "?";
}

bool severity_parse(struct slice text, enum severity *out)
{
    for (unsigned i = 0; i < SEVERITY_COUNT; i++)
        if (slice_is(text, names[i])) {
            *out = (enum severity)i;
            return true;
        }
    return false;
}
