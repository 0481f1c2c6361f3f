#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/trees.h"

#define KEY_BYTES 64
#define TOKEN_BYTES 64 /* of a number; longer tokens are names */

/* As they stand there: PART_REST holds the importances of the features, PART_END is behind the
 * parameters. */
enum part { PART_HEADER, PART_TREES, PART_REST, PART_PARAMETERS, PART_END, PART_PARSER };

/* Lines without a '=' that lead from one part to the next. SPEC: LightGBM 4,
 * src/boosting/gbdt_model_text.cpp, GBDT::SaveModelToString: the importances and the parameters are
 * written with every model, the configuration of a parser seldom. */
static const struct step {
    const char *line;
    enum part from, to;
} steps[] = {
    {"parameters:", PART_REST, PART_PARAMETERS},
    {"end of parameters", PART_PARAMETERS, PART_END},
    {"parser:", PART_END, PART_PARSER},
    {"end of parser", PART_PARSER, PART_END},
};

/* What a model that ends within a part has not reached. */
static const char *const missing[] = {
    [PART_HEADER] = "end of trees",
    [PART_TREES] = "end of trees",
    [PART_REST] = "parameters:",
    [PART_PARAMETERS] = "end of parameters",
    [PART_END] = NULL,
    [PART_PARSER] = "end of parser",
};

/* What the elements of an array are. */
enum element { ELEMENT_ANY, ELEMENT_FEATURE, ELEMENT_CHILD };

/* Arrays of a tree. SPEC: LightGBM 4, src/io/tree.cpp, Tree::ToString */
static const struct array {
    const char *key;
    bool leaves; /* one for each leaf, else for each split */
    enum element element;
} arrays[] = {
    {"split_feature", false, ELEMENT_FEATURE}, {"split_gain", false, ELEMENT_ANY},
    {"threshold", false, ELEMENT_ANY},         {"decision_type", false, ELEMENT_ANY},
    {"left_child", false, ELEMENT_CHILD},      {"right_child", false, ELEMENT_CHILD},
    {"leaf_value", true, ELEMENT_ANY},         {"internal_value", false, ELEMENT_ANY},
};

struct lightgbm {
    const struct format_input *in;
    struct reader r;
    struct trees trees;
    enum part part;
    uint64_t line_at; /* offset of the line */
    char key[KEY_BYTES];
    size_t nkey; /* KEY_BYTES: too long, no key of ours */
    bool value;  /* the line has a '=' */
    bool open;   /* the file ended before the line did */
    char token[TOKEN_BYTES];
    size_t ntoken;   /* may pass TOKEN_BYTES */
    uint64_t *sizes; /* of the trees in bytes, as declared */
    size_t nsizes;
    uint64_t tree_at, leaves, features; /* of the current tree */
    bool many;                          /* num_leaves stood in front of the arrays */
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    if (!slice_starts(head, "tree\n") && !slice_starts(head, "tree\r\n"))
        return 0;
    head = slice_from(head, head.data[4] == '\r' ? 6 : 5);
    return slice_starts(head, "version=") || slice_starts(head, "num_class=") ? FORMAT_CERTAIN : 0;
}

/* The next byte; `*end` behind the last one. A line ends with '\n'; '\r' is passed over. */
static bool next(struct lightgbm *l, uint8_t *c, bool *end, struct err *e)
{
    do {
        if (l->r.left == 0 && !feed_more(l->in->feed, &l->r, FEED_NEED, e))
            return false;
        *end = !reader_u8(&l->r, c);
    } while (!*end && *c == '\r');
    if (!*end && *c < ' ' && *c != '\n' && *c != '\t')
        return err_pos(e, ERR_FORMAT, l->r.offset - 1, "byte 0x%02x does not belong in a text", *c);
    return true;
}

static bool key_is(const struct lightgbm *l, const char *key)
{
    return l->nkey < KEY_BYTES && l->nkey == strlen(key) && memcmp(l->key, key, l->nkey) == 0;
}

static struct slice token(const struct lightgbm *l)
{
    return (struct slice){(const uint8_t *)l->token,
                          l->ntoken < TOKEN_BYTES ? l->ntoken : TOKEN_BYTES};
}

static bool number(const struct lightgbm *l, int64_t *out, struct err *e)
{
    return (l->ntoken < TOKEN_BYTES && checked_i64(token(l), out)) ||
           err_pos(e, ERR_FORMAT, l->line_at, "%.*s is no integer", (int)l->nkey, l->key);
}

