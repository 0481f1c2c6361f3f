/* What the inline tests of fixtures/rules/good/host.yaml cannot ask: other
 * subjects, and how much it costs. */
#include "policies/host_index.h"
#include "tests/lib/cases.h"
#include "tests/unit/policies_support.h"

struct resolution {
    const char *what, *ref, *from, *want, *attribute; /* want NULL: nothing; "many": several */
};

static const struct resolution resolutions[] = {
    {"the resource", "box.a", "box.x", "box.a", ""},
    {"its attribute", "box.a.id", "box.x", "box.a", "id"},
    {"deeper", "box.a.list[0].name", "box.x", "box.a", "list[0].name"},
    {"an instance", "box.many[1].id", "box.x", "box.many[1]", "id"},
    {"an instance by key", "box.key[\"a.b\"].id", "box.x", "box.key[\"a.b\"]", "id"},
    {"an instance that is not there", "box.many[7].id", "box.x", "many", "[7].id"},
    {"all instances", "box.many", "box.x", "many", ""},
    {"the same instance", "box.many.id", "box.x[1]", "box.many[1]", "id"},
    {"no such instance", "box.many.id", "box.x[7]", "many", "id"},
    {"the only instance", "box.one.id", "box.x", "box.one[0]", "id"},
    {"a module", "module.m.box.a.id", "box.x", "module.m.box.a", "id"},
    {"a name that only begins alike", "box.ab.id", "box.x", NULL, ""},
    {"a variable", "var.a", "box.x", NULL, ""},
    {"of another document", "box.theirs.id", "box.x", NULL, ""},
    {"nothing", "", "box.x", NULL, ""},
    {"a bracket alone", "]", "box.x", NULL, ""},
    {"dots alone", "...", "box.x", NULL, ""},
};

CASES(policies_host, resolves, resolutions)
{
    static const char *const addresses[] = {"box.a",          "box.many[0]", "box.many[1]",
                                            "box.many-x",     "box.one[0]",  "box.key[\"a.b\"]",
                                            "module.m.box.a", "box.x",       "box.x[1]",
                                            "box.x[7]"};
    const struct resolution *c = &resolutions[*case_index];
    const struct fact *from;
    struct host_target t;
    struct host_index *ix;
    struct facts facts;
    struct fact like = {.source = "terraform", .type = "box", .subject = "s"};
    struct arena a;
    void *block;

    arena_init(&a);
    facts_init(&facts, &a);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        support_fact(&facts, "s", addresses[i], support_map(&a, NULL, NULL));
    support_fact(&facts, "t", "box.theirs", support_map(&a, NULL, NULL));
    ix = host_index_new(&facts, &a);
    like.address = c->from;
    from = host_index_refs_find_typed(ix, &like);
    cr_assert_not_null(from, "%s", c->what);
    t = host_index_refs_resolve(ix, from, support_copy(c->ref, &block));
    if (c->want == NULL)
        cr_expect_eq(t.n, 0, "%s: got %s", c->what, t.n > 0 ? t.facts[0]->address : "");
    else if (strcmp(c->want, "many") == 0)
        cr_expect(t.n > 1 && t.one == NULL, "%s: %zu", c->what, t.n);
    else
        cr_expect(t.one != NULL && strcmp(t.one->address, c->want) == 0, "%s: got %s", c->what,
                  t.one == NULL ? "none" : t.one->address);
    cr_expect(slice_is(t.attribute, c->attribute), "%s: attribute '%.*s'", c->what,
              (int)t.attribute.len, (const char *)t.attribute.data);
    free(block);
    arena_release(&a);
}

Test(policies_host, groups_by_type)
{
    static const struct {
        const char *type;
        size_t n;
    } rows[] = {{"a", 1}, {"b", 2}, {"b*", 3}, {"*", 4}, {"c", 0}, {"", 0}, {"bb*", 1}, {"0*", 0}};
    struct fact f = {.subject = "s", .address = "x"};
    const struct host_index *ix;
    struct facts facts;
    struct arena a;
    size_t n;

    arena_init(&a);
    facts_init(&facts, &a);
    f.attributes = support_map(&a, NULL, NULL);
    for (size_t i = 0; i < 4; i++) {
        f.type = (const char *[]){"b", "bb", "a", "b"}[i];
        f.source = (const char *[]){"x", "x", "x", "y"}[i];
        facts_add(&facts, &f);
    }
    ix = host_index_new(&facts, &a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        host_index_groups(ix, slice_str(rows[i].type), &n);
        cr_expect_eq(n, rows[i].n, "%s: %zu groups", rows[i].type, n);
    }
    facts_init(&facts, &a);
    host_index_groups(host_index_new(&facts, &a), SLICE_LIT("*"), &n);
    cr_expect_eq(n, 0, "no facts");
    arena_release(&a);
}

