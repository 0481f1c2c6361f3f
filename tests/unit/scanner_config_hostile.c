/* Documents that someone wrote to do harm: each ends with an error, a gap or an unknown, at the
 * cap and one past it. */
#include "tests/lib/cases.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "tests/lib/config_told.h"

/* A document that is made by a program: `make` appends it to the buffer. */
struct hostile_case {
    const char *what, *kind;
    void (*make)(struct buf *b);
    bool ok;
    enum err_code code; /* when not ok */
    const char *text;   /* part of the error, or of the first gap; "" for neither */
};

static void repeat(struct buf *b, const char *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_str(b, s);
}

static void nothing(struct buf *b)
{
    (void)b;
}

static void blanks(struct buf *b)
{
    buf_str(b, " \n\t\n");
}

static void bom(struct buf *b)
{
    buf_str(b, "\xef\xbb\xbf{\"Statement\": []}");
}

static void bad_utf8(struct buf *b)
{
    buf_str(b, "pipeline_type: \"\xc3\x28\"\n");
}

static void laughs(struct buf *b)
{
    buf_str(b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(b, "%s*a%d", k > 0 ? ", " : "", i - 1);
        buf_str(b, "]\n");
    }
}

static void same_key(struct buf *b)
{
    buf_str(b, "pipeline_type: a\npipeline_type: b\n");
}

static void deep_json(struct buf *b)
{
    buf_str(b, "{\"Resources\":");
    repeat(b, "[", LIMIT_JSON_DEPTH);
    repeat(b, "]", LIMIT_JSON_DEPTH);
    buf_str(b, "}");
}

static void deep_yaml(struct buf *b)
{
    buf_str(b, "pipeline_type: ");
    repeat(b, "[", LIMIT_YAML_DEPTH + 1);
    repeat(b, "]", LIMIT_YAML_DEPTH + 1);
}

/* As deep as may be: every walk must come back. */
static void deep_template(struct buf *b)
{
    buf_str(b, "{\"Resources\":{\"R\":{\"Type\":\"A::B::C\",\"Properties\":{\"V\":");
    repeat(b, "{\"Fn::Join\":[\"\",[", 160);
    buf_str(b, "\"x\"");
    repeat(b, "]]}", 160);
    buf_str(b, "}}}}");
}

static void deep_marks(struct buf *b)
{
    buf_str(b, "{\"format_version\":\"1.0\",\"resource_changes\":[{\"address\":\"a.b\",\"mode\":"
               "\"managed\",\"type\":\"a\",\"name\":\"b\",\"change\":{\"actions\":[\"create\"],"
               "\"after\":{},\"after_unknown\":{\"x\":");
    repeat(b, "[", 490);
    buf_str(b, "true");
    repeat(b, "]", 490);
    buf_str(b, "}}}]}");
}

static void chain_of_conditions(struct buf *b, unsigned n)
{
    buf_str(b, "{\"Conditions\":{");
    for (unsigned i = 0; i < n; i++)
        buf_printf(b, "\"C%u\":{\"Condition\":\"C%u\"},", i, i + 1);
    buf_printf(
        b, "\"C%u\":{\"Fn::Equals\":[\"a\",\"a\"]}},\"Resources\":{\"R\":{\"Type\":\"A::B::C\"}}}",
        n);
}

static void conditions_at_cap(struct buf *b)
{
    chain_of_conditions(b, LIMIT_JSON_DEPTH - 1);
}

static void conditions_past_cap(struct buf *b)
{
    chain_of_conditions(b, LIMIT_JSON_DEPTH);
}

static void many_conditions(struct buf *b)
{
    chain_of_conditions(b, 100000);
}

/* One megabyte, n times in one text. */
static void joined(struct buf *b, unsigned n)
{
    buf_str(b, "{\"Parameters\":{\"P\":{\"Type\":\"String\",\"Default\":\"");
    repeat(b, "0123456789abcdef", 65536);
    buf_str(
        b, "\"}},\"Resources\":{\"R\":{\"Type\":\"A::B::C\",\"Properties\":{\"V\":{\"Fn::Sub\":\"");
    repeat(b, "${P}", n);
    buf_str(b, "\"}}}}}");
}

static void joined_below_cap(struct buf *b)
{
    joined(b, 8);
}

static void joined_past_cap(struct buf *b)
{
    joined(b, 300);
}

/* Each level names the one below twice: two to the power of the depth, if every name were
 * resolved anew. */
static void doubling(struct buf *b)
{
    buf_str(b, "{\"Resources\":{\"R\":{\"Type\":\"A::B::C\",\"Properties\":{\"V\":");
    repeat(b, "{\"Fn::Sub\":[\"${a}${a}\",{\"a\":", 60);
    buf_str(b, "\"0123456789\"");
    repeat(b, "}]}", 60);
    buf_str(b, "}}}}");
}

static void nul_in_address(struct buf *b)
{
    buf_str(b, "{\"Resources\":{\"A\\u0000B\":{\"Type\":\"AWS::S3::Bucket\"}}}");
}