/* ---- one token ---- */
static bool header_token(struct lightgbm *l, uint64_t i, struct err *e)
{
    struct arena *a = l->in->scratch;
    int64_t n;

    if (key_is(l, "version") && i == 0 && l->trees.version.len == 0)
        l->trees.version = arena_slice(a, token(l));
    if (key_is(l, "objective") && i == 0 && l->trees.objective.len == 0)
        l->trees.objective = arena_slice(a, token(l));
    if (key_is(l, "max_feature_idx") || key_is(l, "num_class") || key_is(l, "tree_sizes")) {
        if (!number(l, &n, e))
            return false;
        if (n < 0 || n > INT32_MAX)
            return err_pos(e, ERR_FORMAT, l->line_at, "%.*s is %" PRId64, (int)l->nkey, l->key, n);
        if (key_is(l, "max_feature_idx"))
            l->features = (uint64_t)n + 1;
        else if (key_is(l, "num_class"))
            l->trees.classes = (uint64_t)n;
        else if (l->nsizes == LIMIT_TENSORS)
            return err_pos(e, ERR_LIMIT, l->line_at, "more than %d trees (LIMIT_TENSORS)",
                           LIMIT_TENSORS);
        else
            *(uint64_t *)ARENA_PUSH(a, &l->sizes, &l->nsizes) = (uint64_t)n;
    }
    return true;
}

/* SPEC: tree.h: a child from 0 on is a split, a negative one the complement of a leaf. */
static bool check_element(const struct lightgbm *l, const struct array *a, uint64_t i,
                          struct err *e)
{
    const int64_t splits = (int64_t)l->leaves - 1;
    int64_t n;

    if (a->element == ELEMENT_ANY)
        return true;
    if (!number(l, &n, e))
        return false;
    if (a->element == ELEMENT_FEATURE ? n >= 0 && (uint64_t)n < l->features
                                      : n < splits && ~n < (int64_t)l->leaves)
        return true;
    return err_pos(e, ERR_FORMAT, l->line_at,
                   "tree %" PRIu64 ": %s[%" PRIu64 "] is %" PRId64 ", with %" PRIu64
                   " leaves and %" PRIu64 " features",
                   l->trees.trees, a->key, i, n, l->leaves, l->features);
}

static const struct array *find_array(const struct lightgbm *l)
{
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
        if (key_is(l, arrays[i].key))
            return &arrays[i];
    return NULL;
}

static bool tree_token(struct lightgbm *l, uint64_t i, struct err *e)
{
    const struct array *a = find_array(l);
    int64_t n;

    if (key_is(l, "num_leaves")) {
        if (!number(l, &n, e))
            return false;
        if (n < 1 || n > INT32_MAX || l->many)
            return err_pos(e, ERR_FORMAT, l->line_at, "tree %" PRIu64 " has %" PRId64 " leaves",
                           l->trees.trees, n);
        l->leaves = (uint64_t)n;
        l->many = true;
    }
    return a == NULL || check_element(l, a, i, e);
}

/* Behind the '=': blanks between tokens. Gives how many there were. */
static bool read_tokens(struct lightgbm *l, uint64_t *count, struct err *e)
{
    bool end = false;
    uint8_t c = ' ';

    *count = 0;
    l->ntoken = 0;
    while (!end && c != '\n') {
        if (!next(l, &c, &end, e))
            return false;
        if (!end && c != '\n' && c != ' ') {
            if (l->ntoken < TOKEN_BYTES)
                l->token[l->ntoken] = (char)c;
            l->ntoken++;
            continue;
        }
        if (l->ntoken == 0)
            continue;
        if (l->part == PART_HEADER ? !header_token(l, *count, e)
                                   : l->part == PART_TREES && !tree_token(l, *count, e))
            return false;
        ++*count;
        l->ntoken = 0;
    }
    return true;
}

/* ---- one line ---- */
static bool read_key(struct lightgbm *l, bool *end, struct err *e)
{
    uint8_t c = 0;

    l->line_at = l->r.offset;
    l->nkey = 0;
    l->value = false;
    while (c != '\n') {
        if (!next(l, &c, end, e))
            return false;
        l->open = *end;
        if (*end)
            break;
        l->value = c == '=';
        if (l->value)
            break;
        if (c != '\n' && l->nkey < KEY_BYTES)
            l->key[l->nkey++] = (char)c;
    }
    *end = *end && l->nkey == 0;
    return true;
}

