/* base/when.h */
#include "base/when.h"

#include <time.h>

#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct when_case {
    const char *text;
    bool ok, day; /* by when_parse; by when_parse_day */
    int64_t want;
};

static const struct when_case when_cases[] = {
    {"1970-01-01T00:00:00Z", true, true, 0},
    {"2026-11-23T04:41:49Z", true, true, 1795408909},
    {"2026-11-23t04:41:49z", true, true, 1795408909},
    {"2026-11-23 04:41:49Z", true, true, 1795408909},
    {"2026-11-23T04:41:49.999999999Z", true, true, 1795408909},
    {"2026-11-23T06:41:49+02:00", true, true, 1795408909},
    {"2026-11-22T23:11:49-05:30", true, true, 1795408909},
    {"2000-02-29T00:00:00Z", true, true, 951782400},
    {"9999-12-31T23:59:59Z", true, true, 253402300799},
    {"2016-12-31T23:59:60Z", true, true, 1483228800},
    {"2017-01-01T01:59:60+02:00", true, true, 1483228800},
    {"1969-12-31T23:30:00-01:00", false, false, 0},
    {"2026-11-23", false, true, 1795392000},
    {"2024-02-29", false, true, 1709164800},
    {"2023-02-29", false, false, 0},
    {"2100-02-29", false, false, 0},
    {"2026-04-31", false, false, 0},
    {"2026-00-01", false, false, 0},
    {"2026-13-01", false, false, 0},
    {"2026-01-00", false, false, 0},
    {"1969-12-31", false, false, 0},
    {"2026-1-1", false, false, 0},
    {"2026-11-23T", false, false, 0},
    {"2026-11-23T04:41:49", false, false, 0},
    {"2026-11-23T04:41Z", false, false, 0},
    {"2026-11-23T24:00:00Z", false, false, 0},
    {"2026-11-23T23:60:00Z", false, false, 0},
    {"2026-11-23T23:58:60Z", false, false, 0},
    {"2026-11-23T23:59:61Z", false, false, 0},
    {"2026-11-23T04:41:49.Z", false, false, 0},
    {"2026-11-23T04:41:49,5Z", false, false, 0},
    {"2026-11-23T04:41:49+0200", false, false, 0},
    {"2026-11-23T04:41:49+24:00", false, false, 0},
    {"2026-11-23T04:41:49+02:60", false, false, 0},
    {"2026-11-23T04:41:49Z ", false, false, 0},
    {" 2026-11-23", false, false, 0},
    {"+026-11-23", false, false, 0},
    {"1970-01-01T00:00:00+00:01", false, false, 0},
    {"9999-12-31T23:59:59-00:01", false, false, 0},
    {"", false, false, 0},
};
/* TEST-OF: RFC 3339 */
CASES(when, parses, when_cases)
{
    const struct when_case *c = &when_cases[*case_index];
    const struct slice s = exact_str(c->text);
    struct err e = {0};
    int64_t t = -77;

    cr_expect_eq(when_parse(s, &t, &e), c->ok, "'%s'", c->text);
    cr_expect_eq(t, c->ok ? c->want : -77, "'%s': %jd", c->text, (intmax_t)t);
    cr_expect_eq(e.code, c->ok ? ERR_NONE : ERR_FORMAT, "'%s'", c->text);
    err_clear(&e);
    t = -77;
    cr_expect_eq(when_parse_day(s, &t, &e), c->day, "'%s'", c->text);
    cr_expect_eq(t, c->day ? c->want : -77, "'%s': %jd", c->text, (intmax_t)t);
    cr_expect_eq(e.text[0] == '\0', c->day, "'%s'", c->text);
    exact_free(s);
}

Test(when, errors_quote_what_was_found)
{
    struct err e = {0};
    int64_t t;

    cr_expect_not(when_parse(SLICE_LIT("yesterday"), &t, &e));
    cr_expect_str_eq(e.text, "'yesterday' is not a time of the form 2026-11-23T04:41:49Z");
}

/* Every day of the range, against the C library. */
Test(when, text_reads_back_for_every_day)
{
    for (int64_t t = 0; t <= INT64_C(253402300799); t += 86400 + 3599) {
        const time_t c = (time_t)t;
        char text[WHEN_TEXT_MAX], want[WHEN_TEXT_MAX];
        struct err e = {0};
        struct tm tm;
        int64_t back;

        when_text(t, text);
        strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&c, &tm));
        cr_assert_str_eq(text, want);
        cr_assert(when_parse(slice_str(text), &back, &e) && back == t, "%s", text);
    }
}

Test(when, text_stays_in_range)
{
    char text[WHEN_TEXT_MAX];

    when_text(INT64_MIN, text);
    cr_expect_str_eq(text, "1970-01-01T00:00:00Z");
    when_text(INT64_MAX, text);
    cr_expect_str_eq(text, "9999-12-31T23:59:59Z");
}
