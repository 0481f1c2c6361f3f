#ifndef POLICIES_CEL_CEL_TIME_H
#define POLICIES_CEL_CEL_TIME_H
/* Timestamps (years 1-9999, nanoseconds) and durations (int64 nanoseconds). SPEC: langdef
 * "Overflow", "Timezones"; RFC 3339. */
#include "policies/cel/cel_run.h"

#define CEL_TIME_TEXT_MAX 64
#define CEL_TIME_SECONDS_MIN INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define CEL_TIME_SECONDS_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

MUST_CHECK bool cel_time_parse_timestamp(struct slice s, struct cel_value *out);
/* "1h30m", "-1.5s", "100ms": signed decimal numbers with units h m s ms us ns. */
MUST_CHECK bool cel_time_parse_duration(struct slice s, struct cel_value *out);

void cel_time_timestamp_text(struct cel_value v, char out[CEL_TIME_TEXT_MAX]);
void cel_time_duration_text(struct cel_value v, char out[CEL_TIME_TEXT_MAX]); /* "3600s", "0.5s" */

struct cel_time_date {
    int year, month, day;         /* month and day from 1 */
    int day_of_year, day_of_week; /* from 0; Sunday is 0 */
    int hours, minutes, seconds;
};
void cel_time_date(int64_t seconds, struct cel_time_date *out);

/* + and - over timestamps and durations; other operands give no overload. */
struct cel_value cel_time_add(struct cel_run *r, struct cel_value a, struct cel_value b);
struct cel_value cel_time_sub(struct cel_run *r, struct cel_value a, struct cel_value b);
#endif
