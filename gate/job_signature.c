/* Signatures found beside an image, checked in the sandbox against the
 * keys that may sign images. */
#include <string.h>

#include "gate/jobs.h"
#include "signing/verify_image.h"

struct keyring {
    struct verify_image_key *keys;
    struct key **owned;
    size_t n;
};

static bool read_keys(const struct value *list, struct arena *a, struct keyring *ring,
                      struct err *e)
{
    const size_t n = value_len(list);

    ring->keys = ARENA_ARRAY(a, struct verify_image_key, n + 1);
    ring->owned = ARENA_ARRAY(a, struct key *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct value *v = value_item(list, i);
        const char *name = value_cstr(value_get(v, "name"), "");

        if (!key_public_pem(value_text(value_get(v, "pem")), &ring->owned[i], e))
            return err_in(e, "key %s", name);
        ring->keys[i] =
            (struct verify_image_key){.name = name,
                                      .key = ring->owned[i],
                                      .identity = value_cstr(value_get(v, "repository"), NULL)};
        ring->n++;
    }
    return true;
}

static const struct value *candidate_of(const struct value *fact, struct arena *a)
{
    static const char *const names[][2] = {{"kind", "kind"},
                                           {"target", "manifest_digest"},
                                           {"payload", "payload_base64"},
                                           {"signature", "signature_base64"}};
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (value_get(fact, names[i][1]) != NULL)
            value_map_add(&b, names[i][0], value_get(fact, names[i][1]));
    return value_map_end(&b, NULL);
}

static void tell(struct sink *sink, const struct value *candidate, size_t index,
                 const struct verify_image_result *r, struct arena *a)
{
    struct value_builder b;
    struct fact fact = {.source = "signature", .type = "signature"};

    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_get(candidate, "kind"));
    value_map_add(&b, "manifest_digest", value_get(candidate, "target"));
    value_map_add(&b, "verified", value_bool(a, r->verified, NULL));
    value_map_add(&b, "reason", value_bytes(a, slice_str(r->text), NULL));
    value_map_add(&b, "code", value_str(a, r->reason));
    if (r->key != NULL)
        value_map_add(&b, "key", value_str(a, r->key));
    value_map_add(&b, "keyid", value_str(a, r->keyid));
    value_map_add(&b, "predicate", value_bytes(a, slice_str(r->predicate), NULL));
    value_map_add(&b, "reference", value_bytes(a, slice_str(r->reference), NULL));
    fact.attributes = value_map_end(&b, NULL);
    fact.address = arena_printf(a, "signature-%zu", index + 1);
    fact.name = fact.address;
    fact.subject = sink->subject_name;
    fact.at = (struct fact_location){.input = sink->input_name, .offset = ERR_NO_OFFSET};
    sink_fact(sink, &fact);
}

static bool check(struct worker *w, struct arena *a, struct keyring *ring, struct err *e)
{
    const struct value *candidates = value_get(worker_params(w), "candidates");

    if (!read_keys(value_get(worker_params(w), "keys"), a, ring, e))
        return false;
    for (size_t i = 0; i < value_len(candidates); i++) {
        const struct value *candidate = candidate_of(value_item(candidates, i), a);
        struct verify_image_result result = {0};

        (void)verify_image_signature(candidate, ring->keys, ring->n, &result);
        tell(worker_sink(w), candidate, i, &result, a);
    }
    return true;
}

bool job_signature_run(struct worker *w, struct err *e)
{
    struct keyring ring = {0};
    struct arena arena;
    bool ok;

    arena_init(&arena);
    ok = check(w, &arena, &ring, e);
    for (size_t i = 0; i < ring.n; i++)
        key_free(ring.owned[i]);
    arena_release(&arena);
    return ok;
}
