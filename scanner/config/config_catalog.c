/* The data catalogue: datasets, their tags and lineage. SPEC: docs/data-catalog.md */
#include <string.h>

#include "base/limits.h"
#include "scanner/config/config.h"
#include "scanner/config/fields.h"

#define SOURCE "catalog"
#define WORDS ((LIMIT_CATALOG_LABELS + 63) / 64)

static const char *const classes[] = {"public", "internal", "confidential", "restricted"};

static const struct field dataset[] = {
    {"name", FIELD_STRING, true, NULL},
    {"uri", FIELD_STRING, true, NULL},
    {"class", FIELD_STRING, false, NULL},
    {"categories", FIELD_STRINGS, false, NULL},
    {"owner", FIELD_STRING, false, NULL},
    {"region", FIELD_STRING, false, NULL},
    {"retention_days", FIELD_INT, false, NULL},
    {"registered", FIELD_BOOL, false, NULL},
    {"kms_key_arn", FIELD_STRING, false, NULL},
    {"purposes", FIELD_STRINGS, false, NULL},
    {"lineage", FIELD_STRINGS, false, NULL},
    {"jurisdictions", FIELD_STRINGS, false, NULL},
    {"rows", FIELD_INT, false, NULL},
    {"notes", FIELD_STRING, false, NULL},
    {0},
};

static const struct field document[] = {
    {"apiVersion", FIELD_STRING, true, NULL},
    {"kind", FIELD_STRING, true, NULL},
    {"datasets", FIELD_MAPS, true, dataset},
    {0},
};

/* Labels of one axis, as bits; `unknown` when a dataset on the way does not declare them. */
struct labels {
    uint64_t bits[WORDS];
    const char *undeclared; /* the first dataset on the way that does not declare them, or NULL */
};

enum axis { AXIS_CATEGORIES, AXIS_JURISDICTIONS, AXES };
static const char *const axis_key[AXES] = {"categories", "jurisdictions"};
static const char *const axis_effective[AXES] = {"effective_categories", "effective_jurisdictions"};

struct node {
    const struct value *attributes;
    const char *name;
    unsigned class_rank;
    struct labels axis[AXES];
    size_t waiting;              /* parents not closed yet */
    size_t nchildren, *children; /* datasets that name this one in their lineage */
};

struct catalog {
    struct doc *d;
    struct node *nodes;
    size_t n;
    struct value_builder index;       /* name -> its place, as an int */
    struct value_builder label[AXES]; /* label -> its bit, as an int */
    const struct value *taxonomy;     /* map of allowed category ids, or NULL */
};

static bool probe(const struct value *doc)
{
    return slice_is(value_text(value_get(doc, "kind")), "DataCatalog");
}

/* Segments of a-z 0-9 '_' '-' with dots between them, the first beginning with a letter. */
static bool id_syntax(struct slice s)
{
    bool start = true;

    if (s.len == 0 || s.len > 128 || s.data[0] < 'a' || s.data[0] > 'z')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!word && (start || (c != '_' && c != '-' && c != '.')))
            return false;
        start = c == '.';
    }
    return !start;
}

static bool class_rank(const struct value *v, unsigned *out, struct err *e)
{
    if (v == NULL || value_is(v, VALUE_UNKNOWN)) {
        *out = ARRAY_LEN(classes) - 1; /* what nobody classified, or nobody knows, is the highest */
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LEN(classes); i++) {
        if (slice_is(value_text(v), classes[i])) {
            *out = i;
            return true;
        }
    }
    return doc_error(e, v, "unknown class '%.*s': public, internal, confidential or restricted",
                     DOC_TEXT(value_text(v)));
}

/* The bit of a label, new or not. */
static bool label_bit(struct catalog *c, enum axis axis, const struct value *v, size_t *bit,
                      struct err *e)
{
    struct value_builder *all = &c->label[axis];
    const struct slice id = value_text(v);
    const size_t before = all->n;
    const struct value_member *m;

    if (!id_syntax(id))
        return doc_error(e, v, "'%.*s' is not an id: lower-case words joined by dots",
                         DOC_TEXT(id));
    if (axis == AXIS_CATEGORIES && c->taxonomy != NULL && value_get_slice(c->taxonomy, id) == NULL)
        return doc_error(e, v, "category '%.*s' is not in the taxonomy", DOC_TEXT(id));
    value_map_put(all, id, value_null(c->d->arena, NULL));
    m = value_map_members(all);
    if (all->n > LIMIT_CATALOG_LABELS) {
        doc_fail(e, ERR_LIMIT, v, "more than LIMIT_CATALOG_LABELS (%d) different %s",
                 LIMIT_CATALOG_LABELS, axis_key[axis]);
        return false;
    }
    *bit = before;
    for (size_t i = 0; all->n == before && i < before; i++)
        if (slice_eq(m[i].key, id))
            *bit = i;
    return true;
}