/* A name means something in its own document; an ARN everywhere. */
Test(policies_host, relates_across_documents_by_arn_only)
{
    struct host_query q = {.type = SLICE_LIT("box"), .path = SLICE_LIT("of")};
    struct host_index *ix;
    struct facts facts;
    struct value_builder b;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    facts_init(&facts, &a);
    value_map_begin(&b, &a);
    value_map_add(&b, "name", value_str(&a, "n"));
    value_map_add(&b, "arn", value_str(&a, "arn:aws:s3:::n"));
    support_fact(&facts, "s", "target", value_map_end(&b, NULL));
    support_fact(&facts, "s", "here", support_map(&a, "of", value_str(&a, "n")));
    support_fact(&facts, "t", "there", support_map(&a, "of", value_str(&a, "n")));
    support_fact(&facts, "t", "by-arn", support_map(&a, "of", value_str(&a, "arn:aws:s3:::n")));
    ix = host_index_new(&facts, &a);
    q.to = &facts.facts[0];
    q.arena = &a;
    cr_expect_eq(value_len(host_index_related(ix, &q, &e)), 2);
    cr_expect_str_eq(value_cstr(value_path(host_index_related(ix, &q, &e), "0.address"), ""),
                     "here");
    cr_expect_str_eq(value_cstr(value_path(host_index_related(ix, &q, &e), "1.address"), ""),
                     "by-arn");
    q.path = SLICE_LIT("a..b");
    cr_expect_null(host_index_related(ix, &q, &e));
    cr_expect_str_eq(e.text, "an empty name");
    arena_release(&a);
}

/* What tells of a path, in the own subject; kept, and quick: rules ask it of each file. */
Test(policies_host, finds_what_tells_of_a_path, .timeout = 60)
{
    enum { MANY = 100000 };
    struct fact like = {.subject = "s"};
    const struct value *two, *all;
    struct host_index *ix;
    struct facts facts;
    struct arena a;

    arena_init(&a);
    facts_init(&facts, &a);
    support_fact(&facts, "s", "first", support_map(&a, "path", value_str(&a, "m.pkl")));
    support_fact(&facts, "t", "theirs", support_map(&a, "path", value_str(&a, "m.pkl")));
    support_fact(&facts, "s", "second", support_map(&a, "path", value_str(&a, "m.pkl")));
    support_fact(&facts, "s", "none", support_map(&a, NULL, NULL));
    support_fact(&facts, "s", "number", support_map(&a, "path", value_int(&a, 1, NULL)));
    for (int i = 0; i < MANY; i++)
        support_fact(&facts, "s", "f",
                     support_map(&a, "path", value_str(&a, arena_printf(&a, "f%d", i))));
    ix = host_index_new(&facts, &a);
    two = host_index_paths_list(ix, &like, SLICE_LIT("box"), SLICE_LIT("m.pkl"));
    cr_assert_eq(value_len(two), 2);
    cr_expect_str_eq(value_cstr(value_path(two, "0.address"), ""), "first");
    cr_expect_str_eq(value_cstr(value_path(two, "1.address"), ""), "second");
    cr_expect_eq(host_index_paths_list(ix, &like, SLICE_LIT("box"), SLICE_LIT("m.pkl")), two);
    cr_expect_eq(value_len(host_index_paths_list(ix, &like, SLICE_LIT("box"), SLICE_LIT("m"))), 0);
    cr_expect_eq(value_len(host_index_paths_list(ix, &like, SLICE_LIT("bo"), SLICE_LIT("m.pkl"))),
                 0);
    all = host_index_paths_below(
        ix, &(struct host_below){&like, SLICE_LIT("box"), SLICE_LIT("f9999"), &a});
    cr_expect_eq(value_len(all), 11, "f9999 and f99990 to f99999");
    all = host_index_paths_below(
        ix, &(struct host_below){&like, SLICE_LIT("box"), (struct slice){0}, &a});
    cr_expect_eq(value_len(all), MANY + 2, "all of the subject");
    for (int i = 0; i < MANY; i++) {
        all = host_index_paths_list(ix, &like, SLICE_LIT("box"),
                                    slice_str(arena_printf(&a, "f%d", i)));
        cr_assert_eq(value_len(all), 1, "%d", i);
    }
    arena_release(&a);
}
