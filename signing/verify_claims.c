#include "signing/verify_claims.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/when.h"

#define SHOWN_MAX 160 /* bytes of a value from the statement in a sentence */

struct claims {
    const struct value *statement, *predicate, *extension;
    const struct value *subject; /* the one that was asked for */
    const struct verify_options *opt;
    bool vsa, test_result;
    char *text; /* 512 bytes */
};

/* A value of the statement for a sentence: no controls, cut short. */
static const char *shown(const struct value *v, char out[SHOWN_MAX + 4])
{
    struct slice text = value_text(v);
    struct buf b;
    size_t n;

    if (!value_is(v, VALUE_STRING))
        return "(none)";
    if (text.len > SHOWN_MAX)
        text.len = SHOWN_MAX;
    buf_init(&b, LIMIT_KEY_BYTES);
    escape_terminal(&b, text);
    n = b.len < SHOWN_MAX ? b.len : SHOWN_MAX;
    if (n > 0)
        memcpy(out, b.data, n);
    out[n] = '\0';
    buf_release(&b);
    return out;
}

static enum verify_reason refuse(const struct claims *c, enum verify_reason reason,
                                 const char *what, const struct value *found)
{
    char text[SHOWN_MAX + 4];

    snprintf(c->text, 512, "%s: %s", what, shown(found, text));
    return reason;
}

static enum verify_reason plain(const struct claims *c, enum verify_reason reason, const char *what)
{
    snprintf(c->text, 512, "%s", what);
    return reason;
}

static bool is_text(const struct value *v, const char *want)
{
    return value_is(v, VALUE_STRING) && slice_is(value_text(v), want);
}

/*
 * "sha256:<hex>" against a DigestSet. Lower case only, as both sides must be. SPEC: in-toto v1
 * digest_set.md.
 */
static bool digest_listed(const struct value *set, const char *digest)
{
    const char *colon = strchr(digest, ':');
    const struct value *hex;

    if (colon == NULL)
        return false;
    hex = value_get_slice(set, (struct slice){(const uint8_t *)digest, (size_t)(colon - digest)});
    return is_text(hex, colon + 1);
}

/* SPEC: in-toto v1 statement.md: each subject has a digest; subjects match by digest only. */
static enum verify_reason check_subject(struct claims *c)
{
    const struct value *list = value_get(c->statement, "subject");
    struct digest d;
    struct err e = {0};

    if (!value_is(list, VALUE_LIST) || value_len(list) == 0 || value_len(list) > LIMIT_SUBJECTS)
        return plain(c, VERIFY_MALFORMED, "the statement has no list of subjects, or too many");
    for (size_t i = 0; i < value_len(list); i++)
        if (value_len(value_get(value_item(list, i), "digest")) == 0)
            return plain(c, VERIFY_MALFORMED, "a subject of the statement has no digest");
    if (c->opt->subject_digest == NULL || !digest_parse(slice_str(c->opt->subject_digest), &d, &e))
        return plain(c, VERIFY_SUBJECT, "no usable digest was asked for");
    for (size_t i = 0; i < value_len(list) && c->subject == NULL; i++)
        if (digest_listed(value_get(value_item(list, i), "digest"), c->opt->subject_digest))
            c->subject = value_item(list, i);
    if (c->subject != NULL)
        return VERIFY_OK;
    snprintf(c->text, 512, "the statement is about %zu other subject%s, not about %s",
             value_len(list), value_len(list) == 1 ? "" : "s", c->opt->subject_digest);
    return VERIFY_SUBJECT;
}

static enum verify_reason check_verifier(const struct claims *c)
{
    const struct value *id = value_path(c->vsa ? c->predicate : c->extension, "verifier.id");

    if (c->vsa && !value_is(id, VALUE_STRING))
        return plain(c, VERIFY_MALFORMED, "the summary does not say who verified");
    if (c->opt->verifier_id == NULL || is_text(id, c->opt->verifier_id))
        return VERIFY_OK;
    return refuse(c, VERIFY_VERIFIER, "verified by somebody else", id);
}

static enum verify_reason check_policy(const struct claims *c)
{
    const struct value *digest = value_path(c->extension, "policy.digest");

    if (c->opt->policy_digest == NULL)
        return VERIFY_OK;
    if (c->vsa && digest_listed(value_path(c->predicate, "policy.digest"), c->opt->policy_digest))
        return VERIFY_OK;
    if (c->test_result && is_text(digest, c->opt->policy_digest))
        return VERIFY_OK;
    if (c->vsa)
        digest = value_path(c->predicate, "policy.digest.sha256");
    return refuse(c, VERIFY_POLICY, "decided by another policy", digest);
}