static bool read_axis(struct catalog *c, struct node *n, enum axis axis, struct err *e)
{
    const struct value *list = value_get(n->attributes, axis_key[axis]);
    struct labels *out = &n->axis[axis];
    size_t bit;

    if (!value_is(list, VALUE_LIST))
        out->undeclared = n->name;
    for (size_t i = 0; i < value_len(list); i++) {
        if (value_is(value_item(list, i), VALUE_UNKNOWN)) {
            out->undeclared = n->name;
            continue;
        }
        if (!label_bit(c, axis, value_item(list, i), &bit, e))
            return false;
        out->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    return true;
}

static bool read_node(struct catalog *c, size_t i, const struct value *v, struct err *e)
{
    struct node *n = &c->nodes[i];
    const size_t before = c->index.n;
    const struct value_at at = doc_at(v);

    n->attributes = v;
    if (!doc_name(value_get(v, "name"), "the name of a dataset", &n->name, e))
        return false;
    value_map_add(&c->index, n->name, value_int(c->d->arena, (int64_t)i, &at));
    if (c->index.n == before)
        return doc_error(e, v, "dataset '%.*s' is given twice", DOC_TEXT(slice_str(n->name)));
    return class_rank(value_get(v, "class"), &n->class_rank, e) &&
           read_axis(c, n, AXIS_CATEGORIES, e) && read_axis(c, n, AXIS_JURISDICTIONS, e);
}

/* Two datasets under one address: the longest prefix would not tell them apart. */
static bool unique_uris(struct catalog *c, struct err *e)
{
    struct value_builder seen;

    value_map_begin(&seen, c->d->arena);
    for (size_t i = 0; i < c->n; i++) {
        const struct value *uri = value_get(c->nodes[i].attributes, "uri");
        struct slice s = value_text(uri);
        const size_t before = seen.n;

        while (s.len > 0 && s.data[s.len - 1] == '/')
            s.len--;
        if (value_is(uri, VALUE_UNKNOWN))
            continue;
        value_map_put(&seen, s, uri);
        if (seen.n == before)
            return doc_error(e, uri, "another dataset has the address '%.*s' too", DOC_TEXT(s));
    }
    return true;
}

static bool link_parents(struct catalog *c, size_t i, const struct value *index, struct err *e)
{
    const struct value *list = value_get(c->nodes[i].attributes, "lineage");

    if (list != NULL && list->kind == VALUE_UNKNOWN)
        return doc_error(e, list, "the lineage of a dataset must be known");
    for (size_t k = 0; k < value_len(list); k++) {
        const struct value *name = value_item(list, k);
        const int64_t at = value_int_or(value_get_slice(index, value_text(name)), -1);

        if (at < 0)
            return doc_error(e, name, "lineage names '%.*s', which the catalogue does not define",
                             DOC_TEXT(value_text(name)));
        if ((size_t)at == i)
            return doc_error(e, name, "dataset '%.*s' is its own lineage",
                             DOC_TEXT(value_text(name)));
        *(size_t *)ARENA_PUSH(c->d->arena, &c->nodes[at].children, &c->nodes[at].nchildren) = i;
        c->nodes[i].waiting++;
    }
    return true;
}

/* class: the highest; labels: the union; undeclared anywhere on the way: undeclared. */
static void inherit(struct node *child, const struct node *parent)
{
    if (parent->class_rank > child->class_rank)
        child->class_rank = parent->class_rank;
    for (size_t k = 0; k < AXES; k++) {
        for (size_t w = 0; w < WORDS; w++)
            child->axis[k].bits[w] |= parent->axis[k].bits[w];
        if (child->axis[k].undeclared == NULL)
            child->axis[k].undeclared = parent->axis[k].undeclared;
    }
}

/* Some dataset is left over: walk up from it through others that are left; that must end in the
 * cycle. */
static bool cycle_error(const struct catalog *c, const struct value *index, struct err *e)
{
    const struct value *via = NULL;
    size_t i = 0;

    while (c->nodes[i].waiting == 0)
        i++;
    for (size_t step = 0; step <= c->n; step++) {
        const struct value *list = value_get(c->nodes[i].attributes, "lineage");
        size_t k = 0, up = 0;

        for (; k < value_len(list); k++) {
            up = (size_t)value_int_or(value_get_slice(index, value_text(value_item(list, k))), 0);
            if (c->nodes[up].waiting > 0)
                break;
        }
        via = value_item(list, k);
        i = up;
    }
    return doc_error(e, via, "the lineage of '%.*s' runs in a circle",
                     DOC_TEXT(slice_str(c->nodes[i].name)));
}

/* Parents before children, each edge once. */
static bool close_lineage(struct catalog *c, struct err *e)
{
    const struct value *index = value_map_end(&c->index, NULL);
    size_t *ready = ARENA_ARRAY(c->d->arena, size_t, c->n);
    size_t nready = 0;

    for (size_t i = 0; i < c->n; i++)
        if (!link_parents(c, i, index, e))
            return false;
    for (size_t i = 0; i < c->n; i++)
        if (c->nodes[i].waiting == 0)
            ready[nready++] = i;
    for (size_t at = 0; at < nready; at++) {
        const struct node *n = &c->nodes[ready[at]];

        for (size_t k = 0; k < n->nchildren; k++) {
            struct node *child = &c->nodes[n->children[k]];

            inherit(child, n);
            if (--child->waiting == 0)
                ready[nready++] = n->children[k];
        }
    }
    return nready == c->n || cycle_error(c, index, e);
}

static const struct value *effective(const struct catalog *c, const struct node *n, enum axis axis)
{
    struct arena *a = c->d->arena;
    const struct value_member *all = value_map_members(&c->label[axis]);
    const struct value_at at = doc_at(n->attributes);
    struct value_builder b;

    if (n->axis[axis].undeclared != NULL)
        return value_unknown(a,
                             arena_printf(a, "dataset '%s' does not declare its %s",
                                          n->axis[axis].undeclared, axis_key[axis]),
                             NULL, 0, &at);
    value_list_begin(&b, a);
    for (size_t i = 0; i < c->label[axis].n; i++)
        if ((n->axis[axis].bits[i / 64] >> (i % 64) & 1u) != 0)
            value_list_add(&b, value_string(a, all[i].key, &at));
    return value_list_end(&b, &at);
}

static bool tell(struct catalog *c, const struct node *n, struct err *e)
{
    struct arena *a = c->d->arena;
    const struct value_at at = doc_at(n->attributes);
    struct doc_fact f = {.source = SOURCE, .type = "dataset", .address = n->name};
    struct value_builder b;

    value_map_begin(&b, a);
    for (size_t i = 0; i < value_len(n->attributes); i++)
        value_map_put(&b, n->attributes->as.members[i].key, n->attributes->as.members[i].value);
    if (!fields_put_uri(&b, value_get(n->attributes, "uri"), "uri", e))
        return err_in(e, "dataset '%.*s'", DOC_TEXT(slice_str(n->name)));
    value_map_add(&b, "effective_class", value_str(a, classes[n->class_rank]));
    for (enum axis k = 0; k < AXES; k++)
        value_map_add(&b, axis_effective[k], effective(c, n, k));
    f.at = n->attributes;
    f.attributes = value_map_end(&b, &at);
    doc_fact(c->d, &f);
    return true;
}

/* params.taxonomy: a list of category ids, as a map of them. */
static bool taxonomy(struct catalog *c, struct err *e)
{
    const struct value *list = value_get(c->d->params, "taxonomy");
    struct value_builder b;

    if (list == NULL)
        return true;
    if (list->kind != VALUE_LIST)
        return err_fail(e, ERR_USAGE, "the taxonomy must be a list of category ids");
    value_map_begin(&b, c->d->arena);
    for (size_t i = 0; i < value_len(list); i++)
        value_map_put(&b, value_text(value_item(list, i)), list);
    c->taxonomy = value_map_end(&b, NULL);
    return true;
}

static bool head(const struct value *doc, struct err *e)
{
    const struct slice version = value_text(value_get(doc, "apiVersion"));
    const struct slice kind = value_text(value_get(doc, "kind"));

    if (!slice_is(version, "sallyport/v1")) {
        doc_fail(e, ERR_UNSUPPORTED, value_get(doc, "apiVersion"),
                 "apiVersion '%.*s' is not sallyport/v1", DOC_TEXT(version));
        return false;
    }
    if (!slice_is(kind, "DataCatalog"))
        return doc_error(e, value_get(doc, "kind"), "kind '%.*s' is not DataCatalog",
                         DOC_TEXT(kind));
    return true;
}

static bool parse(struct doc *d, struct err *e)
{
    const struct fields_ask ask = {d->root, document, ""};
    struct catalog c = {.d = d};
    const struct value *doc, *list;

    if (!fields_read(d, &ask, &doc, e) || !head(doc, e) || !taxonomy(&c, e))
        return false;
    list = value_get(doc, "datasets");
    if (!value_is(list, VALUE_LIST))
        return doc_error(e, list, "datasets must be a list");
    if (value_len(list) > LIMIT_CATALOG_DATASETS) {
        doc_fail(e, ERR_LIMIT, list, "more than LIMIT_CATALOG_DATASETS (%d) datasets",
                 LIMIT_CATALOG_DATASETS);
        return false;
    }
    c.n = value_len(list);
    c.nodes = ARENA_ARRAY(d->arena, struct node, c.n);
    value_map_begin(&c.index, d->arena);
    for (size_t i = 0; i < AXES; i++)
        value_map_begin(&c.label[i], d->arena);
    for (size_t i = 0; i < c.n; i++)
        if (!read_node(&c, i, value_item(list, i), e))
            return false;
    if (!unique_uris(&c, e) || !close_lineage(&c, e))
        return false;
    for (size_t i = 0; i < c.n; i++)
        if (!tell(&c, &c.nodes[i], e))
            return false;
    return true;
}

const struct config_kind config_catalog = {
    .name = "catalog",
    .summary = "data catalogue: datasets, their class, categories and lineage (YAML)",
    .spec = "docs/data-catalog.md",
    .format = "data-catalog",
    .probe = probe,
    .parse = parse,
};
