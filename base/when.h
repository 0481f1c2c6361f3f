#ifndef BASE_WHEN_H
#define BASE_WHEN_H
/* Points in time, UTC, whole seconds since 1970. The clock is read once, in
 * gate/, and passed in. SPEC: RFC 3339. */
#include "base/err.h"

#define WHEN_TEXT_MAX 32

/* "2026-11-23T04:41:49Z", also with a fraction (dropped) or an offset
 * (applied); years 1970-9999. */
MUST_CHECK bool when_parse(struct slice text, int64_t *out, struct err *e);
/* "2026-11-23" is the start of that day, UTC. Accepts what when_parse accepts too. */
MUST_CHECK bool when_parse_day(struct slice text, int64_t *out, struct err *e);
void when_text(int64_t t, char out[WHEN_TEXT_MAX]);
#endif
