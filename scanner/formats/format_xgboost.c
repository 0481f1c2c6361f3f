#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/trees.h"

/* Sizes of the structures, in bytes. SPEC: XGBoost 1.7, src/learner.cc, src/gbm/gbtree_model.h,
 * include/xgboost/tree_model.h; they are written as they lie in memory, little-endian. */
#define LEARNER 136
#define GBTREE 160
#define GBLINEAR 136
#define TREE 148
#define NODE 20
#define STATISTICS 16
#define RESERVED 100    /* bytes of LEARNER that are zero */
#define NAME 256        /* bytes of an objective's, a booster's or a metric's name */
#define CLASSES 1000000 /* of a classifier */

struct xgboost {
    const struct format_input *in;
    struct reader r;
    struct trees trees;
    uint32_t features, classes, attributes, metrics, major;
};

/* Is this the learner's structure, and the objective's name behind it? */
static bool plausible(struct reader r)
{
    uint32_t score, features, classes, attributes, metrics, major, minor;
    uint64_t n;
    struct slice rest, name;

    if (!reader_u32le(&r, &score) || !reader_u32le(&r, &features) || !reader_u32le(&r, &classes) ||
        !reader_u32le(&r, &attributes) || !reader_u32le(&r, &metrics) ||
        !reader_u32le(&r, &major) || !reader_u32le(&r, &minor) ||
        !reader_bytes(&r, LEARNER - 28, &rest) || !reader_u64le(&r, &n) || n == 0 || n > NAME ||
        !reader_bytes(&r, n, &name))
        return false;
    for (size_t i = rest.len - RESERVED; i < rest.len; i++)
        if (rest.data[i] != 0)
            return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] < '-' || name.data[i] > 'z')
            return false;
    return classes <= CLASSES && attributes <= 1 && metrics <= 1 && major < 100 && minor < 100;
}

static int probe(struct slice head, const char *name)
{
    const bool marked = slice_starts(head, "binf");

    (void)name;
    return plausible(reader_over(marked ? slice_from(head, 4) : head)) ? FORMAT_CERTAIN : 0;
}

/* Makes the reader hold the next n <= FEED_NEED bytes. */
static bool need(struct xgboost *x, size_t n, const char *what, struct err *e)
{
    if (x->r.left < n && !feed_more(x->in->feed, &x->r, n, e))
        return false;
    return x->r.left >= n || err_at(e, ERR_FORMAT, &x->r, "%s is cut short", what);
}

static bool u32(struct xgboost *x, const char *what, uint32_t *out, struct err *e)
{
    return need(x, 4, what, e) && reader_u32le(&x->r, out);
}

/* Passes over n items of `size` bytes. */
static bool skip(struct xgboost *x, uint64_t n, unsigned size, const char *what, struct err *e)
{
    uint64_t bytes;

    if (!checked_mul(n, size, &bytes))
        return err_at(e, ERR_FORMAT, &x->r, "%s of more than 2^64 bytes", what);
    if (!feed_skip(x->in->feed, &x->r, bytes, e))
        return err_in(e, "%s", what);
    return true;
}

/* A vector of items of `size` bytes: its length has 64 bits. */
static bool skip_vector(struct xgboost *x, unsigned size, const char *what, struct err *e)
{
    uint64_t n;

    if (!need(x, 8, what, e) || !reader_u64le(&x->r, &n))
        return false;
    if (n > UINT32_MAX)
        return err_at(e, ERR_FORMAT, &x->r, "%s of %" PRIu64 " elements", what, n);
    return skip(x, n, size, what, e);
}

static bool read_name(struct xgboost *x, const char *what, struct slice *out, struct err *e)
{
    struct slice text;
    uint64_t n;

    if (!need(x, 8, what, e) || !reader_u64le(&x->r, &n))
        return false;
    if (n > NAME)
        return err_at(e, ERR_FORMAT, &x->r, "%s has %" PRIu64 " bytes, at most %d", what, n, NAME);
    if (!need(x, (size_t)n, what, e) || !reader_bytes(&x->r, n, &text))
        return false;
    *out = arena_slice(x->in->scratch, text);
    return true;
}

static bool read_learner(struct xgboost *x, struct err *e)
{
    uint32_t score, minor;
    struct slice rest;

    if (!need(x, 4, "the header", e))
        return false;
    if (memcmp(x->r.data, "binf", 4) == 0 && !reader_skip(&x->r, 4))
        return false;
    if (!need(x, LEARNER, "the header", e) || !reader_u32le(&x->r, &score) ||
        !reader_u32le(&x->r, &x->features) || !reader_u32le(&x->r, &x->classes) ||
        !reader_u32le(&x->r, &x->attributes) || !reader_u32le(&x->r, &x->metrics) ||
        !reader_u32le(&x->r, &x->major) || !reader_u32le(&x->r, &minor) ||
        !reader_bytes(&x->r, LEARNER - 28, &rest))
        return false;
    x->trees.version =
        slice_str(arena_printf(x->in->scratch, "%" PRIu32 ".%" PRIu32, x->major, minor));
    x->trees.features = x->features;
    x->trees.classes = x->classes;
    return read_name(x, "the objective", &x->trees.objective, e) &&
           read_name(x, "the booster", &x->trees.booster, e);
}