static void catalog_of(struct buf *b, unsigned n)
{
    buf_str(b, "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n");
    for (unsigned i = 0; i < n; i++) {
        buf_printf(b, "- {name: d%u, uri: 's3://b/%u/', class: public, categories: [c.x%u]", i, i,
                   i % LIMIT_CATALOG_LABELS);
        if (i > 0)
            buf_printf(b, ", lineage: [d%u]", i - 1);
        buf_str(b, "}\n");
    }
}

static void datasets_at_cap(struct buf *b)
{
    catalog_of(b, LIMIT_CATALOG_DATASETS);
}

static void datasets_past_cap(struct buf *b)
{
    catalog_of(b, LIMIT_CATALOG_DATASETS + 1);
}

static void labels(struct buf *b, unsigned n)
{
    buf_str(b, "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
               "- {name: d, uri: 's3://b/', class: public, categories: [");
    for (unsigned i = 0; i < n; i++)
        buf_printf(b, "%sc%u", i > 0 ? ", " : "", i);
    buf_str(b, "]}\n");
}

static void labels_at_cap(struct buf *b)
{
    labels(b, LIMIT_CATALOG_LABELS);
}

static void labels_past_cap(struct buf *b)
{
    labels(b, LIMIT_CATALOG_LABELS + 1);
}

static void long_name(struct buf *b)
{
    buf_str(b, "pipeline_type: t\nproject_name: ");
    repeat(b, "x", LIMIT_NAME_BYTES + 1);
}

static void longest_name(struct buf *b)
{
    buf_str(b, "pipeline_type: t\nproject_name: ");
    repeat(b, "x", LIMIT_NAME_BYTES);
}

static void own_parent(struct buf *b)
{
    buf_str(b, "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
               "- {name: a, uri: 's3://b/', class: public, lineage: [a]}\n");
}

static void plan_is_list(struct buf *b)
{
    buf_str(b, "[{\"format_version\":\"1.0\"}]");
}

static void errored_plan(struct buf *b)
{
    buf_str(b, "{\"format_version\":\"1.2\",\"errored\":true,\"resource_changes\":[]}");
}

static void whole_unknown(struct buf *b)
{
    buf_str(b, "{\"format_version\":\"1.2\",\"resource_changes\":[{\"address\":\"a.b\",\"mode\":"
               "\"managed\",\"type\":\"a\",\"name\":\"b\",\"change\":{\"actions\":[\"create\"],"
               "\"after\":{},\"after_unknown\":true}}]}");
}

static const struct hostile_case hostile_cases[] = {
    {"empty", "pipeline", nothing, false, ERR_FORMAT, "the file is empty"},
    {"blanks", NULL, blanks, false, ERR_FORMAT, ""},
    {"byte order mark", "iam", bom, false, ERR_FORMAT, "byte order mark"},
    {"bad UTF-8", "pipeline", bad_utf8, false, ERR_FORMAT, ""},
    {"billion laughs", "pipeline", laughs, false, ERR_LIMIT, "LIMIT_YAML_NODES"},
    {"the same key twice", "pipeline", same_key, false, ERR_FORMAT, "duplicate key"},
    {"deep JSON", "cloudformation", deep_json, false, ERR_LIMIT, "LIMIT_JSON_DEPTH"},
    {"deep YAML", "pipeline", deep_yaml, false, ERR_LIMIT, "LIMIT_YAML_DEPTH"},
    {"deep template", "cloudformation", deep_template, true, ERR_NONE, ""},
    {"deep marks", "terraform", deep_marks, true, ERR_NONE, ""},
    {"conditions at the cap", "cloudformation", conditions_at_cap, true, ERR_NONE, ""},
    {"conditions past the cap", "cloudformation", conditions_past_cap, true, ERR_NONE,
     "deeper than LIMIT_JSON_DEPTH"},
    {"a hundred thousand conditions", "cloudformation", many_conditions, true, ERR_NONE,
     "deeper than LIMIT_JSON_DEPTH"},
    {"substitution below the cap", "cloudformation", joined_below_cap, true, ERR_NONE, ""},
    {"substitution past the cap", "cloudformation", joined_past_cap, true, ERR_NONE,
     "LIMIT_CONFIG_BUILT_BYTES"},
    {"doubling", "cloudformation", doubling, true, ERR_NONE, "LIMIT_CONFIG_BUILT_BYTES"},
    {"NUL in an address", "cloudformation", nul_in_address, false, ERR_FORMAT, "NUL"},
    {"datasets at the cap", "catalog", datasets_at_cap, true, ERR_NONE, ""},
    {"datasets past the cap", "catalog", datasets_past_cap, false, ERR_LIMIT,
     "LIMIT_CATALOG_DATASETS"},
    {"labels at the cap", "catalog", labels_at_cap, true, ERR_NONE, ""},
    {"labels past the cap", "catalog", labels_past_cap, false, ERR_LIMIT, "LIMIT_CATALOG_LABELS"},
    {"longest name", "pipeline", longest_name, true, ERR_NONE, ""},
    {"name past the cap", "pipeline", long_name, false, ERR_LIMIT, "LIMIT_NAME_BYTES"},
    {"a dataset made from itself", "catalog", own_parent, false, ERR_FORMAT, "its own lineage"},
    {"a plan that is a list", "terraform", plan_is_list, false, ERR_FORMAT, "must be a map"},
    {"a plan that failed", "terraform", errored_plan, true, ERR_NONE, "planning failed"},
    {"a resource that is unknown", "terraform", whole_unknown, true, ERR_NONE, "as a whole"},
    {"no kind we know", NULL, deep_yaml, false, ERR_LIMIT, ""},
};

