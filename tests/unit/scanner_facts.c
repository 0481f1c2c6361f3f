/* scanner/facts.h */
#include "scanner/facts.h"

#include <string.h>

#include "base/json.h"
#include "tests/lib/cases.h"

static struct arena arena;
static struct facts facts;

static void set_up(void)
{
    arena_init(&arena);
    facts_init(&facts, &arena);
}

static void tear_down(void)
{
    arena_release(&arena);
}

TestSuite(facts, .init = set_up, .fini = tear_down);

static const struct value *json(const char *text)
{
    const struct value *v = NULL;
    struct err e = {0};

    cr_assert(json_read(slice_str(text), &arena, &v, &e), "%s: %s", text, e.text);
    return v;
}

Test(facts, copies_everything)
{
    char text[] = "image", path[] = "etc/shadow";
    struct fact f = {.source = text,
                     .type = text,
                     .address = text,
                     .subject = text,
                     .at = {text, path, 3, 9},
                     .attributes = json("{\"a\": 1}")};
    struct coverage c = {.subject = text, .path = path, .reason = path, .bytes = 4, .unread = 4};
    struct notice n = {.text = text, .at = {text, NULL, 0, 0}};
    struct subject s = {.name = text, .kind = text};

    facts_add(&facts, &f);
    facts_cover(&facts, &c);
    facts_note(&facts, &n);
    facts_subject(&facts, &s);
    memset(text, 'x', 5);
    memset(path, 'x', 3);
    cr_expect_str_eq(facts.facts[0].source, "image");
    cr_expect_str_eq(facts.facts[0].name, "image", "the name is the address when there is none");
    cr_expect_str_eq(facts.facts[0].at.path, "etc/shadow");
    cr_expect_eq(facts.facts[0].at.offset, 9);
    cr_expect_str_eq(facts.coverage[0].reason, "etc/shadow");
    cr_expect_eq(facts.coverage[0].unread, 4);
    cr_expect_null(facts.coverage[0].digest);
    cr_expect_str_eq(facts.notices[0].text, "image");
    cr_expect_null(facts.notices[0].at.path);
    cr_expect_str_eq(facts.subjects[0].kind, "image");
    cr_expect_null(facts.subjects[0].digest);
}

struct row {
    const char *subject, *source, *type, *address, *path;
    uint64_t offset;
};

/* In the order that must come out. */
static const struct row rows[] = {
    {"a", "image", "t", "x", NULL, 1},        {"a", "image", "t", "x", NULL, 2},
    {"a", "image", "t", "x", "p", 0},         {"a", "image", "t", "x", "q", 0},
    {"a", "image", "t", "y", NULL, 0},        {"a", "image", "u", "a", NULL, 0},
    {"a", "model", "a", "a", NULL, 0},        {"b", "image", "a", "a", NULL, 0},
    {"b", "image", "a", "\xc3\xa9", NULL, 0},
};

static void add_row(size_t i)
{
    const struct row *r = &rows[i];
    const struct fact f = {.source = r->source,
                           .type = r->type,
                           .address = r->address,
                           .subject = r->subject,
                           .at = {"in", r->path, (uint32_t)i, r->offset},
                           .attributes = json("{}")};

    facts_add(&facts, &f);
}

/* Whatever order they come in, one order comes out. */
Test(facts, sort_is_total)
{
    const size_t n = ARRAY_LEN(rows);

    for (size_t step = 1; step < n; step++) {
        facts_init(&facts, &arena);
        if (step % 3 == 0) /* would not visit all of them */
            continue;
        for (size_t i = 0; i < n; i++)
            add_row((i * step + 3) % n);
        facts_sort(&facts);
        for (size_t i = 0; i < n; i++)
            cr_expect_eq(facts.facts[i].at.line, i, "step %zu: place %zu holds row %u", step, i,
                         facts.facts[i].at.line);
    }
}

Test(facts, sort_keeps_the_order_of_equals)
{
    const struct coverage c = {.subject = "s", .input = "i", .offset = 0};
    const struct notice note = {.subject = "s", .text = "t"};

    for (uint64_t i = 0; i < 1000; i++) {
        struct coverage line = c;

        line.bytes = line.opaque = i;
        facts_cover(&facts, &line);
        facts_note(&facts, &note);
    }
    facts_sort(&facts);
    for (uint64_t i = 0; i < 1000; i++)
        cr_assert_eq(facts.coverage[i].bytes, i);
}

Test(facts, sorts_the_ledger_by_place)
{
    static const char *const paths[] = {"b", NULL, "a"};

    for (size_t i = 0; i < 3; i++)
        facts_cover(&facts, &(struct coverage){.subject = "s", .path = paths[i]});
    facts_subject(&facts, &(struct subject){.name = "z", .kind = "k"});
    facts_subject(&facts, &(struct subject){.name = "y", .kind = "k"});
    facts_sort(&facts);
    cr_expect_null(facts.coverage[0].path);
    cr_expect_str_eq(facts.coverage[1].path, "a");
    cr_expect_str_eq(facts.coverage[2].path, "b");
    cr_expect_str_eq(facts.subjects[0].name, "y");
}

/* ---- tags ---- */
struct tag_case {
    const char *what, *attributes, *want; /* JSON; "?" for unknown */
};

