#include "scanner/image/layout.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "scanner/image/ledger.h"
#include "scanner/image/layout_docker.h"

#define REF_NAME "org.opencontainers.image.ref.name"
#define CONTAINERD_NAME "io.containerd.image.name"
#define LAYOUT_FILE_MAX 4096 /* bytes of the file oci-layout */
#define LISTED_MAX 8         /* candidates named in an error */

const char *layout_blob_path(struct arena *a, const struct digest *d)
{
    char hex[DIGEST_TEXT_MAX];

    digest_hex(d, hex);
    return arena_printf(a, "blobs/%s/%s", d->alg == DIGEST_SHA256 ? "sha256" : "sha512", hex);
}

bool layout_blob(struct layout *l, const struct manifest_descriptor *d, size_t max,
                 struct slice *out, struct err *e)
{
    const char *path = layout_blob_path(l->arena, &d->digest);
    struct source *bytes;
    struct digest got;
    uint64_t len;

    if (!blobs_find(l->blobs, path, &bytes, &len, e))
        return false;
    if (len != d->size)
        return err_fail(e, ERR_FORMAT, "%s has %llu bytes, its descriptor says %llu", path,
                        (unsigned long long)len, (unsigned long long)d->size);
    if (!source_slurp(bytes, max, l->arena, out, e))
        return err_in(e, "%s", path);
    digest_of(*out, d->digest.alg, &got);
    if (!digest_eq(&got, &d->digest))
        return err_fail(e, ERR_CRYPTO, "%s: its bytes have another digest", path);
    return true;
}

bool layout_platform(struct layout *l, const char *text, struct err *e)
{
    char *copy = arena_strdup(l->arena, text);
    char *slash = strchr(copy, '/');

    if (slash == NULL || slash == copy || slash[1] == '\0')
        return err_fail(e, ERR_USAGE, "platform %s is not os/architecture[/variant]", text);
    *slash = '\0';
    l->os = copy;
    l->architecture = slash + 1;
    l->variant = NULL;
    slash = strchr(slash + 1, '/');
    if (slash != NULL) {
        *slash = '\0';
        l->variant = slash + 1;
    }
    return true;
}

bool layout_ref_matches(const char *ref, const char *name)
{
    const char *colon = strrchr(name, ':');

    if (strcmp(ref, name) == 0)
        return true;
    return colon != NULL && strchr(colon, '/') == NULL && strcmp(ref, colon + 1) == 0;
}

static struct ledger_line line_of(const struct layout_entry *x)
{
    return (struct ledger_line){x->path, x->m.index ? "oci.index" : "oci.manifest",
                                x->d.digest_text, x->d.size};
}

static void add_entries(struct layout *l, const struct manifest *m, size_t parent, unsigned depth)
{
    for (size_t i = 0; i < m->nentries; i++) {
        struct layout_entry *x = ARENA_PUSH(l->arena, &l->entries, &l->nentries);

        x->d = m->entries[i];
        x->path = layout_blob_path(l->arena, &x->d.digest);
        x->ref_name = manifest_annotation(x->d.annotations, REF_NAME);
        if (x->ref_name == NULL)
            x->ref_name = manifest_annotation(x->d.annotations, CONTAINERD_NAME);
        x->parent = parent;
        x->depth = depth;
    }
}

static bool load(struct layout *l, size_t i, struct err *e)
{
    struct layout_entry *x = &l->entries[i];
    const char *type = x->d.media_type;

    if (!layout_blob(l, &x->d, LIMIT_MANIFEST_BYTES, &x->bytes, e) ||
        !manifest_parse(x->bytes, l->arena, &x->m, e))
        return err_in(e, "manifest %s", x->d.digest_text);
    if (x->m.index != manifest_is_index_type(type) ||
        (x->m.media_type != NULL && strcmp(x->m.media_type, type) != 0))
        return err_fail(e, ERR_FORMAT, "manifest %s is not of the type %s that its descriptor says",
                        x->d.digest_text, type);
    x->loaded = true;
    if (!x->m.index)
        return true;
    if (x->depth >= LIMIT_INDEX_DEPTH)
        return err_fail(e, ERR_LIMIT, "indexes nested deeper than %d (LIMIT_INDEX_DEPTH)",
                        LIMIT_INDEX_DEPTH);
    if (x->m.nentries > LIMIT_MANIFESTS - l->nentries)
        return err_fail(e, ERR_LIMIT, "more than %d manifests (LIMIT_MANIFESTS)", LIMIT_MANIFESTS);
    add_entries(l, &x->m, i, x->depth + 1);
    return true;
}