/* SPEC: gbdt_model_text.cpp: tree_sizes are used to jump from one tree to the next. */
static bool end_tree(struct lightgbm *l, struct err *e)
{
    const uint64_t size = l->line_at - l->tree_at;

    if (l->part != PART_TREES || l->tree_at == 0)
        return true;
    if (!l->many)
        return err_pos(e, ERR_FORMAT, l->tree_at, "tree %" PRIu64 " does not say its leaves",
                       l->trees.trees);
    if (l->nsizes > 0 && (l->trees.trees >= l->nsizes || l->sizes[l->trees.trees] != size))
        return err_pos(e, ERR_FORMAT, l->tree_at,
                       "tree %" PRIu64 " has %" PRIu64 " bytes, tree_sizes says %" PRIu64,
                       l->trees.trees, size,
                       l->trees.trees < l->nsizes ? l->sizes[l->trees.trees] : 0);
    l->trees.nodes += l->leaves - 1;
    l->trees.trees++;
    return true;
}

static bool begin_tree(struct lightgbm *l, struct err *e)
{
    if (!end_tree(l, e))
        return false;
    l->part = PART_TREES;
    l->tree_at = l->line_at;
    l->many = false;
    l->leaves = 1;
    return true;
}

static bool end_trees(struct lightgbm *l, struct err *e)
{
    if (!end_tree(l, e))
        return false;
    if (l->nsizes > 0 && l->nsizes != l->trees.trees)
        return err_pos(e, ERR_FORMAT, l->line_at, "tree_sizes has %zu trees, %" PRIu64 " are there",
                       l->nsizes, l->trees.trees);
    l->part = PART_REST;
    return true;
}

static void next_part(struct lightgbm *l)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (l->part == steps[i].from && key_is(l, steps[i].line)) {
            l->part = steps[i].to;
            return;
        }
}

/* "pandas_categorical:" and JSON, the only line that Python adds; a line feed ends it. SPEC:
 * LightGBM 4, python-package/lightgbm/basic.py */
static bool read_categories(struct lightgbm *l, struct err *e)
{
    static const char begin[] = "pandas_categorical:";
    uint8_t c = l->value || l->open ? 0 : '\n';

    if (l->nkey < sizeof(begin) - 1 || memcmp(l->key, begin, sizeof(begin) - 1) != 0)
        return err_pos(e, ERR_FORMAT, l->line_at, "a line behind the parameters that no model has");
    while (c != '\n' && !l->open)
        if (!next(l, &c, &l->open, e))
            return false;
    return !l->open || err_at(e, ERR_FORMAT, &l->r, "the model ends within its last line");
}

static bool read_line(struct lightgbm *l, bool *end, struct err *e)
{
    const struct array *a;
    uint64_t n;

    if (!read_key(l, end, e))
        return false;
    if (l->part == PART_END && l->nkey > 0 && !key_is(l, "parser:"))
        return read_categories(l, e);
    if (!l->value) {
        next_part(l);
        return !key_is(l, "end of trees") || end_trees(l, e);
    }
    if (key_is(l, "Tree") && l->part <= PART_TREES && !begin_tree(l, e))
        return false;
    if (!read_tokens(l, &n, e))
        return false;
    a = l->part == PART_TREES ? find_array(l) : NULL;
    if (a == NULL || n == l->leaves - !a->leaves)
        return true;
    return err_pos(e, ERR_FORMAT, l->line_at,
                   "tree %" PRIu64 ": %s has %" PRIu64 " elements, the tree %" PRIu64 " leaves",
                   l->trees.trees, a->key, n, l->leaves);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct lightgbm l = {.in = in};
    bool end = false, ok = true;

    trees_init(&l.trees, in, "lightgbm");
    while (ok && !end)
        ok = read_line(&l, &end, e);
    cover->parsed = l.r.offset;
    if (!ok)
        return false;
    if (missing[l.part] != NULL)
        return err_at(e, ERR_FORMAT, &l.r, "the model ends before '%s'", missing[l.part]);
    l.trees.features = l.features;
    trees_tell(&l.trees);
    return true;
}

const struct format format_lightgbm = {
    .name = "lightgbm",
    .summary = "LightGBM models in text: their trees",
    .spec = "LightGBM 4, src/boosting/gbdt_model_text.cpp and src/io/tree.cpp",
    .begins = "tree\nversion=",
    .probe = probe,
    .parse = parse,
};
