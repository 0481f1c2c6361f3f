/* scanner/sink.h */
#include "scanner/sink.h"

#include <string.h>

#include "tests/lib/cases.h"

static struct arena arena;
static struct facts facts;
static struct sink sink;

static void set_up(void)
{
    arena_init(&arena);
    facts_init(&facts, &arena);
    sink_to_facts(&sink, &facts);
    sink.subject_name = "the subject";
    sink.input_name = "the input";
}

static void tear_down(void)
{
    arena_release(&arena);
}

TestSuite(sink, .init = set_up, .fini = tear_down);

Test(sink, notes_where_it_stands)
{
    sink_note(&sink, 4, 12, "a/b", "key %s of %d", "x", 7);
    cr_assert_eq(facts.nnotices, 1);
    cr_expect_str_eq(facts.notices[0].text, "key x of 7");
    cr_expect_str_eq(facts.notices[0].subject, "the subject");
    cr_expect_str_eq(facts.notices[0].at.input, "the input");
    cr_expect_eq(facts.notices[0].at.line, 4);
}

Test(sink, cuts_long_notes)
{
    char text[5000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    sink_note(&sink, 0, ERR_NO_OFFSET, NULL, "%s", text);
    cr_expect_eq(strlen(facts.notices[0].text), 1023);
}

struct gap_case {
    const char *what;
    struct coverage c;
    uint64_t unread;
    enum coverage_status status;
};

static const struct gap_case gap_cases[] = {
    {"nothing known", {.bytes = 10}, 10, COVERAGE_UNREADABLE},
    {"some read", {.bytes = 10, .parsed = 4, .unread = 6}, 6, COVERAGE_PARTIAL},
    {"nothing read", {.bytes = 10, .unread = 10}, 10, COVERAGE_UNREADABLE},
    {"no length", {.bytes = 0}, 0, COVERAGE_UNREADABLE},
    {"called read before", {.bytes = 3, .opaque = 3, .status = COVERAGE_READ}, 0, COVERAGE_PARTIAL},
};

CASES(sink, tells_gaps, gap_cases)
{
    const struct gap_case *g = &gap_cases[*case_index];
    struct err e = {0};

    err_set(&e, ERR_LIMIT, 5, "too much");
    sink_gap(&sink, &g->c, &e);
    cr_assert_eq(facts.ncoverage, 1);
    cr_expect_eq(facts.coverage[0].unread, g->unread, "%s", g->what);
    cr_expect_eq(facts.coverage[0].status, g->status, "%s", g->what);
    cr_expect_str_eq(facts.coverage[0].code, "limit");
    cr_expect_str_eq(facts.coverage[0].reason, "too much");
    cr_expect_eq(facts.coverage[0].offset, 5);
    cr_expect_str_eq(facts.coverage[0].subject, "the subject");
    cr_expect_str_eq(facts.coverage[0].input, "the input");
}

Test(sink, swallows_after_its_first_failure)
{
    const struct fact f = {.source = "s", .type = "t", .address = "a", .attributes = NULL};
    const struct coverage c = {.bytes = 0};
    const struct subject s = {.name = "n"};
    struct err e = {0};

    cr_expect(sink_ok(&sink));
    sink.failed = true;
    sink_fact(&sink, &f);
    sink_cover(&sink, &c);
    sink_note(&sink, 0, 0, NULL, "x");
    sink_subject(&sink, &s);
    sink_gap(&sink, &c, &e);
    cr_expect(!sink_ok(&sink));
    cr_expect_eq(facts.nfacts + facts.ncoverage + facts.nnotices + facts.nsubjects, 0);
}
