#include "scanner/image/referrers.h"

#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "scanner/image/ledger.h"

#define PAYLOAD_MAX ((size_t)4 << 20)  /* bytes of one signature or envelope */
#define TOTAL_MAX ((uint64_t)32 << 20) /* bytes of all of them */
#define TOLD_MAX 256                   /* candidates told; a signed image has a few */

struct told {
    size_t n;
    uint64_t bytes;
};

#define SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"
#define DSSE "application/vnd.dsse.envelope.v1+json"
#define BUNDLE "application/vnd.dev.sigstore.bundle"
#define ATTESTATION "application/vnd.docker.attestation.manifest.v1+json"

/* "sha256-<hex>.sig" names its target; so do `subject` and the annotation of build attestations. */
static const char *target_of(struct layout *l, const struct layout_entry *x)
{
    const char *name = x->ref_name;
    struct digest d;
    struct err why = {0};
    const char *text;

    if (x->m.has_subject)
        return x->m.subject.digest_text;
    text = manifest_annotation(x->d.annotations, "vnd.docker.reference.digest");
    if (text != NULL)
        return text;
    if (name == NULL || strncmp(name, "sha256-", 7) != 0 || strlen(name) < 7 + 64 + 1 ||
        name[7 + 64] != '.')
        return NULL;
    text = arena_printf(l->arena, "sha256:%.64s", name + 7);
    return digest_parse(slice_str(text), &d, &why) ? text : NULL;
}

static const char *type_of(const struct layout_entry *x)
{
    if (x->m.artifact_type != NULL)
        return x->m.artifact_type;
    if (x->d.artifact_type != NULL)
        return x->d.artifact_type;
    if (manifest_annotation(x->d.annotations, "vnd.docker.reference.type") != NULL)
        return ATTESTATION;
    return x->m.config.media_type;
}

static const struct value *text_or_null(struct arena *a, const char *text)
{
    return text != NULL ? value_str(a, text) : value_null(a, NULL);
}

static void tell_referrer(struct layout *l, const struct layout_entry *x, const char *target)
{
    struct arena *a = l->arena;
    struct value_builder b, none;
    struct fact f = {.source = "image",
                     .type = "image.referrer",
                     .address = x->d.digest_text,
                     .name = type_of(x),
                     .subject = l->sink->subject_name};

    value_map_begin(&none, a);
    value_map_begin(&b, a);
    value_map_add(&b, "artifact_type", value_str(a, type_of(x)));
    value_map_add(&b, "digest", value_str(a, x->d.digest_text));
    value_map_add(&b, "subject_digest", text_or_null(a, target));
    value_map_add(&b, "media_type", value_str(a, x->d.media_type));
    value_map_add(&b, "ref_name", text_or_null(a, x->ref_name));
    value_map_add(&b, "annotations",
                  x->m.annotations != NULL ? x->m.annotations : value_map_end(&none, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.at = (struct fact_location){l->sink->input_name, x->path, 0, ERR_NO_OFFSET};
    sink_fact(l->sink, &f);
}

static const char *kind_of(const char *media_type)
{
    if (strcmp(media_type, SIMPLE_SIGNING) == 0)
        return "simple-signing";
    if (strcmp(media_type, DSSE) == 0)
        return "dsse";
    return strncmp(media_type, BUNDLE, strlen(BUNDLE)) == 0 ? "bundle" : NULL;
}

static const struct value *base64_of(struct arena *a, struct slice bytes)
{
    const struct value *out;
    struct buf b;

    buf_init(&b, bytes.len / 3 * 4 + 8);
    base64_put(&b, bytes);
    out = value_string(a, buf_slice(&b), NULL);
    buf_release(&b);
    return out;
}

static void tell_candidate(struct layout *l, const struct layout_entry *x, size_t layer,
                           struct slice payload)
{
    const struct manifest_descriptor *d = &x->m.entries[layer];
    struct arena *a = l->arena;
    const char *key = manifest_annotation(d->annotations, "dev.sigstore.cosign/certificate");
    struct value_builder b;
    struct fact f = {
        .source = "image", .type = "image.signature.candidate", .subject = l->sink->subject_name};

    value_map_begin(&b, a);
    value_map_add(&b, "kind", value_str(a, kind_of(d->media_type)));
    value_map_add(&b, "payload_base64", base64_of(a, payload));
    value_map_add(
        &b, "signature_base64",
        text_or_null(a, manifest_annotation(d->annotations, "dev.cosignproject.cosign/signature")));
    value_map_add(&b, "manifest_digest", text_or_null(a, target_of(l, x)));
    value_map_add(&b, "media_type", value_str(a, d->media_type));
    value_map_add(&b, "key_hint", text_or_null(a, key));
    value_map_add(&b, "digest", value_str(a, d->digest_text));
    f.attributes = value_map_end(&b, NULL);
    f.address = arena_printf(a, "%s#%zu", x->d.digest_text, layer);
    f.name = kind_of(d->media_type);
    f.at = (struct fact_location){l->sink->input_name, layout_blob_path(a, &d->digest), 0,
                                  ERR_NO_OFFSET};
    sink_fact(l->sink, &f);
}

static void tell_signatures(struct layout *l, const struct layout_entry *x, struct told *told)
{
    for (size_t i = 0; i < x->m.nentries; i++) {
        const struct manifest_descriptor *d = &x->m.entries[i];
        const struct ledger_line line = {layout_blob_path(l->arena, &d->digest), "signature",
                                         d->digest_text, d->size};
        struct slice payload;
        struct err why = {0};

        if (kind_of(d->media_type) == NULL)
            continue;
        if (told->n >= TOLD_MAX || d->size > TOTAL_MAX - told->bytes)
            err_set(&why, ERR_LIMIT, ERR_NO_OFFSET, "more than %d signatures or %llu bytes of them",
                    TOLD_MAX, (unsigned long long)TOTAL_MAX);
        if (why.code != ERR_NONE || !layout_blob(l, d, PAYLOAD_MAX, &payload, &why)) {
            ledger_gap(l->sink, &line, &why);
            continue;
        }
        ledger_parsed(l->sink, &line);
        tell_candidate(l, x, i, payload);
        told->n++;
        told->bytes += d->size;
    }
}

static bool told_before(const struct layout *l, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (l->entries[k].loaded && digest_eq(&l->entries[k].d.digest, &l->entries[i].d.digest))
            return true;
    return false;
}

void referrers_tell(struct layout *l)
{
    struct told told = {0, 0};

    for (size_t i = 0; i < l->nentries; i++) {
        const struct layout_entry *x = &l->entries[i];
        const char *target;

        if (!x->loaded || x->m.index || x->chosen || told_before(l, i))
            continue;
        target = target_of(l, x);
        if (target == NULL)
            continue;
        tell_referrer(l, x, target);
        tell_signatures(l, x, &told);
    }
}