/* All manifests of the layout. One that is missing or broken matters when
 * it is chosen; it is a gap in any case. */
static void load_all(struct layout *l)
{
    for (size_t i = 0; i < l->nentries; i++) {
        const char *type = l->entries[i].d.media_type;
        struct err why = {0};
        struct ledger_line line;

        if (!manifest_is_index_type(type) && !manifest_is_manifest_type(type))
            continue;
        if (!blobs_has(l->blobs, l->entries[i].path))
            continue;
        if (load(l, i, &why))
            continue;
        l->entries[i].loaded = false;
        line = line_of(&l->entries[i]);
        ledger_gap(l->sink, &line, &why);
    }
}

static bool is_attestation(const struct layout_entry *x)
{
    return x->d.os != NULL && strcmp(x->d.os, "unknown") == 0;
}

/* SPEC: cosign SIGNATURE_SPEC.md: tags "sha256-<hex>.sig", ".att", ".sbom". */
static bool is_signature_tag(const char *name)
{
    const char *dot = name != NULL ? strrchr(name, '.') : NULL;

    return dot != NULL && strncmp(name, "sha256-", 7) == 0 &&
           (strcmp(dot, ".sig") == 0 || strcmp(dot, ".att") == 0 || strcmp(dot, ".sbom") == 0);
}

/* May it be the image that was asked for, as far as its own document says? */
static bool may_be_image(const struct layout_entry *x)
{
    if (is_attestation(x) || is_signature_tag(x->ref_name) || x->d.artifact_type != NULL)
        return false;
    if (!manifest_is_index_type(x->d.media_type) && !manifest_is_manifest_type(x->d.media_type))
        return false;
    return !x->loaded || x->m.index || manifest_is_image(&x->m);
}

static bool asked_for(const struct layout *l, const struct layout_entry *x)
{
    const char *ref = l->ref;

    if (ref == NULL)
        return x->parent == LAYOUT_TOP;
    if (ref[0] == '@')
        ref++;
    if (strcmp(ref, x->d.digest_text) == 0)
        return true;
    return x->parent == LAYOUT_TOP && x->ref_name != NULL && layout_ref_matches(ref, x->ref_name);
}

/* Candidates are entries with different digests. */
struct choice {
    const struct layout_entry *x[LISTED_MAX];
    size_t n; /* may pass LISTED_MAX */
};

static void candidate(struct choice *c, const struct layout_entry *x)
{
    for (size_t i = 0; i < c->n && i < LISTED_MAX; i++)
        if (digest_eq(&c->x[i]->d.digest, &x->d.digest))
            return;
    if (c->n < LISTED_MAX)
        c->x[c->n] = x;
    c->n++;
}

static const char *list_text(struct layout *l, const struct choice *c)
{
    const char *text = "";

    for (size_t i = 0; i < c->n && i < LISTED_MAX; i++) {
        const struct manifest_descriptor *d = &c->x[i]->d;
        const char *platform =
            d->os == NULL || d->architecture == NULL
                ? ""
                : arena_printf(l->arena, "%s/%s%s%s ", d->os, d->architecture,
                               d->variant != NULL ? "/" : "", d->variant != NULL ? d->variant : "");

        text = arena_printf(
            l->arena, "%s%s%s%s%.19s", text, i > 0 ? ", " : "", platform,
            c->x[i]->ref_name != NULL ? arena_printf(l->arena, "%s@", c->x[i]->ref_name) : "",
            d->digest_text);
    }
    return c->n > LISTED_MAX ? arena_printf(l->arena, "%s, ...", text) : text;
}

static bool same_name(const struct choice *c)
{
    for (size_t i = 1; i < c->n && i < LISTED_MAX; i++) {
        const char *a = c->x[0]->ref_name, *b = c->x[i]->ref_name;

        if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0))
            return false;
    }
    return true;
}

/* Is `x` one of the tops, or listed by one of them? */
static bool below(const struct layout *l, const struct choice *tops, const struct layout_entry *x)
{
    for (;;) {
        for (size_t i = 0; i < tops->n && i < LISTED_MAX; i++)
            if (tops->x[i] == x)
                return true;
        if (x->parent == LAYOUT_TOP)
            return false;
        x = &l->entries[x->parent];
    }
}

