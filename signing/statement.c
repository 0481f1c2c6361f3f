#include <string.h>

#include "base/limits.h"
#include "signing/statement_parts.h"

bool statement_verdict_json(const struct value_doc *verdict, struct buf *out, struct err *e)
{
    struct json_out o;

    json_out_init(&o, out, JSON_PRETTY);
    value_doc_json(verdict, &o);
    return buf_finish(out, e);
}

static bool hash(void *ctx, struct slice bytes)
{
    digest_update(ctx, bytes);
    return true;
}

bool statement_verdict_digest(const struct value_doc *verdict, struct digest *out, struct err *e)
{
    struct digest_ctx ctx;
    struct buf json;
    bool done;

    digest_init(&ctx, DIGEST_SHA256);
    buf_init_drain(&json, LIMIT_OUTPUT_BYTES, hash, &ctx);
    done = statement_verdict_json(verdict, &json, e);
    buf_flush(&json);
    if (done)
        digest_final(&ctx, out);
    buf_release(&json);
    digest_release(&ctx);
    return done;
}

/*
 * SPEC: SLSA VSA v1: a failed verification has the level FAILED. Build level 0 claims nothing,
 * and says that in so many words.
 */
static void write_levels(struct json_out *o, bool passed)
{
    json_out_key(o, "verifiedLevels");
    json_out_array(o);
    if (passed) {
        json_out_str(o, "SLSA_BUILD_LEVEL_0");
        json_out_str(o, STATEMENT_LEVEL);
    } else {
        json_out_str(o, "FAILED");
    }
    json_out_end_array(o);
}

static bool write_predicate(struct json_out *o, const struct statement_parts *p, const char *uri,
                            struct err *e)
{
    json_out_key(o, "predicate");
    json_out_object(o);
    statement_parts_verifier(o, p);
    json_out_kv_str(o, "timeVerified", p->time);
    json_out_kv_str(o, "resourceUri", uri);
    json_out_key(o, "policy");
    if (!statement_parts_policy(o, p, e))
        return false;
    json_out_kv_str(o, "verificationResult", p->allowed ? "PASSED" : "FAILED");
    write_levels(o, p->allowed);
    json_out_kv_str(o, "slsaVersion", "1.0");
    json_out_key(o, STATEMENT_EXTENSION);
    json_out_object(o);
    statement_parts_summary(o, p);
    json_out_end_object(o);
    json_out_end_object(o);
    return true;
}

bool statement_vsa(const struct value_doc *verdict, size_t index,
                   const struct statement_options *opt, struct buf *out, struct err *e)
{
    const struct value *subject = value_item(value_doc_get(verdict, "subjects"), index);
    const char *uri = value_cstr(value_get(subject, "uri"), "");
    struct statement_parts p;
    struct json_out o;

    if (!statement_parts_read(verdict, opt, &p, e))
        return false;
    if (uri[0] == '\0')
        return err_fail(e, ERR_FORMAT, "the verdict has no subject %zu with a uri", index);
    json_out_init(&o, out, JSON_COMPACT);
    json_out_object(&o);
    json_out_kv_str(&o, "_type", "https://in-toto.io/Statement/v1");
    json_out_key(&o, "subject");
    json_out_array(&o);
    if (!statement_parts_subject(&o, subject, e))
        return false;
    json_out_end_array(&o);
    json_out_kv_str(&o, "predicateType", PREDICATE_VSA);
    if (!write_predicate(&o, &p, uri, e))
        return false;
    json_out_end_object(&o);
    return buf_finish(out, e);
}
