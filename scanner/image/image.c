#include "scanner/image/image.h"

#include <string.h>

#include "scanner/image/base_image.h"
#include "scanner/image/config_secrets.h"
#include "scanner/image/files.h"
#include "scanner/image/image_config.h"
#include "scanner/image/layer.h"
#include "scanner/image/layout.h"
#include "scanner/image/ledger.h"
#include "scanner/image/referrers.h"
#include "scanner/image/software.h"

struct scan {
    const struct image_ask *ask;
    struct arena arena;
    struct sink *sink;
    struct layout layout;
    struct image_config config;
    const struct value *attributes; /* of image.config, without secrets */
    struct inventory inventory;
    struct base_image base;
    struct digest chain;
    size_t whole; /* layers read to their end, from the first on, without a gap */
    bool complete;
};

static struct fact fact_of(const struct scan *s, const char *type, const char *address)
{
    return (struct fact){.source = "image",
                         .type = type,
                         .address = address,
                         .name = address,
                         .subject = s->sink->subject_name,
                         .at = {s->sink->input_name, NULL, 0, ERR_NO_OFFSET}};
}

static const struct value *text_or_null(struct scan *s, const char *text)
{
    return text != NULL ? value_str(&s->arena, text) : value_null(&s->arena, NULL);
}

static const char *platform_text(struct scan *s)
{
    const struct image_config *c = &s->config;

    if (c->os == NULL || c->architecture == NULL)
        return NULL;
    return arena_printf(&s->arena, "%s/%s%s%s", c->os, c->architecture,
                        c->variant != NULL ? "/" : "", c->variant != NULL ? c->variant : "");
}

static void tell_subject(struct scan *s)
{
    const struct subject subject = {
        .name = s->sink->subject_name,
        .kind = "image",
        .uri = arena_printf(&s->arena, "%s@%s", s->sink->input_name, s->layout.digest_text),
        .digest = s->layout.digest_text};

    sink_subject(s->sink, &subject);
}

static void tell_manifest(struct scan *s)
{
    const struct layout *l = &s->layout;
    const struct layout_entry *x = l->chosen;
    struct value_builder b, none;
    struct fact f = fact_of(s, "image.manifest", l->digest_text);

    value_map_begin(&none, &s->arena);
    value_map_begin(&b, &s->arena);
    value_map_add(&b, "digest", value_str(&s->arena, l->digest_text));
    value_map_add(&b, "digest_of", value_str(&s->arena, x != NULL ? "manifest" : "config"));
    value_map_add(&b, "media_type", text_or_null(s, x != NULL ? x->d.media_type : NULL));
    value_map_add(&b, "size",
                  x != NULL ? value_int(&s->arena, (int64_t)x->d.size, NULL)
                            : value_null(&s->arena, NULL));
    value_map_add(&b, "config_digest", value_str(&s->arena, l->config_digest));
    value_map_add(&b, "layers", value_int(&s->arena, (int64_t)l->nlayers, NULL));
    value_map_add(&b, "annotations",
                  x != NULL && x->m.annotations != NULL ? x->m.annotations
                                                        : value_map_end(&none, NULL));
    value_map_add(&b, "ref_name", text_or_null(s, l->ref_name));
    value_map_add(&b, "platform", text_or_null(s, platform_text(s)));
    f.attributes = value_map_end(&b, NULL);
    f.at.path = x != NULL ? x->path : "manifest.json";
    sink_fact(s->sink, &f);
}

static bool tell_config(struct scan *s, struct err *e)
{
    const struct layout *l = &s->layout;
    struct fact f = fact_of(s, "image.config", l->config_digest);

    s->attributes = image_config_attributes(&s->config, l->config_digest, &s->arena);
    if (!config_secrets_tell(s->attributes, &s->arena, s->sink, &s->attributes, e))
        return err_in(e, "configuration");
    f.attributes = s->attributes;
    f.at.path = l->config_path;
    sink_fact(s->sink, &f);
    return true;
}

/* The platform that was asked for explicitly must be that of the
 * configuration; a difference to the index is told. */
static bool check_platform(struct scan *s, struct err *e)
{
    const struct layout *l = &s->layout;
    const struct image_config *c = &s->config;
    const bool same = c->os != NULL && c->architecture != NULL && strcmp(c->os, l->os) == 0 &&
                      strcmp(c->architecture, l->architecture) == 0;
    const char *have = platform_text(s);

    if (same)
        return true;
    if (l->platform_given)
        return err_fail(e, ERR_USAGE, "the image is for %s, not %s/%s",
                        have != NULL ? have : "no platform it names", l->os, l->architecture);
    sink_note(s->sink, 0, ERR_NO_OFFSET, l->config_path, "the image is for %s",
              have != NULL ? have : "no platform it names");
    return true;
}