static bool platform_matches(const struct layout *l, const struct manifest_descriptor *d)
{
    if (d->os == NULL || d->architecture == NULL || strcmp(d->os, l->os) != 0 ||
        strcmp(d->architecture, l->architecture) != 0)
        return false;
    return l->variant == NULL || (d->variant != NULL && strcmp(d->variant, l->variant) == 0);
}

/* Of one platform in several variants, the one without a variant, when there is just one such. */
static void prefer_plain(struct choice *c)
{
    const struct layout_entry *plain = NULL;
    size_t n = 0;

    for (size_t i = 0; i < c->n && i < LISTED_MAX; i++)
        if (c->x[i]->d.variant == NULL) {
            plain = c->x[i];
            n++;
        }
    if (n == 1 && c->n <= LISTED_MAX) {
        c->x[0] = plain;
        c->n = 1;
    }
}

/* Among the manifests below `tops`, the one of the platform. */
static bool choose_platform(struct layout *l, const struct choice *tops,
                            const struct layout_entry **out, struct err *e)
{
    struct choice match = {.n = 0}, all = {.n = 0};

    for (size_t i = 0; i < l->nentries; i++) {
        const struct layout_entry *x = &l->entries[i];

        if (!may_be_image(x) || manifest_is_index_type(x->d.media_type) || !below(l, tops, x))
            continue;
        candidate(&all, x);
        if (platform_matches(l, &x->d))
            candidate(&match, x);
    }
    /* a lone image needs no platform; its configuration is checked later */
    if (match.n == 0 && all.n == 1 && (all.x[0]->d.os == NULL || all.x[0] == tops->x[0]))
        match = all;
    if (match.n > 1 && l->variant == NULL)
        prefer_plain(&match);
    if (match.n == 0)
        return err_fail(e, ERR_USAGE, "no image for platform %s/%s%s%s; there are: %s", l->os,
                        l->architecture, l->variant != NULL ? "/" : "",
                        l->variant != NULL ? l->variant : "",
                        all.n > 0 ? list_text(l, &all) : "none");
    if (match.n > 1)
        return err_fail(e, ERR_USAGE, "%zu images for platform %s/%s: %s", match.n, l->os,
                        l->architecture, list_text(l, &match));
    *out = match.x[0];
    return true;
}

static bool choose_entry(struct layout *l, const struct layout_entry **out, struct err *e)
{
    struct choice tops = {.n = 0}, all = {.n = 0};

    for (size_t i = 0; i < l->nentries; i++) {
        const struct layout_entry *x = &l->entries[i];

        if (!may_be_image(x))
            continue;
        if (x->parent == LAYOUT_TOP)
            candidate(&all, x);
        if (asked_for(l, x))
            candidate(&tops, x);
    }
    if (tops.n == 0)
        return l->ref != NULL ? err_fail(e, ERR_USAGE, "no image %s; there are: %s", l->ref,
                                         all.n > 0 ? list_text(l, &all) : "none")
                              : err_fail(e, ERR_FORMAT, "the index names no image");
    if (tops.n > 1 && (!same_name(&tops) || tops.n > LISTED_MAX))
        return err_fail(e, ERR_USAGE, "%zu images, name one: %s", tops.n, list_text(l, &tops));
    return choose_platform(l, &tops, out, e);
}

/* SPEC: image-spec v1.1 image-layout.md, "oci-layout file". */
static bool check_layout_file(struct layout *l, struct err *e)
{
    const struct value *doc;
    struct source *bytes;
    struct slice text;
    uint64_t len;
    const char *version;

    if (!blobs_find(l->blobs, "oci-layout", &bytes, &len, e) ||
        !source_slurp(bytes, LAYOUT_FILE_MAX, l->arena, &text, e) ||
        !json_read(text, l->arena, &doc, e))
        return err_in(e, "oci-layout");
    version = value_cstr(value_get(doc, "imageLayoutVersion"), NULL);
    if (version == NULL)
        return err_fail(e, ERR_FORMAT, "oci-layout has no imageLayoutVersion");
    if (strcmp(version, "1.0.0") != 0)
        return err_fail(e, ERR_UNSUPPORTED, "image layout version %s, 1.0.0 is read", version);
    ledger_parsed(l->sink, &(struct ledger_line){"oci-layout", "oci.layout", NULL, len});
    return true;
}

