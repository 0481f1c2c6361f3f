/* What a template has still to fill in is not known; keys of requests are left alone. */
#include "policies/iam/document/iam_template.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"
#include "tests/lib/iam_text.h"

static const struct text_case {
    const char *what, *text;
    bool templated;
} texts[] = {
    {"nothing", "", false},
    {"plain text", "arn:aws:s3:::b/*", false},
    {"a key", "arn:aws:s3:::home/${aws:username}/*", false},
    {"a key of a tag, with a default", "${aws:PrincipalTag/team, 'none'}", false},
    {"characters", "${*}${?}${$}", false},
    {"never closed", "arn:aws:s3:::${aws_s3_bucket", false},
    {"a reference of Terraform", "${aws_sqs_queue.q.arn}", true},
    {"within an ARN", "arn:aws:iam::${var.account}:role/r", true},
    {"a pseudo parameter of CloudFormation", "arn:aws:iam::${AWS::AccountId}:root", true},
    {"behind a key", "arn:aws:s3:::${aws:username}/${var.x}", true},
};

CASES(policies_iam_template, knows_what_a_template_fills_in, texts)
{
    const struct text_case *c = &texts[*case_index];
    const struct slice text = exact_str(c->text);

    cr_expect_eq(iam_template_in(text), c->templated, "%s", c->what);
    exact_free(text);
}

Test(policies_iam_template, forgets_it_and_nothing_else)
{
    struct arena a;
    struct iam_doc d, out;
    const struct iam_statement *s;

    arena_init(&a);
    d = iam_text_doc("{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": "
                     "[\"arn:aws:iam::${var.a}:role/r\", \"111122223333\"]}, \"Action\": "
                     "[\"s3:Get*\", \"${var.action}\"], \"Resource\": \"*\", \"Condition\": "
                     "{\"IpAddress\": {\"aws:SourceIp\": [\"${var.cidr}\", \"192.0.2.0/24\"]}}}, "
                     "{\"Effect\": \"Deny\", \"Principal\": {\"AWS\": \"${var.who}\"}, "
                     "\"Action\": \"s3:*\", \"Resource\": \"*\"}]}",
                     &a);
    out = iam_template_unknown(&d, &a);
    s = &out.statements[0];
    cr_expect(s->actions.n == 1 && s->actions.unknown && slice_is(s->actions.items[0], "s3:Get*"));
    cr_expect(s->resources.n == 1 && !s->resources.unknown);
    cr_expect(s->nprincipals == 1 && s->principals_unknown && s->nhints == 1 &&
              slice_is(s->hints[0].name, "arn:aws:iam::${?}:role/r"));
    cr_expect(s->tests[0].values.n == 1 && s->tests[0].values.unknown);
    s = &out.statements[1];
    cr_expect(s->nprincipals == 0 && s->principals_unknown && s->hints == NULL);
    cr_expect(d.statements[0].actions.n == 2, "what was given stays as it was");
    d = iam_text_doc("{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", "
                     "\"Resource\": \"arn:aws:s3:::${aws:username}\"}]}",
                     &a);
    cr_expect_eq(iam_template_unknown(&d, &a).statements, d.statements, "the document itself");
    arena_release(&a);
}

Test(policies_iam_template, names_it_alike_wherever_it_stands)
{
    struct iam_doc d, out;
    const struct iam_texts *list;
    struct arena a;

    arena_init(&a);
    d = iam_text_doc("{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", "
                     "\"Resource\": [\"arn:aws:s3:::${var.b}/x-${var.b}\", \"${var.b}\", "
                     "\"arn:aws:s3:::${aws:username}\", \"a${var.c}\"]}]}",
                     &a);
    out = iam_template_named(&d, &a);
    list = &out.statements[0].resources;
    cr_expect_eq(list->items[0].len, strlen("arn:aws:s3:::/x-") + 24);
    cr_expect(memcmp(list->items[0].data + 13, list->items[0].data + 28, 12) == 0);
    cr_expect(slice_starts(list->items[1], "arn:aws:template:::") &&
              memcmp(list->items[1].data + 19, list->items[0].data + 13, 12) == 0);
    cr_expect(slice_is(list->items[2], "arn:aws:s3:::${aws:username}"));
    cr_expect(list->items[3].len == 13 && list->items[3].data[0] == 'a');
    arena_release(&a);
}
