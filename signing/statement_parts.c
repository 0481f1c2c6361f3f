#include "signing/statement_parts.h"

#include <stdio.h>
#include <string.h>

#define POLICY_URI "urn:sallyport:policy"

static bool read_text(const struct value_doc *verdict, const char *path, const char **out,
                      struct err *e)
{
    *out = value_cstr(value_doc_path(verdict, path), NULL);
    return (*out != NULL && (*out)[0] != '\0') ||
           err_fail(e, ERR_FORMAT, "the verdict has no text at %s", path);
}

static bool read_time(const struct value_doc *verdict, char out[WHEN_TEXT_MAX], struct err *e)
{
    const char *text;
    int64_t when;

    if (!read_text(verdict, "effective_time", &text, e))
        return false;
    if (!when_parse(slice_str(text), &when, e))
        return err_in(e, "effective_time of the verdict");
    when_text(when, out);
    return true;
}

static bool read_decision(struct statement_parts *p, struct err *e)
{
    const struct value *report_only = value_doc_get(p->verdict, "report_only");

    if (!read_text(p->verdict, "decision", &p->decision, e))
        return false;
    if (strcmp(p->decision, "allow") != 0 && strcmp(p->decision, "deny") != 0 &&
        strcmp(p->decision, "unverifiable") != 0)
        return err_fail(e, ERR_FORMAT, "the verdict has an unknown decision");
    if (!value_is(report_only, VALUE_BOOL))
        return err_fail(e, ERR_FORMAT, "the verdict does not say whether it is report-only");
    p->report_only = value_true(report_only);
    p->allowed = strcmp(p->decision, "allow") == 0 && !p->report_only;
    return true;
}

static bool hash_verdict(struct statement_parts *p, struct err *e)
{
    struct digest d;

    if (p->opt->verdict_hex != NULL) {
        snprintf(p->verdict_hex, sizeof(p->verdict_hex), "%s", p->opt->verdict_hex);
        return true;
    }
    if (!statement_verdict_digest(p->verdict, &d, e))
        return false;
    digest_hex(&d, p->verdict_hex);
    return true;
}

bool statement_parts_read(const struct value_doc *verdict, const struct statement_options *opt,
                          struct statement_parts *out, struct err *e)
{
    struct statement_parts p = {.verdict = verdict, .opt = opt};
    const char *schema;

    p.policy_uri = opt->policy_uri != NULL ? opt->policy_uri : POLICY_URI;
    if (opt->verifier_id == NULL || opt->verifier_id[0] == '\0' || p.policy_uri[0] == '\0')
        return err_fail(e, ERR_USAGE, "a statement needs a verifier id and a policy uri");
    if (!read_text(verdict, "schema", &schema, e))
        return false;
    if (strcmp(schema, "sallyport/verdict/v1") != 0)
        return err_fail(e, ERR_UNSUPPORTED, "not a document of schema sallyport/verdict/v1");
    if (!read_text(verdict, "tool.version", &p.tool_version, e) ||
        !read_text(verdict, "policy.digest", &p.policy_digest, e) ||
        !read_time(verdict, p.time, e) || !read_decision(&p, e) || !hash_verdict(&p, e))
        return false;
    *out = p;
    return true;
}

bool statement_parts_digest(struct json_out *o, const char *digest, struct err *e)
{
    char hex[DIGEST_TEXT_MAX];
    struct digest d;

    if (digest == NULL)
        return err_fail(e, ERR_FORMAT, "no digest");
    if (!digest_parse(slice_str(digest), &d, e))
        return false;
    digest_hex(&d, hex);
    json_out_object(o);
    json_out_kv_str(o, d.alg == DIGEST_SHA512 ? "sha512" : "sha256", hex);
    json_out_end_object(o);
    return true;
}

bool statement_parts_subject(struct json_out *o, const struct value *subject, struct err *e)
{
    static const char *const members[] = {"name", "uri"};
    const char *name = value_cstr(value_get(subject, "name"), NULL);

    json_out_object(o);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (value_is(value_get(subject, members[i]), VALUE_STRING)) {
            json_out_key(o, members[i]);
            json_out_value(o, value_get(subject, members[i]));
        }
    json_out_key(o, "digest");
    if (!statement_parts_digest(o, value_cstr(value_get(subject, "digest"), NULL), e))
        return err_in(e, "subject %s", name != NULL ? name : "without a name");
    json_out_end_object(o);
    return true;
}

void statement_parts_verifier(struct json_out *o, const struct statement_parts *p)
{
    json_out_key(o, "verifier");
    json_out_object(o);
    json_out_kv_str(o, "id", p->opt->verifier_id);
    json_out_key(o, "version");
    json_out_object(o);
    json_out_kv_str(o, "sallyport", p->tool_version);
    json_out_end_object(o);
    json_out_end_object(o);
}

bool statement_parts_policy(struct json_out *o, const struct statement_parts *p, struct err *e)
{
    json_out_object(o);
    json_out_kv_str(o, "uri", p->policy_uri);
    json_out_key(o, "digest");
    if (!statement_parts_digest(o, p->policy_digest, e))
        return err_in(e, "policy of the verdict");
    json_out_end_object(o);
    return true;
}

static void copy_member(struct json_out *o, const struct statement_parts *p, const char *name)
{
    const struct value *v = value_doc_get(p->verdict, name);

    if (v == NULL)
        return;
    json_out_key(o, name);
    json_out_value(o, v);
}

void statement_parts_summary(struct json_out *o, const struct statement_parts *p)
{
    static const char *const members[] = {
        "stage",   "decision", "report_only", "reasons", "fail_on",  "weakenings",
        "sandbox", "policy",   "inputs",      "counts",  "subjects", "coverage_totals",
    };

    json_out_key(o, "verdict");
    json_out_object(o);
    json_out_kv_str(o, "mediaType", "application/json");
    json_out_key(o, "digest");
    json_out_object(o);
    json_out_kv_str(o, "sha256", p->verdict_hex);
    json_out_end_object(o);
    json_out_end_object(o);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        copy_member(o, p, members[i]);
}