static bool open_config(struct scan *s, struct err *e)
{
    const struct layout *l = &s->layout;
    const struct ledger_line line = {l->config_path, "oci.config", l->config_digest, l->config.len};

    if (!image_config_parse(l->config, &s->arena, &s->config, e)) {
        ledger_gap(s->sink, &line, e);
        return err_in(e, "configuration %s", l->config_digest);
    }
    ledger_parsed(s->sink, &line);
    if (s->config.ndiff_ids != l->nlayers)
        return err_fail(e, ERR_FORMAT,
                        "the configuration has %zu diff ids, the manifest %zu layers",
                        s->config.ndiff_ids, l->nlayers);
    return check_platform(s, e);
}

/* SPEC: image-spec v1.1 config.md, "Layer ChainID". */
static const char *next_chain(struct scan *s, size_t i)
{
    char text[DIGEST_TEXT_MAX];
    const char *both;

    if (i == 0) {
        s->chain = s->config.diff_ids[0];
    } else {
        digest_text(&s->chain, text);
        both = arena_printf(&s->arena, "%s %s", text, s->config.diff_id_texts[i]);
        digest_of(slice_str(both), DIGEST_SHA256, &s->chain);
    }
    digest_text(&s->chain, text);
    return arena_strdup(&s->arena, text);
}

/* From the cleaned history: what made layer i. */
static const struct value *created_by(const struct scan *s, size_t i)
{
    const struct value *history = value_get(s->attributes, "history");
    size_t n = 0;

    for (size_t k = 0; k < value_len(history); k++) {
        const struct value *h = value_item(history, k);

        if (!value_true(value_get(h, "empty_layer")) && n++ == i)
            return value_get(h, "created_by");
    }
    return NULL;
}