static bool read_index(struct layout *l, struct err *e)
{
    struct source *bytes;
    struct slice text;
    struct manifest index;
    struct digest d;
    char digest[DIGEST_TEXT_MAX];
    uint64_t len;

    if (!blobs_find(l->blobs, "index.json", &bytes, &len, e) ||
        !source_slurp(bytes, LIMIT_MANIFEST_BYTES, l->arena, &text, e) ||
        !manifest_parse(text, l->arena, &index, e))
        return err_in(e, "index.json");
    if (!index.index)
        return err_fail(e, ERR_FORMAT, "index.json is a manifest, not an index");
    digest_of(text, DIGEST_SHA256, &d);
    digest_text(&d, digest);
    ledger_parsed(l->sink, &(struct ledger_line){"index.json", "oci.index", digest, len});
    add_entries(l, &index, LAYOUT_TOP, 1);
    return true;
}

/* One line for each manifest that was read, now that it is known which one counts. */
static void tell_entries(struct layout *l)
{
    for (size_t i = 0; i < l->nentries; i++) {
        const struct layout_entry *x = &l->entries[i];
        struct ledger_line line = line_of(x);
        bool again = false;

        for (size_t k = 0; k < i && !again; k++)
            again = l->entries[k].loaded && digest_eq(&l->entries[k].d.digest, &x->d.digest);
        if (!x->loaded || again)
            continue;
        if (is_attestation(x))
            ledger_ignored(l->sink, &line, "a build attestation, not an image");
        else if (x->chosen || x->m.index || !may_be_image(x))
            ledger_parsed(l->sink, &line);
        else
            ledger_ignored(l->sink, &line, "another image than the one that was asked for");
    }
}

static bool take_layers(struct layout *l, const struct manifest *m)
{
    l->nlayers = m->nentries;
    l->layers = ARENA_ARRAY(l->arena, struct layout_layer, m->nentries);
    for (size_t i = 0; i < m->nentries; i++) {
        const struct manifest_descriptor *d = &m->entries[i];

        l->layers[i] = (struct layout_layer){.path = layout_blob_path(l->arena, &d->digest),
                                             .media_type = d->media_type,
                                             .digest_text = d->digest_text,
                                             .digest = &d->digest,
                                             .size = d->size,
                                             .foreign = d->foreign};
    }
    return true;
}

static bool take(struct layout *l, size_t chosen, struct err *e)
{
    struct layout_entry *x = &l->entries[chosen];
    const struct manifest_descriptor *c = &x->m.config;

    if (!x->loaded && !load(l, chosen, e)) /* says again why not */
        return false;
    x->chosen = true;
    l->chosen = x;
    l->digest_text = x->d.digest_text;
    l->ref_name = x->ref_name;
    for (size_t p = x->parent; l->ref_name == NULL && p != LAYOUT_TOP; p = l->entries[p].parent)
        l->ref_name = l->entries[p].ref_name;
    l->config_path = layout_blob_path(l->arena, &c->digest);
    l->config_digest = c->digest_text;
    if (!manifest_is_image(&x->m))
        return err_fail(e, ERR_UNSUPPORTED, "%s is an artifact with a configuration of type %s",
                        x->d.digest_text, c->media_type);
    if (!layout_blob(l, c, LIMIT_IMAGE_CONFIG_BYTES, &l->config, e))
        return err_in(e, "configuration");
    return take_layers(l, &x->m);
}

bool layout_choose(struct layout *l, struct err *e)
{
    const struct layout_entry *x;
    bool ok;

    if (l->os == NULL && !layout_platform(l, "linux/amd64", e))
        return false;
    if (!blobs_has(l->blobs, "index.json") && blobs_has(l->blobs, "manifest.json"))
        return layout_docker_choose(l, e);
    if (!check_layout_file(l, e) || !read_index(l, e))
        return false;
    load_all(l);
    ok = choose_entry(l, &x, e) && take(l, (size_t)(x - l->entries), e);
    tell_entries(l);
    if (!ok)
        return false;
    return !blobs_has(l->blobs, "manifest.json") || layout_docker_agrees(l, e);
}