static const struct tag_case tag_cases[] = {
    {"none", "{}", "{}"},
    {"a map", "{\"tags\": {\"a\": \"1\"}}", "{\"a\": \"1\"}"},
    {"null", "{\"tags\": null}", "{}"},
    {"its own over the defaults",
     "{\"tags_all\": {\"a\": \"1\", \"b\": \"2\"}, \"tags\": {\"a\": \"3\"}}",
     "{\"a\": \"3\", \"b\": \"2\"}"},
    {"a list",
     "{\"Tags\": [{\"Key\": \"a\", \"Value\": \"1\"}, {\"Key\": \"b\", \"Value\": \"2\"}]}",
     "{\"a\": \"1\", \"b\": \"2\"}"},
    {"a list in lower case", "{\"tags\": [{\"key\": \"a\", \"value\": \"1\"}]}", "{\"a\": \"1\"}"},
    {"a tag set", "{\"TagSet\": [{\"Key\": \"a\", \"Value\": \"1\"}]}", "{\"a\": \"1\"}"},
    {"a map called Tags", "{\"Tags\": {\"a\": \"1\"}}", "{\"a\": \"1\"}"},
    {"numbers and bools", "{\"tags\": {\"a\": 1, \"b\": true, \"c\": 1.5}}",
     "{\"a\": \"1\", \"b\": \"true\", \"c\": \"1.5\"}"},
    {"what cannot be a tag", "{\"tags\": {\"a\": [1], \"b\": null}}", "{}"},
    {"a string is no set", "{\"tags\": \"a\"}", "{}"},
    {"an item without a value", "{\"Tags\": [{\"Key\": \"a\"}, 7, {\"Value\": \"1\"}]}", "{}"},
};

CASES(facts, reads_tags_in_every_form, tag_cases)
{
    const struct tag_case *c = &tag_cases[*case_index];
    struct fact f = {
        .source = "terraform", .type = "t", .address = "a", .at = {.offset = ERR_NO_OFFSET}};
    const struct value *got;

    f.attributes = json(c->attributes);
    got = value_get(facts_resource(&f, &arena), "tags");
    cr_expect(value_eq(got, json(c->want)), "%s", c->what);
}

Test(facts, unknown_tags_stay_unknown)
{
    const struct value *unknown = value_unknown(&arena, "known after apply", NULL, 0, NULL);
    struct value_builder b, inner;
    struct fact f = {
        .source = "terraform", .type = "t", .address = "a", .at = {.offset = ERR_NO_OFFSET}};
    const struct value *tags;

    value_map_begin(&b, &arena);
    value_map_add(&b, "tags", json("{\"a\": \"1\"}"));
    value_map_add(&b, "tags_all", unknown);
    f.attributes = value_map_end(&b, NULL);
    cr_expect(value_is(value_get(facts_resource(&f, &arena), "tags"), VALUE_UNKNOWN),
              "defaults of the provider may still come");
    value_map_begin(&inner, &arena);
    value_map_add(&inner, "a", unknown);
    value_map_add(&inner, "b", value_str(&arena, "2"));
    value_map_begin(&b, &arena);
    value_map_add(&b, "tags", value_map_end(&inner, NULL));
    f.attributes = value_map_end(&b, NULL);
    tags = value_get(facts_resource(&f, &arena), "tags");
    cr_expect(value_is(value_get(tags, "a"), VALUE_UNKNOWN));
    cr_expect_str_eq(value_cstr(value_get(tags, "b"), ""), "2",
                     "one unknown value leaves the others known");
}

Test(facts, resource_has_every_name)
{
    const struct fact f = {.source = "image",
                           .type = "image.file",
                           .address = "/bad\xff",
                           .name = "n",
                           .subject = "oci:x",
                           .at = {"oci:x", "layer 1", 0, ERR_NO_OFFSET},
                           .attributes = json("{\"k\": [1]}")};
    const struct value *r = facts_resource(&f, &arena);

    cr_expect_eq(value_len(r), 11);
    cr_expect_str_eq(value_cstr(value_get(r, "file"), ""), "oci:x");
    cr_expect_str_eq(value_cstr(value_get(r, "path"), ""), "layer 1");
    cr_expect_str_eq(value_cstr(value_get(r, "address"), ""), "/bad\xef\xbf\xbd",
                     "bad bytes do not reach the rules");
    cr_expect(value_is(value_get(r, "line"), VALUE_NULL));
    cr_expect(value_is(value_get(r, "offset"), VALUE_NULL));
    cr_expect_eq(value_int_or(value_path(r, "attributes.k.0"), 0), 1);
}

Test(facts, coverage_as_a_value)
{
    const struct coverage c = {.subject = "s",
                               .input = "i",
                               .format = "pickle",
                               .bytes = 10,
                               .parsed = 4,
                               .unread = 6,
                               .status = COVERAGE_PARTIAL,
                               .code = "limit",
                               .reason = "because",
                               .line = 2,
                               .offset = 5};
    const struct value *v = facts_coverage_value(&c, &arena);

    cr_expect_str_eq(value_cstr(value_get(v, "status"), ""), "partial");
    cr_expect_eq(value_int_or(value_get(v, "unread"), 0), 6);
    cr_expect_eq(value_int_or(value_get(v, "offset"), 0), 5);
    cr_expect_eq(value_int_or(value_get(v, "line"), 0), 2);
    cr_expect(value_is(value_get(v, "digest"), VALUE_NULL));
    cr_expect_str_eq(facts_coverage_status((enum coverage_status)99), "unreadable",
                     "never a good word for nonsense");
}
