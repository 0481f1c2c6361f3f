#include "policies/cel/cel_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Nanoseconds of 10,000 years do not fit 64 bits. */
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

#define NANOS INT64_C(1000000000)
#define DAY INT64_C(86400)

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar; years start in March
 * here, so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = year - (month <= 2);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t in_era = y - era * 400;
    const int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void cel_time_date(int64_t seconds, struct cel_time_date *out)
{
    const int64_t days = floor_div(seconds, DAY) + 719468;
    const int64_t era = floor_div(days, 146097);
    const int64_t in_era = days - era * 146097;
    const int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * in_year + 2) / 153;
    const int64_t of_day = seconds - floor_div(seconds, DAY) * DAY;

    out->day = (int)(in_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(year + era * 400 + (out->month <= 2));
    out->day_of_year = (int)(floor_div(seconds, DAY) - days_of(out->year, 1, 1));
    out->day_of_week = (int)((floor_div(seconds, DAY) % 7 + 11) % 7);
    out->hours = (int)(of_day / 3600);
    out->minutes = (int)(of_day / 60 % 60);
    out->seconds = (int)(of_day % 60);
}

/* Reads exactly `n` digits at `*at`. */
static bool number_at(struct slice s, size_t *at, size_t n, int64_t *out)
{
    int64_t v = 0;

    if (n > s.len - *at)
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint8_t c = s.data[*at + i];

        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *at += n;
    *out = v;
    return true;
}

static bool char_at(struct slice s, size_t *at, const char *any)
{
    if (*at >= s.len || s.data[*at] == 0 || strchr(any, s.data[*at]) == NULL)
        return false;
    (*at)++;
    return true;
}

/* ".123": at least one digit; those behind the ninth are dropped. */
static bool fraction_at(struct slice s, size_t *at, uint32_t *nanos)
{
    uint32_t scale = (uint32_t)NANOS / 10;

    *nanos = 0;
    if (!char_at(s, at, "."))
        return true;
    if (*at >= s.len || s.data[*at] < '0' || s.data[*at] > '9')
        return false;
    for (; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; (*at)++) {
        *nanos += scale * (uint32_t)(s.data[*at] - '0');
        scale /= 10;
    }
    return true;
}

static bool offset_at(struct slice s, size_t *at, int64_t *seconds)
{
    int64_t hours, minutes;
    bool west;

    *seconds = 0;
    if (char_at(s, at, "Zz"))
        return true;
    west = *at < s.len && s.data[*at] == '-';
    if (!char_at(s, at, "+-") || !number_at(s, at, 2, &hours) || !char_at(s, at, ":") ||
        !number_at(s, at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static bool in_range(int64_t seconds)
{
    return seconds >= CEL_TIME_SECONDS_MIN && seconds <= CEL_TIME_SECONDS_MAX;
}

bool cel_time_parse_timestamp(struct slice s, struct cel_value *out)
{
    int64_t year, month, day, h, m, sec, offset;
    uint32_t nanos;
    size_t at = 0;

    if (!number_at(s, &at, 4, &year) || !char_at(s, &at, "-") || !number_at(s, &at, 2, &month) ||
        !char_at(s, &at, "-") || !number_at(s, &at, 2, &day) || !char_at(s, &at, "Tt") ||
        !number_at(s, &at, 2, &h) || !char_at(s, &at, ":") || !number_at(s, &at, 2, &m) ||
        !char_at(s, &at, ":") || !number_at(s, &at, 2, &sec) || !fraction_at(s, &at, &nanos) ||
        !offset_at(s, &at, &offset) || at != s.len)
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) || h > 23 ||
        m > 59 || sec > 59)
        return false;
    sec += days_of(year, month, day) * DAY + h * 3600 + m * 60 - offset;
    if (!in_range(sec))
        return false;
    *out = cel_value_timestamp(sec, nanos);
    return true;
}

static bool unit_at(struct slice s, size_t *at, int64_t *nanos)
{
    static const struct {
        const char *name;
        int64_t nanos;
    } units[] = {
        {"ns", 1},       {"us", 1000}, {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
        {"ms", 1000000}, {"s", NANOS}, {"m", 60 * NANOS},   {"h", 3600 * NANOS},
    };

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!slice_starts(slice_from(s, *at), units[i].name))
            continue;
        *at += strlen(units[i].name);
        *nanos = units[i].nanos;
        return true;
    }
    return false;
}

