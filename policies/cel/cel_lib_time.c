#include <string.h>

#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_time.h"

static bool two_digits(const uint8_t *p, int64_t *out)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *out = (p[0] - '0') * 10 + (p[1] - '0');
    return true;
}

/* "UTC", "+02:00", "-09:30", "02:00". Names of places need a database that changes; results
 * would depend on the machine. */
static bool zone_offset(struct slice s, int64_t *out)
{
    const bool sign = s.len > 0 && (s.data[0] == '+' || s.data[0] == '-');
    const bool west = sign && s.data[0] == '-';
    int64_t hours, minutes;

    *out = 0;
    if (slice_is(s, "UTC") || slice_is(s, "Z") || s.len == 0)
        return s.len > 0;
    s = slice_from(s, sign);
    if (s.len != 5 || s.data[2] != ':' || !two_digits(s.data, &hours) ||
        !two_digits(s.data + 3, &minutes) || hours > 23 || minutes > 59)
        return false;
    *out = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

/* The local date of a timestamp, in the zone of the second argument if there is one; null, or a
 * fault. */
static struct cel_value local_date(struct cel_run *r, const char *name,
                                   const struct cel_value *args, size_t n,
                                   struct cel_time_date *out)
{
    int64_t offset = 0;

    if (args[0].kind != CEL_TIMESTAMP || (n > 1 && args[1].kind != CEL_STRING))
        return cel_run_no_overload(r, name, args, n);
    if (n > 1 && !zone_offset(cel_value_text(args[1]), &offset))
        return cel_run_fault(
            r, CEL_FAULT_TEXT, "the time zone '%.*s' is not supported: UTC, +HH:MM and -HH:MM are",
            (int)(args[1].len < 40 ? args[1].len : 40), (const char *)args[1].as.text);
    cel_time_date(args[0].as.integer + offset, out);
    return cel_value_null();
}

#define DATE_FUNCTION(function, name, expression)                                                  \
    static struct cel_value function(struct cel_run *r, const struct cel_value *args, size_t n)    \
    {                                                                                              \
        struct cel_time_date d = {0};                                                              \
        const struct cel_value bad = local_date(r, name, args, n, &d);                             \
                                                                                                   \
        return cel_run_bad(bad) ? bad : cel_value_int(expression);                                 \
    }

DATE_FUNCTION(full_year, "getFullYear", d.year)
DATE_FUNCTION(month, "getMonth", d.month - 1)
DATE_FUNCTION(date, "getDate", d.day)
DATE_FUNCTION(day_of_month, "getDayOfMonth", d.day - 1)
DATE_FUNCTION(day_of_week, "getDayOfWeek", d.day_of_week)
DATE_FUNCTION(day_of_year, "getDayOfYear", d.day_of_year)
DATE_FUNCTION(hours_of_date, "getHours", d.hours)
DATE_FUNCTION(minutes_of_date, "getMinutes", d.minutes)
DATE_FUNCTION(seconds_of_date, "getSeconds", d.seconds)

static bool is_duration(const struct cel_value *args, size_t n)
{
    return n == 1 && args[0].kind == CEL_DURATION;
}

static struct cel_value hours(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (is_duration(args, n))
        return cel_value_int(args[0].as.integer / INT64_C(3600000000000));
    return hours_of_date(r, args, n);
}

static struct cel_value minutes(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (is_duration(args, n))
        return cel_value_int(args[0].as.integer / INT64_C(60000000000));
    return minutes_of_date(r, args, n);
}

static struct cel_value seconds(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (is_duration(args, n))
        return cel_value_int(args[0].as.integer / 1000000000);
    return seconds_of_date(r, args, n);
}

/* SPEC: conformance "timestamps/duration_converters": the milliseconds within the second. */
static struct cel_value milliseconds(struct cel_run *r, const struct cel_value *args, size_t n)
{
    struct cel_time_date d;
    struct cel_value bad;

    if (is_duration(args, n))
        return cel_value_int(args[0].as.integer / 1000000 % 1000);
    bad = local_date(r, "getMilliseconds", args, n, &d);
    return cel_run_bad(bad) ? bad : cel_value_int(args[0].len / 1000000);
}

const struct cel_lib_entry cel_lib_time_table[] = {
    {"getFullYear", CEL_LIB_METHOD, 1, 2, full_year},
    {"getMonth", CEL_LIB_METHOD, 1, 2, month},
    {"getDate", CEL_LIB_METHOD, 1, 2, date},
    {"getDayOfMonth", CEL_LIB_METHOD, 1, 2, day_of_month},
    {"getDayOfWeek", CEL_LIB_METHOD, 1, 2, day_of_week},
    {"getDayOfYear", CEL_LIB_METHOD, 1, 2, day_of_year},
    {"getHours", CEL_LIB_METHOD, 1, 2, hours},
    {"getMinutes", CEL_LIB_METHOD, 1, 2, minutes},
    {"getSeconds", CEL_LIB_METHOD, 1, 2, seconds},
    {"getMilliseconds", CEL_LIB_METHOD, 1, 2, milliseconds},
    {NULL, 0, 0, 0, NULL},
};