CASES(scanner_config_hostile, ends_in_an_error_or_a_gap, hostile_cases)
{
    const struct hostile_case *c = &hostile_cases[*case_index];
    struct config_text t = {.kind = c->kind};
    struct arena a;
    struct facts f;
    struct buf b;
    struct err e = {0};

    arena_init(&a);
    facts_init(&f, &a);
    buf_init(&b, LIMIT_CONFIG_BYTES);
    c->make(&b);
    t.bytes = buf_slice(&b);
    cr_expect_eq(config_told(&t, "input", &f, &e), c->ok, "%s: %s", c->what, e.text);
    cr_expect_eq(e.code, c->code, "%s: %d %s", c->what, e.code, e.text);
    cr_assert_eq(f.ncoverage, 1, "%s", c->what);
    cr_expect_eq(f.coverage[0].parsed + f.coverage[0].unread, b.len, "%s", c->what);
    if (c->text[0] != '\0') {
        cr_assert_not_null(f.coverage[0].reason, "%s", c->what);
        cr_expect_not_null(strstr(f.coverage[0].reason, c->text), "%s: %s", c->what,
                           f.coverage[0].reason);
    } else if (c->ok) {
        cr_expect_eq(f.coverage[0].status, COVERAGE_READ, "%s: %s", c->what,
                     f.coverage[0].reason != NULL ? f.coverage[0].reason : "");
    }
    buf_release(&b);
    arena_release(&a);
}

/* A secret of a plan must not be in any fact, notice or error. */
Test(scanner_config_hostile, sensitive_values_are_told_nowhere)
{
    static const char plan[] =
        "{\"format_version\":\"1.2\",\"variables\":{\"p\":{\"value\":\"hunter2\"}},"
        "\"resource_changes\":[{\"address\":\"a.b\",\"mode\":\"managed\",\"type\":\"a\",\"name\":"
        "\"b\","
        "\"change\":{\"actions\":[\"update\"],\"before\":{\"x\":\"hunter2\"},\"after\":{\"x\":"
        "\"hunter2\","
        "\"y\":[\"hunter2\"],\"z\":{\"w\":\"hunter2\"}},\"after_unknown\":{},"
        "\"after_sensitive\":{\"x\":true,\"y\":[true],\"z\":{\"w\":true}}}}]}";
    struct config_text t = {.bytes = SLICE_LIT(plan), .kind = "terraform"};
    struct arena a;
    struct facts f;
    struct err e = {0};

    arena_init(&a);
    facts_init(&f, &a);
    cr_assert(config_told(&t, "input", &f, &e), "%s", e.text);
    cr_assert_gt(f.nfacts, 0);
    for (size_t i = 0; i < f.nfacts; i++) {
        const char *paths[] = {"x", "y.0", "z.w"};

        for (size_t k = 0; strcmp(f.facts[i].type, "a") == 0 && k < ARRAY_LEN(paths); k++)
            cr_expect(value_is(value_path(f.facts[i].attributes, paths[k]), VALUE_UNKNOWN), "%s",
                      paths[k]);
        if (strcmp(f.facts[i].type, "terraform.plan") == 0)
            cr_expect(slice_is(value_text(value_path(f.facts[i].attributes, "variables.0")), "p"));
    }
    arena_release(&a);
}

/* Remarks are counted, not kept, past the cap. */
Test(scanner_config_hostile, remarks_have_a_cap)
{
    struct config_text t = {.kind = "pipeline"};
    struct arena a;
    struct facts f;
    struct buf b;
    struct err e = {0};
    bool counted = false;

    arena_init(&a);
    facts_init(&f, &a);
    buf_init(&b, 1u << 20);
    buf_str(&b, "pipeline_type: t\n");
    for (int i = 0; i < LIMIT_DIAGNOSTICS + 500; i++)
        buf_printf(&b, "unknown%d: x\n", i);
    t.bytes = buf_slice(&b);
    cr_assert(config_told(&t, "input", &f, &e), "%s", e.text);
    cr_expect_eq(f.nnotices, LIMIT_DIAGNOSTICS + 1);
    for (size_t i = 0; i < f.nnotices; i++)
        counted = counted || strcmp(f.notices[i].text, "500 more remarks are not shown") == 0;
    cr_expect(counted);
    buf_release(&b);
    arena_release(&a);
}