/* Digits, and a fraction in units of 1e-18 that is exact enough for hours. */
static bool quantity_at(struct slice s, size_t *at, uint64_t *whole, uint64_t *fraction)
{
    uint64_t scale = UINT64_C(100000000000000000);
    size_t digits = 0;

    *whole = *fraction = 0;
    for (; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; (*at)++, digits++)
        if (__builtin_mul_overflow(*whole, 10u, whole) ||
            __builtin_add_overflow(*whole, (uint64_t)(s.data[*at] - '0'), whole))
            return false;
    if (!char_at(s, at, "."))
        return digits > 0;
    for (; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9'; (*at)++, digits++) {
        *fraction += scale * (uint64_t)(s.data[*at] - '0');
        scale /= 10;
    }
    return digits > 0;
}

bool cel_time_parse_duration(struct slice s, struct cel_value *out)
{
    const bool negative = s.len > 0 && s.data[0] == '-';
    uint64_t total = 0, whole, fraction, part;
    int64_t unit;
    size_t at = 0;

    (void)char_at(s, &at, "+-");
    if (slice_is(slice_from(s, at), "0")) {
        *out = cel_value_duration(0);
        return true;
    }
    if (at == s.len)
        return false;
    while (at < s.len) {
        if (!quantity_at(s, &at, &whole, &fraction) || !unit_at(s, &at, &unit))
            return false;
        part = (uint64_t)((uwide)fraction * (uint64_t)unit / 1000000000000000000u);
        if (__builtin_mul_overflow(whole, (uint64_t)unit, &whole) ||
            __builtin_add_overflow(total, whole, &total) ||
            __builtin_add_overflow(total, part, &total))
            return false;
    }
    if (total > (uint64_t)INT64_MAX + negative)
        return false;
    *out = cel_value_duration(negative ? (int64_t)(0 - total) : (int64_t)total);
    return true;
}

/* ".5" without trailing zeros; nothing for a whole number. */
static void fraction_text(uint32_t nanos, char out[16])
{
    size_t n = 10;

    out[0] = '\0';
    if (nanos == 0)
        return;
    snprintf(out, 16, ".%09" PRIu32, nanos);
    while (out[n - 1] == '0')
        out[--n] = '\0';
}

void cel_time_timestamp_text(struct cel_value v, char out[CEL_TIME_TEXT_MAX])
{
    struct cel_time_date d;
    char fraction[16];

    cel_time_date(v.as.integer, &d);
    fraction_text(v.len, fraction);
    snprintf(out, CEL_TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", d.year, d.month, d.day,
             d.hours, d.minutes, d.seconds, fraction);
}

void cel_time_duration_text(struct cel_value v, char out[CEL_TIME_TEXT_MAX])
{
    const int64_t n = v.as.integer;
    const uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    char fraction[16];

    fraction_text((uint32_t)(size % (uint64_t)NANOS), fraction);
    snprintf(out, CEL_TIME_TEXT_MAX, "%s%" PRIu64 "%ss", n < 0 ? "-" : "", size / (uint64_t)NANOS,
             fraction);
}

/* timestamp + nanoseconds */
static struct cel_value shift(struct cel_run *r, struct cel_value t, wide nanos)
{
    const wide total = (wide)t.as.integer * NANOS + t.len + nanos;
    wide seconds = total / NANOS, rest = total % NANOS;

    if (rest < 0) {
        rest += NANOS;
        seconds--;
    }
    if (seconds < CEL_TIME_SECONDS_MIN || seconds > CEL_TIME_SECONDS_MAX)
        return cel_run_fault(r, CEL_FAULT_VALUE, "timestamp overflow: not in the years 1-9999");
    return cel_value_timestamp((int64_t)seconds, (uint32_t)rest);
}

static struct cel_value duration_of(struct cel_run *r, wide nanos)
{
    if (nanos < INT64_MIN || nanos > INT64_MAX)
        return cel_run_fault(r, CEL_FAULT_VALUE, "duration overflow");
    return cel_value_duration((int64_t)nanos);
}

struct cel_value cel_time_add(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_value args[] = {a, b};

    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION)
        return shift(r, a, b.as.integer);
    if (a.kind == CEL_DURATION && b.kind == CEL_TIMESTAMP)
        return shift(r, b, a.as.integer);
    if (a.kind == CEL_DURATION && b.kind == CEL_DURATION)
        return duration_of(r, (wide)a.as.integer + b.as.integer);
    return cel_run_no_overload(r, "_+_", args, 2);
}

struct cel_value cel_time_sub(struct cel_run *r, struct cel_value a, struct cel_value b)
{
    const struct cel_value args[] = {a, b};

    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION)
        return shift(r, a, -(wide)b.as.integer);
    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_TIMESTAMP)
        return duration_of(r, ((wide)a.as.integer - b.as.integer) * NANOS + a.len - b.len);
    if (a.kind == CEL_DURATION && b.kind == CEL_DURATION)
        return duration_of(r, (wide)a.as.integer - b.as.integer);
    return cel_run_no_overload(r, "_-_", args, 2);
}
