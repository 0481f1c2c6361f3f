/* What reading a document keeps: its tree and an index, nothing of what was made to tell of each
 * resource. */
#include "base/buf.h"
#include "base/json.h"
#include "scanner/config/config.h"
#include "tests/lib/cases.h"

#define ROLES 500

/* Roles with a trust and an inline policy each, of which nothing but the ARN is unknown. */
static void plan(struct buf *out)
{
    buf_str(out, "{\"format_version\": \"1.2\", \"resource_changes\": [");
    for (size_t i = 0; i < ROLES; i++)
        buf_printf(out,
                   "%s{\"address\": \"aws_iam_role.r%zu\", \"mode\": \"managed\", \"type\": "
                   "\"aws_iam_role\", \"name\": \"r%zu\", \"change\": {\"actions\": [\"create\"], "
                   "\"after_unknown\": {\"arn\": true, \"id\": true}, \"after\": {\"name\": "
                   "\"r%zu\", \"assume_role_policy\": \"{\\\"Statement\\\": {\\\"Effect\\\": "
                   "\\\"Allow\\\", \\\"Action\\\": \\\"sts:AssumeRole\\\", \\\"Principal\\\": "
                   "{\\\"Service\\\": \\\"lambda.amazonaws.com\\\"}}}\"}}}",
                   i == 0 ? "" : ",", i, i, i);
    buf_str(out, "]}");
}

#define TRUST                                                                                      \
    "\"AssumeRolePolicyDocument\": {\"Statement\": {\"Effect\": \"Allow\", \"Action\": "           \
    "\"sts:AssumeRole\", \"Principal\": {\"Service\": \"lambda.amazonaws.com\"}}}"

static void template(struct buf *out)
{
    buf_str(out, "{\"Resources\": {");
    for (size_t i = 0; i < ROLES; i++)
        buf_printf(out,
                   "%s\"R%zu\": {\"Type\": \"AWS::IAM::Role\", \"Properties\": {\"RoleName\": "
                   "\"r%zu\", " TRUST "}}",
                   i == 0 ? "" : ",", i, i);
    buf_str(out, "}}");
}

static void snapshot(struct buf *out)
{
    buf_str(out, "{\"UserDetailList\": [], \"GroupDetailList\": [], \"RoleDetailList\": [");
    for (size_t i = 0; i < ROLES; i++)
        buf_printf(out,
                   "%s{\"RoleName\": \"r%zu\", \"Path\": \"/\", \"Arn\": "
                   "\"arn:aws:iam::123456789012:role/r%zu\", " TRUST "}",
                   i == 0 ? "" : ",", i, i);
    buf_str(out, "]}");
}

static const struct kept_case {
    const char *what, *kind;
    void (*write)(struct buf *out);
} kept[] = {
    {"a plan", "terraform", plan},
    {"a template", "cloudformation", template},
    {"a snapshot", "account", snapshot},
};

static void count(void *ctx, const struct fact *f)
{
    (void)f;
    ++*(size_t *)ctx;
}

static void pass_note(void *ctx, const struct notice *n)
{
    (void)ctx;
    (void)n;
}

static void pass_line(void *ctx, const struct coverage *c)
{
    (void)ctx;
    cr_expect_eq(c->status, COVERAGE_READ);
}

CASES(scanner_config, keeps_nothing_of_a_resource_that_is_told, kept)
{
    const struct kept_case *c = &kept[*case_index];
    size_t told = 0;
    struct sink sink = {.subject_name = "s", .input_name = "s", .ctx = &told};
    struct arena tree, scan;
    struct buf text;
    struct config_text t = {.kind = c->kind};
    const struct value *root;
    struct err e = {0};

    sink.fact = count;
    sink.note = pass_note;
    sink.cover = pass_line;
    buf_init(&text, 4u << 20);
    c->write(&text);
    cr_assert(buf_finish(&text, &e), "%s", e.text);
    arena_init(&tree);
    arena_init(&scan);
    t.bytes = buf_slice(&text);
    cr_assert(json_read(t.bytes, &tree, &root, &e), "%s", e.text);
    cr_assert(config_scan(&t, &scan, &sink, &e), "%s", e.text);
    cr_expect_geq(told, (size_t)ROLES * 2);
    cr_expect(scan.used <= tree.used + (size_t)ROLES * 600, "%s: %zu bytes, of which the tree %zu",
              c->what, scan.used, tree.used);
    arena_release(&scan);
    arena_release(&tree);
    buf_release(&text);
}
