/* Points in time. SPEC: RFC 3339 */
#include "base/when.h"

#include <stdio.h>

#include "base/checked.h"

#define DAY 86400
#define LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Days since 1970-01-01 of the Gregorian calendar; the year begins in March, so that the leap day
 * is its last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month > 2 ? year : year - 1;
    const int64_t m = month > 2 ? month - 3 : month + 9;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && leap(year));
}

/* `n` digits at `at`, then the byte `end` (0: none). */
static bool field(struct slice s, size_t *at, size_t n, char end, int64_t *out)
{
    const size_t whole = n + (end != '\0');
    uint64_t v;

    if (s.len - *at < whole || !checked_u64((struct slice){s.data + *at, n}, 9999, &v))
        return false;
    if (end != '\0' && s.data[*at + n] != (uint8_t)end)
        return false;
    *at += whole;
    *out = (int64_t)v;
    return true;
}

static bool read_day(struct slice s, size_t *at, int64_t *days)
{
    int64_t year, month, day;

    if (!field(s, at, 4, '-', &year) || !field(s, at, 2, '-', &month) || !field(s, at, 2, 0, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* Z, or +hh:mm: seconds to take away. */
static bool read_offset(struct slice s, size_t *at, int64_t *seconds)
{
    const uint8_t sign = *at < s.len ? s.data[*at] : 0;
    int64_t hours, minutes;

    *at += 1;
    *seconds = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (sign != '+' && sign != '-')
        return false;
    if (!field(s, at, 2, ':', &hours) || !field(s, at, 2, 0, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

static bool read_time(struct slice s, size_t *at, int64_t *seconds)
{
    int64_t hour, minute, second, offset, minute_of_day;

    if (!field(s, at, 2, ':', &hour) || !field(s, at, 2, ':', &minute) ||
        !field(s, at, 2, 0, &second))
        return false;
    if (*at < s.len && s.data[*at] == '.') {
        const size_t from = ++*at;

        while (*at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9')
            ++*at;
        if (*at == from)
            return false;
    }
    if (!read_offset(s, at, &offset) || hour > 23 || minute > 59 || second > 60)
        return false;
    /* SPEC: RFC 3339 section 5.7: second 60 is a leap second, the last of a UTC day */
    minute_of_day = ((hour * 60 + minute - offset / 60) % 1440 + 1440) % 1440;
    if (second == 60 && minute_of_day != 1439)
        return false;
    *seconds = hour * 3600 + minute * 60 + second - offset;
    return true;
}

static bool refuse(struct slice text, const char *form, struct err *e)
{
    const int shown = text.len < 40 ? (int)text.len : 40;

    return err_fail(e, ERR_FORMAT, "'%.*s' is not a time of the form %s", shown,
                    text.len > 0 ? (const char *)text.data : "", form);
}

static bool parse(struct slice s, int64_t *out)
{
    int64_t days, seconds, t;
    size_t at = 0;

    if (!read_day(s, &at, &days) || at == s.len)
        return false;
    if (s.data[at] != 'T' && s.data[at] != 't' && s.data[at] != ' ')
        return false;
    at++;
    if (!read_time(s, &at, &seconds) || at != s.len)
        return false;
    t = days * DAY + seconds;
    if (t < 0 || t > LAST)
        return false;
    *out = t;
    return true;
}

bool when_parse(struct slice text, int64_t *out, struct err *e)
{
    return parse(text, out) || refuse(text, "2026-11-23T04:41:49Z", e);
}

bool when_parse_day(struct slice text, int64_t *out, struct err *e)
{
    int64_t days;
    size_t at = 0;

    if (parse(text, out))
        return true;
    if (!read_day(text, &at, &days) || at != text.len)
        return refuse(text, "2026-11-23 or 2026-11-23T04:41:49Z", e);
    *out = days * DAY;
    return true;
}

void when_text(int64_t t, char out[WHEN_TEXT_MAX])
{
    int64_t days, year, month = 1;
    int seconds;

    t = t < 0 ? 0 : t > LAST ? LAST : t; /* what when_parse can read */
    days = t / DAY;
    seconds = (int)(t % DAY);
    year = 1970 + days / 366; /* at most a few years early */
    while (days_of(year + 1, 1, 1) <= days)
        year++;
    days -= days_of(year, 1, 1);
    while (days >= month_days(year, month))
        days -= month_days(year, month++);
    snprintf(out, WHEN_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
             (int)days + 1, seconds / 3600, seconds / 60 % 60, seconds % 60);
}