/* A child is -1 (of a leaf) or a node; deleted nodes keep what they had. */
static bool check_node(struct xgboost *x, uint32_t i, uint32_t nodes, struct err *e)
{
    uint32_t parent, left, right, feature, value;

    if (!need(x, NODE, "a node", e) || !reader_u32le(&x->r, &parent) ||
        !reader_u32le(&x->r, &left) || !reader_u32le(&x->r, &right) ||
        !reader_u32le(&x->r, &feature) || !reader_u32le(&x->r, &value))
        return false;
    if (feature == UINT32_MAX || left == UINT32_MAX)
        return true;
    feature &= INT32_MAX;
    if (left < nodes && right < nodes && feature < x->features)
        return true;
    return err_pos(e, ERR_FORMAT, x->r.offset - NODE,
                   "tree %" PRIu64 ": node %" PRIu32 " leads to %" PRIu32 " and %" PRIu32
                   " by feature %" PRIu32 ", there are %" PRIu32 " nodes and %" PRIu32 " features",
                   x->trees.trees, i, left, right, feature, nodes, x->features);
}

static bool read_tree(struct xgboost *x, struct err *e)
{
    uint32_t roots, nodes, deleted, depth, features, vector;
    struct slice rest;

    if (!need(x, TREE, "a tree", e) || !reader_u32le(&x->r, &roots) ||
        !reader_u32le(&x->r, &nodes) || !reader_u32le(&x->r, &deleted) ||
        !reader_u32le(&x->r, &depth) || !reader_u32le(&x->r, &features) ||
        !reader_u32le(&x->r, &vector) || !reader_bytes(&x->r, TREE - 24, &rest))
        return false;
    if (nodes == 0 || nodes > INT32_MAX)
        return err_pos(e, ERR_FORMAT, x->r.offset - TREE, "tree %" PRIu64 " has %" PRIu32 " nodes",
                       x->trees.trees, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        if (!check_node(x, i, nodes, e))
            return false;
    if (!skip(x, nodes, STATISTICS, "the statistics of a tree", e))
        return false;
    if (vector != 0 && x->major < 2 && !skip_vector(x, 4, "the leaves of a tree", e))
        return false;
    x->trees.nodes += nodes;
    x->trees.trees++;
    return true;
}

static bool read_trees(struct xgboost *x, struct err *e)
{
    struct slice rest;
    uint32_t n;

    if (!u32(x, "the booster", &n, e) || !need(x, GBTREE - 4, "the booster", e) ||
        !reader_bytes(&x->r, GBTREE - 4, &rest))
        return false;
    if (n > LIMIT_TENSORS)
        return err_at(e, ERR_LIMIT, &x->r, "%" PRIu32 " trees, at most %d (LIMIT_TENSORS)", n,
                      LIMIT_TENSORS);
    for (uint32_t i = 0; i < n; i++)
        if (!read_tree(x, e))
            return false;
    return skip(x, n, 4, "the classes of the trees", e) &&
           (!slice_is(x->trees.booster, "dart") || n == 0 ||
            skip_vector(x, 4, "the weights of the trees", e));
}

/* A vector of texts, or of pairs of them. */
static bool skip_texts(struct xgboost *x, unsigned each, const char *what, struct err *e)
{
    uint64_t n;

    if (!need(x, 8, what, e) || !reader_u64le(&x->r, &n))
        return false;
    if (n > LIMIT_TENSORS)
        return err_at(e, ERR_LIMIT, &x->r, "%s: %" PRIu64 ", at most %d (LIMIT_TENSORS)", what, n,
                      LIMIT_TENSORS);
    for (uint64_t i = 0; i < n * each; i++)
        if (!skip_vector(x, 1, what, e))
            return false;
    return true;
}

static bool read_booster(struct xgboost *x, struct err *e)
{
    if (slice_is(x->trees.booster, "gbtree") || slice_is(x->trees.booster, "dart"))
        return read_trees(x, e);
    if (slice_is(x->trees.booster, "gblinear"))
        return skip(x, 1, GBLINEAR, "the booster", e) && skip_vector(x, 4, "the weights", e);
    return err_at(e, ERR_UNSUPPORTED, &x->r, "a booster that is not read");
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct xgboost x = {.in = in};
    bool ok;

    trees_init(&x.trees, in, "xgboost");
    ok = read_learner(&x, e) && read_booster(&x, e) &&
         (x.attributes == 0 || skip_texts(&x, 2, "the attributes", e)) &&
         (x.metrics == 0 || skip_texts(&x, 1, "the metrics", e));
    cover->parsed = x.r.offset;
    if (!ok)
        return false;
    trees_tell(&x.trees);
    return true;
}

const struct format format_xgboost = {
    .name = "xgboost",
    .summary = "XGBoost models in the binary format that version 3.1 gave up",
    .spec = "XGBoost 1.7, src/learner.cc; src/gbm/gbtree_model.h; include/xgboost/tree_model.h",
    .begins = "binf",
    .probe = probe,
    .parse = parse,
};
