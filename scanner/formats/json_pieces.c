#include "scanner/formats/json_pieces.h"

#include <string.h>

#include "base/limits.h"

#define SHORT_TEXT 20 /* bytes: a number of 64 bits */

static const struct json_pieces_kind *const kinds[] = {
    &document_xgboost_model,           &document_xgboost_dart,       &document_xgboost_serialized,
    &document_xgboost_serialized_dart, &document_catboost_oblivious, &document_catboost_trees,
};

/* ---- numbers that are none ------------------------------------------------------------------- */

/* Python writes NaN and Infinity, and reads them. A copy has a zero in their place, so that the
 * rest of the document can be read; all offsets stay. NULL when there is none. */
static uint8_t *without_nan(struct slice text, struct arena *a)
{
    static const char *const words[] = {"NaN", "Infinity"};
    uint8_t *copy = NULL;
    bool string = false;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];

        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        for (size_t k = 0; !string && k < ARRAY_LEN(words); k++) {
            const size_t n = strlen(words[k]);

            if (text.len - i < n || memcmp(text.data + i, words[k], n) != 0)
                continue;
            if (copy == NULL) {
                copy = arena_alloc(a, text.len + 1);
                memcpy(copy, text.data, text.len);
            }
            memset(copy + i, ' ', n);
            copy[i] = '0';
        }
    }
    return copy;
}

static bool read_rest(const struct json_cut_rest *rest, struct arena *a, const struct value **json,
                      struct err *e)
{
    struct json_cut_rest again = *rest;
    struct err unused = {0};

    if (json_cut_read(rest, a, json, e))
        return true;
    if (e->code != ERR_FORMAT)
        return false;
    again.text.data = without_nan(rest->text, a);
    if (again.text.data == NULL || !json_cut_read(&again, a, json, &unused))
        return false;
    err_clear(e);
    return true;
}

/* ---- trees ----------------------------------------------------------------------------------- */

struct reading {
    struct json_pieces *pieces;
    struct trees *again; /* of a list that is read for the second time; or NULL */
    struct arena arena;  /* of one tree */
};

static bool among(const char *const *names, struct slice s)
{
    while (*names != NULL && !slice_is(s, *names))
        names++;
    return *names != NULL;
}

/* XGBoost writes numbers as text too. */
static bool is_number(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((text.data[i] < '0' || text.data[i] > '9') && (i > 0 || text.data[i] != '-'))
            return false;
    return text.len > 0 && text.len <= SHORT_TEXT;
}

/* Nothing but what a tree has. */
static bool is_plain(const struct json_pieces_kind *kind, const struct value *v, unsigned level)
{
    if (v->kind == VALUE_STRING)
        return is_number(value_text(v)) || among(kind->words, value_text(v));
    if (level == 0)
        return v->kind != VALUE_LIST && v->kind != VALUE_MAP;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->len; i++) {
        const struct value *item = v->as.items[i];

        if (item->kind >= VALUE_STRING && !is_plain(kind, item, level - 1))
            return false;
    }
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->len; i++)
        if (!among(kind->keys, v->as.members[i].key) ||
            !is_plain(kind, v->as.members[i].value, level - 1))
            return false;
    return true;
}

static bool one_tree(void *ctx, const struct json_split_item *item, struct err *e)
{
    struct reading *r = ctx;
    const struct json_cut_rest text = {.text = item->text};
    const struct json_pieces_kind *kind = kinds[item->list];
    const struct value *tree;
    struct err why = {0};

    arena_clear(&r->arena);
    if (!read_rest(&text, &r->arena, &tree, &why)) {
        const uint64_t line = item->lines + why.line;

        return err_place(e, why.code, line < UINT32_MAX ? (uint32_t)line : UINT32_MAX,
                         item->offset + why.offset, "%s", why.text);
    }
    if (!is_plain(kind, tree, LIMIT_JSON_TREE_DEPTH))
        return false;
    kind->read(r->again != NULL ? r->again : &r->pieces->sums[item->cut], tree);
    return true;
}

