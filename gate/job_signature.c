/* Signatures found beside an image or a model, checked in the sandbox against the keys that may
 * sign such a thing. */
#include <string.h>

#include "gate/jobs.h"
#include "scanner/formats/identity.h"
#include "signing/verify_image.h"
#include "signing/verify_model.h"

struct keyring {
    struct candidate_key *keys;
    struct key **owned;
    size_t n;
};

static bool read_keys(const struct value *list, struct arena *a, struct keyring *ring,
                      struct err *e)
{
    const size_t n = value_len(list);

    ring->keys = ARENA_ARRAY(a, struct candidate_key, n + 1);
    ring->owned = ARENA_ARRAY(a, struct key *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct value *v = value_item(list, i);
        const char *name = value_cstr(value_get(v, "name"), "");

        if (!key_public_pem(value_text(value_get(v, "pem")), &ring->owned[i], e))
            return err_in(e, "key %s", name);
        ring->keys[i] =
            (struct candidate_key){.name = name,
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

static void put_result(struct value_builder *b, const struct candidate_result *r, struct arena *a)
{
    value_map_add(b, "verified", value_bool(a, r->verified, NULL));
    value_map_add(b, "reason", value_bytes(a, slice_str(r->text), NULL));
    value_map_add(b, "code", value_str(a, r->reason));
    if (r->key != NULL)
        value_map_add(b, "key", value_str(a, r->key));
    value_map_add(b, "keyid", value_str(a, r->keyid));
    value_map_add(b, "predicate", value_bytes(a, slice_str(r->predicate), NULL));
    value_map_add(b, "reference", value_bytes(a, slice_str(r->reference), NULL));
}

static void tell(struct sink *sink, struct value_builder *b, size_t index, struct arena *a)
{
    struct fact fact = {.source = "signature", .type = "signature"};

    fact.attributes = value_map_end(b, NULL);
    fact.address = arena_printf(a, "signature-%zu", index + 1);
    fact.name = fact.address;
    fact.subject = sink->subject_name;
    fact.at = (struct fact_location){.input = sink->input_name, .offset = ERR_NO_OFFSET};
    sink_fact(sink, &fact);
}

static void check_image(struct worker *w, const struct value *v, size_t i,
                        const struct keyring *ring, struct arena *a)
{
    const struct value *candidate = candidate_of(v, a);
    struct candidate_result result = {0};
    struct value_builder b;

    (void)verify_image_signature(candidate, ring->keys, ring->n, &result);
    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_get(candidate, "kind"));
    value_map_add(&b, "manifest_digest", value_get(candidate, "target"));
    put_result(&b, &result, a);
    tell(worker_sink(w), &b, i, a);
}

/* Names are told escaped: one with a backslash is not the name that was signed. */
static void read_model(const struct value *v, struct verify_model *out, struct arena *a)
{
    const struct value *files = value_get(v, "files");
    struct verify_model_file *list = ARENA_ARRAY(a, struct verify_model_file, value_len(files) + 1);
    struct identity id = {.n = 0};

    *out = (struct verify_model){.files = list, .n = value_len(files)};
    out->folder = value_true(value_get(v, "folder"));
    id.folder = out->folder;
    out->missing = value_cstr(value_get(v, "missing"), NULL);
    if (!value_is(value_get(v, "folder"), VALUE_BOOL))
        out->missing = "the model has no identity";
    for (size_t i = 0; i < value_len(files); i++) {
        const struct value *file = value_item(files, i);

        list[i].name = value_cstr(value_get(file, "name"), "");
        list[i].sha256 = value_cstr(value_get(file, "sha256"), NULL);
        list[i].outside = identity_leaves_out(&id, list[i].name);
        if (strchr(list[i].name, '\\') != NULL)
            out->missing = "a file has a name that no statement can hold";
    }
}

static void check_model(struct worker *w, const struct value *v, size_t i,
                        const struct keyring *ring, struct arena *a)
{
    const struct value *bundle = value_get(v, "bundle"), *path = value_get(v, "path");
    struct verify_model_result result = {0};
    struct value_builder b, left_out;
    struct verify_model model;

    read_model(value_get(worker_params(w), "model"), &model, a);
    model.signature = value_cstr(path, NULL);
    model.keys = ring->keys;
    model.nkeys = ring->n;
    if (value_is(bundle, VALUE_STRING))
        (void)verify_model_signature(value_text(bundle), &model, a, &result);
    else
        (void)candidate_no(&result.told, "malformed",
                           "the signature passes LIMIT_MODEL_SIGNATURE_BYTES");
    value_list_begin(&left_out, a);
    for (size_t k = 0; k < result.nleft_out; k++)
        value_list_add(&left_out, value_str(a, result.left_out[k]));
    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_get(v, "kind"));
    if (path != NULL)
        value_map_add(&b, "path", path);
    put_result(&b, &result.told, a);
    value_map_add(&b, "left_out", value_list_end(&left_out, NULL));
    tell(worker_sink(w), &b, i, a);
}

static bool check(struct worker *w, struct arena *a, struct keyring *ring, struct err *e)
{
    const struct value *candidates = value_get(worker_params(w), "candidates");

    if (!read_keys(value_get(worker_params(w), "keys"), a, ring, e))
        return false;
    for (size_t i = 0; i < value_len(candidates); i++) {
        const struct value *v = value_item(candidates, i);

        if (slice_is(value_text(value_get(v, "kind")), "model-signing"))
            check_model(w, v, i, ring, a);
        else
            check_image(w, v, i, ring, a);
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
