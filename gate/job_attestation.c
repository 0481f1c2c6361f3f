/* The deploy side's check of one attestation file, inside the sandbox:
 * public keys only, no files, no network. */
#include <string.h>

#include "base/limits.h"
#include "gate/jobs.h"
#include "scanner/input/source.h"
#include "signing/signing.h"

struct keyring {
    struct key **keys;
    size_t n;
};

static bool read_keys(const struct value *list, struct arena *a, struct keyring *ring,
                      struct err *e)
{
    const size_t n = value_len(list);

    ring->keys = ARENA_ARRAY(a, struct key *, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!key_public_pem(value_text(value_item(list, i)), &ring->keys[i], e))
            return err_in(e, "trusted key %zu", i + 1);
        ring->n++;
    }
    return true;
}

static void keyring_release(struct keyring *ring)
{
    for (size_t i = 0; i < ring->n; i++)
        key_free(ring->keys[i]);
}

static const char *text_or_null(const struct value *params, const char *key)
{
    return value_cstr(value_get(params, key), NULL);
}

static struct verify_options options_of(const struct value *params, const struct keyring *ring)
{
    return (struct verify_options){
        .keys = ring->keys,
        .nkeys = ring->n,
        .threshold = (unsigned)value_int_or(value_get(params, "threshold"), 1),
        .subject_digest = text_or_null(params, "subject"),
        .predicate_type = text_or_null(params, "predicate_type"),
        .verifier_id = text_or_null(params, "verifier_id"),
        .policy_digest = text_or_null(params, "policy_digest"),
        .resource_uri = text_or_null(params, "resource_uri"),
        .now = value_int_or(value_get(params, "now"), 0),
        .foreign = value_true(value_get(params, "foreign")),
        .max_age_seconds = value_int_or(value_get(params, "max_age"), 0),
    };
}

static void tell(struct worker *w, const struct verify_result *r, struct arena *a)
{
    const struct value *predicate = value_get(r->statement, "predicate");
    struct sink *sink = worker_sink(w);
    struct value_builder b;
    struct fact fact = {.source = "signature", .type = "attestation.result"};

    value_map_begin(&b, a);
    value_map_add(&b, "accepted", value_bool(a, r->reason == VERIFY_OK, NULL));
    value_map_add(&b, "reason", value_str(a, verify_reason_name(r->reason)));
    value_map_add(&b, "text", value_bytes(a, slice_str(r->text), NULL));
    value_map_add(&b, "keyid", value_str(a, r->keyid));
    if (r->statement != NULL)
        value_map_add(&b, "statement", r->statement);
    if (predicate != NULL)
        value_map_add(&b, "time",
                      value_get(predicate, "timeVerified") != NULL
                          ? value_get(predicate, "timeVerified")
                          : value_null(a, NULL));
    fact.attributes = value_map_end(&b, NULL);
    fact.address = fact.name = "attestation";
    fact.subject = sink->subject_name;
    fact.at = (struct fact_location){.input = sink->input_name, .offset = ERR_NO_OFFSET};
    sink_fact(sink, &fact);
}

static bool check(struct worker *w, struct arena *a, struct keyring *ring, struct err *e)
{
    const struct input_entry *entry = worker_entry(w, 0);
    struct verify_options opt;
    struct verify_result result = {0};
    struct source *source;
    struct slice bytes;
    int fd;
    bool ok;

    if (!read_keys(value_get(worker_params(w), "keys"), a, ring, e))
        return false;
    if (worker_nentries(w) != 1 || !worker_entry_fd(w, 0, &fd, e))
        return err_in(e, "the attestation");
    source = source_fd(fd, 0, entry->size);
    ok = source_slurp(source, LIMIT_ENVELOPE_BYTES, a, &bytes, e);
    source_free(source);
    if (!ok)
        return false;
    opt = options_of(worker_params(w), ring);
    (void)verify_attestation(bytes, &opt, a, &result);
    tell(w, &result, a);
    return true;
}

bool job_attestation_run(struct worker *w, struct err *e)
{
    struct keyring ring = {0};
    struct arena arena;
    bool ok;

    arena_init(&arena);
    ok = check(w, &arena, &ring, e);
    keyring_release(&ring);
    arena_release(&arena);
    return ok;
}