static void begin(struct json_split *s, struct reading *r, const char **paths)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        paths[i] = kinds[i]->path;
    paths[ARRAY_LEN(kinds)] = NULL;
    json_split_init(s, r->pieces->source, paths);
    s->item = one_tree;
    s->ctx = r;
    arena_init(&r->arena);
}

static void end(struct json_split *s, struct reading *r)
{
    json_split_release(s);
    arena_release(&r->arena);
}

/* ---- documents ------------------------------------------------------------------------------- */

/* `whole`: out, it has to be read whole. */
static bool read_pieces(const struct format_input *in, struct json_document *out, bool *whole,
                        struct err *e)
{
    struct json_pieces *p = &out->pieces;
    struct reading r = {.pieces = p};
    const char *paths[ARRAY_LEN(kinds) + 1];
    struct json_split s;
    bool ok;

    begin(&s, &r, paths);
    ok = json_split_all(&s, e) && !s.odd;
    *whole = !ok || s.ncuts > 0;
    if (ok) {
        const struct json_cut_rest rest = {buf_slice(&s.rest), s.cuts, s.ncuts};

        ok = read_rest(&rest, in->scratch, &out->root, e);
    }
    memcpy(p->cuts, s.cuts, sizeof(p->cuts));
    for (size_t i = 0; i < s.ncuts; i++)
        p->kinds[i] = kinds[s.of[i]];
    p->n = s.ncuts;
    out->bytes = s.bytes;
    end(&s, &r);
    return ok;
}

bool json_pieces_read(const struct format_input *in, uint64_t from, struct json_document *out,
                      struct err *e)
{
    struct err why = {0}, again = {0};
    struct json_cut_rest all = {0};
    bool whole = true;

    *out = (struct json_document){.pieces = {.source = in->bytes}};
    for (size_t i = 0; i < ARRAY_LEN(out->pieces.sums); i++) {
        trees_init(&out->pieces.sums[i], in, "");
        out->pieces.sums[i].features = INT64_MAX;
    }
    if (source_len(in->bytes) > from) {
        if (read_pieces(in, out, &whole, &why))
            return true;
        if (!whole || why.code == ERR_IO || why.code == ERR_TRANSIENT) {
            *e = why;
            return false;
        }
    }
    /* what is wrong with a text that can be read whole is said of the whole */
    out->pieces.n = 0;
    if (!source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &all.text, &again)) {
        *e = why.code != ERR_NONE ? why : again;
        return false;
    }
    out->bytes = all.text.len;
    return read_rest(&all, in->scratch, &out->root, e);
}

/* ---- what a document asks -------------------------------------------------------------------- */

/* To be told in words, in their order. */
static void read_again(struct json_pieces *p, size_t i, struct trees *t)
{
    struct reading r = {.pieces = p, .again = t};
    const char *paths[ARRAY_LEN(kinds) + 1];
    struct json_split s;
    size_t list = 0;

    while (kinds[list] != p->kinds[i])
        list++;
    begin(&s, &r, paths);
    if (!json_split_again(&s, &p->cuts[i], list, &p->e) && p->e.code == ERR_NONE)
        err_set(&p->e, ERR_FORMAT, p->cuts[i].at, "the list is not what it was before");
    end(&s, &r);
}

bool json_pieces_trees(struct json_pieces *p, const struct value *list, struct trees *t)
{
    size_t i = 0;

    if (p == NULL || list == NULL)
        return false;
    while (i < p->n && p->cuts[i].at != list->offset + 1)
        i++;
    if (i == p->n)
        return false;
    if (p->sums[i].problems > 0 || p->sums[i].features_used > t->features) {
        read_again(p, i, t);
    } else {
        t->trees += p->sums[i].trees;
        t->nodes += p->sums[i].nodes;
    }
    return true;
}