static enum verify_reason check_resource(const struct claims *c)
{
    const struct value *uri =
        c->vsa ? value_get(c->predicate, "resourceUri") : value_get(c->subject, "uri");

    if (c->vsa && !value_is(uri, VALUE_STRING))
        return plain(c, VERIFY_MALFORMED, "the summary does not name its resource");
    if (c->opt->resource_uri == NULL || is_text(uri, c->opt->resource_uri))
        return VERIFY_OK;
    return refuse(c, VERIFY_RESOURCE, "made for another resource", uri);
}

static enum verify_reason check_time(const struct claims *c)
{
    const struct value *time = value_get(c->vsa ? c->predicate : c->extension, "timeVerified");
    const bool ours = c->vsa || c->test_result;
    struct err e = {0};
    int64_t when;

    if (time == NULL && !ours && c->opt->max_age_seconds == 0)
        return VERIFY_OK; /* a predicate without a time, and nobody asked */
    if (!value_is(time, VALUE_STRING) || !when_parse(value_text(time), &when, &e))
        return refuse(c, VERIFY_TIME, "the time of the decision is missing or unreadable", time);
    if (when > c->opt->now)
        return refuse(c, VERIFY_TIME, "decided in the future", time);
    if (c->opt->max_age_seconds == 0 || c->opt->now - when <= c->opt->max_age_seconds)
        return VERIFY_OK;
    snprintf(c->text, 512, "decided %" PRId64 " seconds ago, %" PRId64 " are allowed",
             c->opt->now - when, c->opt->max_age_seconds);
    return VERIFY_TOO_OLD;
}

/* A report-only run may never pass, whatever else the statement says. */
static enum verify_reason check_result(const struct claims *c)
{
    const struct value *result = value_get(c->predicate, c->vsa ? "verificationResult" : "result");

    if (!c->vsa && !c->test_result)
        return VERIFY_OK;
    if (!is_text(result, "PASSED") && !(c->test_result && is_text(result, "WARNED")))
        return refuse(c, VERIFY_RESULT, "the decision was not a yes", result);
    if (value_true(value_get(c->extension, "report_only")))
        return plain(c, VERIFY_RESULT, "the decision was made in report-only mode");
    if (c->extension != NULL && !is_text(value_get(c->extension, "decision"), "allow"))
        return refuse(c, VERIFY_RESULT, "the decision was not a yes",
                      value_get(c->extension, "decision"));
    return VERIFY_OK;
}

static bool known_statement(const struct claims *c)
{
    const struct value *type = value_get(c->statement, "_type");

    return is_text(type, "https://in-toto.io/Statement/v1") ||
           (c->opt->foreign && is_text(type, "https://in-toto.io/Statement/v0.1"));
}

static enum verify_reason check_type(const struct claims *c, const char *want)
{
    const struct value *type = value_get(c->statement, "predicateType");

    if (!value_is(c->statement, VALUE_MAP) || !known_statement(c))
        return plain(c, VERIFY_MALFORMED, "the payload is not an in-toto statement v1");
    if (!value_is(type, VALUE_STRING))
        return plain(c, VERIFY_MALFORMED, "the statement has no predicateType");
    if (!is_text(type, want))
        return refuse(c, VERIFY_PREDICATE_TYPE, "another kind of statement", type);
    if (!value_is(c->predicate, VALUE_MAP) && (c->vsa || c->test_result))
        return plain(c, VERIFY_MALFORMED, "the statement has no predicate");
    return VERIFY_OK;
}

enum verify_reason verify_claims(const struct value *statement, const struct verify_options *opt,
                                 char text[512])
{
    const char *want = opt->predicate_type != NULL ? opt->predicate_type : PREDICATE_VSA;
    struct claims c = {.statement = statement, .opt = opt};
    enum verify_reason r;

    c.text = text;
    c.predicate = value_get(statement, "predicate");
    c.extension = value_get(c.predicate, STATEMENT_EXTENSION);
    c.vsa = strcmp(want, PREDICATE_VSA) == 0;
    c.test_result = strcmp(want, PREDICATE_TEST_RESULT) == 0;
    r = check_type(&c, want);
    if (r == VERIFY_OK)
        r = check_subject(&c);
    if (r == VERIFY_OK)
        r = check_verifier(&c);
    if (r == VERIFY_OK)
        r = check_policy(&c);
    if (r == VERIFY_OK)
        r = check_resource(&c);
    if (r == VERIFY_OK)
        r = check_time(&c);
    return r == VERIFY_OK ? check_result(&c) : r;
}
