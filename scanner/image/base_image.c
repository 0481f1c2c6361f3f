#include "scanner/image/base_image.h"

#include <string.h>

/* 1024 zero bytes: the tar of nothing, which is in many images of every origin. */
#define EMPTY_LAYER "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

static bool same_platform(const struct value *entry, const struct image_config *c)
{
    const struct slice want = value_text(value_get(entry, "platform"));
    char have[256];

    if (want.len == 0)
        return true;
    snprintf(have, sizeof(have), "%.80s/%.80s", c->os != NULL ? c->os : "",
             c->architecture != NULL ? c->architecture : "");
    if (slice_is(want, have))
        return true;
    if (c->variant == NULL)
        return false;
    snprintf(have + strlen(have), sizeof(have) - strlen(have), "/%.80s", c->variant);
    return slice_is(want, have);
}

static size_t matching_layers(const struct value *entry, const struct image_config *c)
{
    const struct value *ids = value_get(entry, "diff_ids");
    const size_t n = value_len(ids);
    bool content = false;

    if (n == 0 || n > c->ndiff_ids || !same_platform(entry, c))
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct slice id = value_text(value_item(ids, i));

        if (!slice_is(id, c->diff_id_texts[i]))
            return 0;
        content = content || !slice_is(id, EMPTY_LAYER);
    }
    return content ? n : 0;
}

struct base_image base_image_match(const struct value *catalogue, const struct image_config *c)
{
    struct base_image best = {NULL, 0};

    for (size_t i = 0; i < value_len(catalogue); i++) {
        const struct value *entry = value_item(catalogue, i);
        const size_t n = matching_layers(entry, c);
        const bool worse = best.entry != NULL && value_true(value_get(entry, "revoked")) &&
                           !value_true(value_get(best.entry, "revoked"));

        if (n > best.nlayers || (n > 0 && n == best.nlayers && worse))
            best = (struct base_image){entry, n};
    }
    return best;
}

static int by_path(const void *a, const void *b)
{
    const struct inventory_change *x = a, *y = b;
    const int order = slice_cmp(x->path, y->path);

    return order != 0 ? order : (int)x->what - (int)y->what;
}

static const char *change_name(enum tree_change what)
{
    static const char *const names[] = {"replaced", "deleted", "mode", "owner"};

    return names[what];
}

static bool same_as_before(const struct inventory *v, size_t i)
{
    return i > 0 && slice_eq(v->changes[i].path, v->changes[i - 1].path);
}

/* The paths of the base that upper layers change, each once, and those that paths.yaml knows. */
static void add_changes(struct value_builder *b, struct inventory *v)
{
    const struct detectors_path *match[PATHS_MATCHES_MAX];
    struct value_builder all, sensitive, kinds;

    if (v->nchanges > 1)
        qsort(v->changes, v->nchanges, sizeof(*v->changes), by_path);
    value_list_begin(&all, v->arena);
    value_list_begin(&sensitive, v->arena);
    value_list_begin(&kinds, v->arena);
    for (size_t i = 0; i < v->nchanges; i++) {
        const struct inventory_change *c = &v->changes[i];
        const struct value *path = paths_told(v->arena, c->path);

        if (same_as_before(v, i))
            continue;
        value_list_add(&all, path);
        value_list_add(&kinds, value_str(v->arena, change_name(c->what)));
        if (paths_match(v->paths, c->path, match) > 0)
            value_list_add(&sensitive, path);
    }
    value_map_add(b, "overwritten", value_list_end(&all, NULL));
    value_map_add(b, "overwritten_how", value_list_end(&kinds, NULL));
    value_map_add(b, "overwritten_count", value_int(v->arena, (int64_t)v->changed, NULL));
    value_map_add(b, "sensitive_overwritten", value_list_end(&sensitive, NULL));
}

static void add_entry(struct value_builder *b, const struct base_image *base, struct arena *a)
{
    static const char *const keys[] = {"name",   "digest", "platform",         "expires",
                                       "issued", "reason", "deprecated_after", "allowed_env"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct value *v = value_get(base->entry, keys[i]);

        value_map_add(b, keys[i], v != NULL ? v : value_null(a, NULL));
    }
    value_map_add(b, "revoked", value_bool(a, value_true(value_get(base->entry, "revoked")), NULL));
}

void base_image_tell(const struct base_image *base, const struct base_image_claim *claim,
                     struct inventory *v)
{
    struct arena *a = v->arena;
    struct sink *s = v->sink;
    struct value_builder b;
    struct fact f = {.source = "image",
                     .type = "image.base",
                     .address = "base",
                     .name = "base",
                     .subject = s->subject_name,
                     .at = {s->input_name, "config", 0, ERR_NO_OFFSET}};

    value_map_begin(&b, a);
    add_entry(&b, base, a);
    if (base->entry != NULL && !claim->verified)
        value_map_add(&b, "matched",
                      value_unknown(a, "a layer of the base could not be read", NULL, 0, NULL));
    else
        value_map_add(&b, "matched", value_bool(a, base->entry != NULL, NULL));
    value_map_add(&b, "layers", value_int(a, (int64_t)base->nlayers, NULL));
    value_map_add(&b, "claimed_name",
                  claim->name != NULL ? value_str(a, claim->name) : value_null(a, NULL));
    value_map_add(&b, "claimed_digest",
                  claim->digest != NULL ? value_str(a, claim->digest) : value_null(a, NULL));
    add_changes(&b, v);
    f.attributes = value_map_end(&b, NULL);
    sink_fact(s, &f);
}