static void tell_layer(struct scan *s, size_t i, const struct layer *l)
{
    const struct layout_layer *what = &s->layout.layers[i];
    const struct value *by = created_by(s, i);
    struct arena *a = &s->arena;
    struct value_builder b;
    struct fact f = fact_of(s, "image.layer", arena_printf(a, "layer %zu", i));

    value_map_begin(&b, a);
    value_map_add(&b, "index", value_int(a, (int64_t)i, NULL));
    value_map_add(&b, "digest", text_or_null(s, what->digest_text));
    value_map_add(&b, "diff_id", value_str(a, s->config.diff_id_texts[i]));
    value_map_add(&b, "media_type", value_str(a, what->media_type));
    value_map_add(&b, "compressed_bytes", value_int(a, (int64_t)l->blob_len, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)l->bytes, NULL));
    value_map_add(&b, "entries", value_int(a, (int64_t)l->entries, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)l->files, NULL));
    value_map_add(&b, "whiteouts", value_int(a, (int64_t)l->whiteouts, NULL));
    value_map_add(&b, "chain_id", value_str(a, next_chain(s, i)));
    value_map_add(&b, "created_by", by != NULL ? by : value_null(a, NULL));
    value_map_add(&b, "in_base", value_bool(a, i < s->base.nlayers, NULL));
    value_map_add(&b, "complete", value_bool(a, l->whole, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.at.path = what->path;
    sink_fact(s->sink, &f);
}

/* Finds the blob of a layer and checks its size; a missing one is a gap. */
static bool open_layer(struct scan *s, size_t i, struct layer *l, struct err *e)
{
    const struct layout_layer *what = &s->layout.layers[i];

    if (what->foreign && !blobs_has(s->layout.blobs, what->path))
        return err_fail(e, ERR_UNSUPPORTED, "a foreign layer whose blob is not in the layout");
    if (!blobs_find(s->layout.blobs, what->path, &l->blob, &l->blob_len, e))
        return false;
    if (what->size != UINT64_MAX && l->blob_len != what->size)
        return err_fail(e, ERR_FORMAT, "the blob has %llu bytes, the manifest says %llu",
                        (unsigned long long)l->blob_len, (unsigned long long)what->size);
    return true;
}

static void read_layer(struct scan *s, size_t i)
{
    const struct layout_layer *what = &s->layout.layers[i];
    const char *id = s->config.diff_id_texts[i];
    struct err e = {0};
    struct layer l = {.blob_path = what->path,
                      .media_type = what->media_type,
                      .digest = what->digest,
                      .diff_id = &s->config.diff_ids[i]};

    inventory_layer(&s->inventory, what->digest_text != NULL ? what->digest_text : id, id);
    if (!open_layer(s, i, &l, &e)) {
        const struct ledger_line line = {what->path, "layer", what->digest_text,
                                         what->size != UINT64_MAX ? what->size : l.blob_len};

        ledger_gap(s->sink, &line, &e);
    } else if (layer_read(&l, &s->inventory, &e) && s->whole == i) {
        s->whole++;
    }
    tell_layer(s, i, &l);
    if (s->ask->progress != NULL)
        s->ask->progress(s->ask->ctx, s->inventory.progress);
}

/* Caps that were reached: lines of the ledger without bytes of their own. */
static void tell_caps(struct scan *s)
{
    const struct inventory *v = &s->inventory;
    struct err e = {0};

    if (v->secrets_dropped > 0) {
        err_set(&e, ERR_LIMIT, ERR_NO_OFFSET, "%llu more secrets than %d (LIMIT_SECRETS)",
                (unsigned long long)v->secrets_dropped, LIMIT_SECRETS);
        ledger_gap(s->sink, &(struct ledger_line){"secrets", "search", NULL, 0}, &e);
    }
    if (v->left_dropped > 0) {
        err_clear(&e);
        err_set(&e, ERR_LIMIT, ERR_NO_OFFSET,
                "%llu more files with credentials than are remembered",
                (unsigned long long)v->left_dropped);
        ledger_gap(s->sink, &(struct ledger_line){"credentials", "search", NULL, 0}, &e);
    }
    if (v->remarks > LIMIT_DIAGNOSTICS)
        sink_note(s->sink, 0, ERR_NO_OFFSET, NULL, "%llu more remarks about entries of layers",
                  (unsigned long long)v->remarks - LIMIT_DIAGNOSTICS);
    if (v->broken && s->whole == s->layout.nlayers) {
        err_clear(&e);
        err_set(&e, ERR_FORMAT, ERR_NO_OFFSET,
                "runtimes would refuse entries of its layers; what runs cannot be told");
        ledger_gap(s->sink, &(struct ledger_line){"tree", "image.tree", NULL, 0}, &e);
    }
}

static void tell_base(struct scan *s)
{
    const struct layout_entry *x = s->layout.chosen;
    const struct value *notes = x != NULL ? x->m.annotations : NULL;
    const struct base_image_claim claim = {
        .name = manifest_annotation(notes, "org.opencontainers.image.base.name"),
        .digest = manifest_annotation(notes, "org.opencontainers.image.base.digest"),
        .verified = s->whole >= s->base.nlayers};

    base_image_tell(&s->base, &claim, &s->inventory);
}

static bool read_image(struct scan *s, struct err *e)
{
    struct inventory *v = &s->inventory;

    if (!inventory_init(v, &s->arena, s->sink, (uint16_t)s->base.nlayers, e))
        return false;
    for (size_t i = 0; i < s->layout.nlayers && !s->sink->failed; i++)
        read_layer(s, i);
    s->complete = s->whole == s->layout.nlayers && !v->broken;
    files_tell(v, s->complete);
    files_tell_secrets(v);
    software_tell(v);
    tell_base(s);
    tell_caps(s);
    inventory_release(v);
    return true;
}

static bool scan(struct scan *s, struct err *e)
{
    const struct value *platform = value_get(s->ask->params, "platform");

    if (value_is(platform, VALUE_STRING)) {
        if (!layout_platform(&s->layout, value_cstr(platform, ""), e))
            return false;
        s->layout.platform_given = true;
    }
    if (!layout_choose(&s->layout, e))
        return false;
    tell_subject(s);
    if (!open_config(s, e))
        return false;
    s->base = base_image_match(value_get(s->ask->params, "catalogue"), &s->config);
    tell_manifest(s);
    if (!tell_config(s, e) || !read_image(s, e))
        return false;
    referrers_tell(&s->layout);
    blobs_account(s->layout.blobs, s->sink, "no manifest of the chosen image names it");
    return true;
}

bool image_scan(struct blobs *b, const struct image_ask *ask, struct sink *sink, struct err *e)
{
    struct scan *s = calloc(1, sizeof(*s));
    bool ok;

    if (s == NULL)
        abort();
    arena_init(&s->arena);
    s->ask = ask;
    s->sink = sink;
    s->layout = (struct layout){.blobs = b, .arena = &s->arena, .sink = sink, .ref = ask->ref};
    ok = scan(s, e);
    arena_release(&s->arena);
    free(s);
    return ok;
}

static void on_progress(void *ctx, uint64_t done)
{
    worker_progress(ctx, done);
}

bool image_job(struct worker *w, struct err *e)
{
    const struct image_ask ask = {
        .ref = worker_ref(w), .params = worker_params(w), .progress = on_progress, .ctx = w};
    struct blobs *b;
    bool ok;

    if (!blobs_open(w, &b, e))
        return false;
    ok = image_scan(b, &ask, worker_sink(w), e);
    blobs_free(b);
    return ok;
}
