/* scanner/formats/json_pieces.h: documents of trees read whole and in pieces. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/fixture.h"
#include "tests/lib/pieces.h"

#define TREE(id, feature)                                                                          \
    "{\"id\":" id                                                                                  \
    ",\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],\"split_indices\":[" feature        \
    ",0,0],\"tree_param\":{\"num_nodes\":\"3\"}}"
#define BEGINS "{\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":["
#define ENDS                                                                                       \
    "]},\"name\":\"gbtree\"},\"learner_model_param\":{\"num_feature\":\"2\"}},\"version\":[3,0,0]" \
    "}"

/* In how many pieces: both ways must agree. */
static size_t lists_of(const char *what, struct slice text)
{
    struct pieces whole, pieces;
    const char *differ;
    size_t n;

    pieces_read(&whole, text, UINT64_MAX);
    pieces_read(&pieces, text, 0);
    differ = pieces_differ(&whole, &pieces);
    cr_expect(differ == NULL, "%s: %s differs: '%s' at %" PRIu64 ", '%s' at %" PRIu64, what, differ,
              whole.e.text, whole.e.offset, pieces.e.text, pieces.e.offset);
    cr_expect_eq(whole.lists, 0, "%s", what);
    n = pieces.lists;
    pieces_release(&whole);
    pieces_release(&pieces);
    return n;
}

static void same(const char *name, struct slice text, const char *want)
{
    (void)want;
    (void)lists_of(name, text);
}

static void one_list(const char *name, struct slice text, const char *want)
{
    (void)want;
    if (slice_ends(slice_str(name), ".json"))
        cr_expect_eq(lists_of(name, text), 1, "%s", name);
}

Test(json_pieces, fixtures_are_told_alike)
{
    fixture_each("fixtures/json/good", same);
    fixture_each("fixtures/json/bad", same);
    fixture_each("fixtures/xgboost/bad", same);
    fixture_each("fixtures/catboost/bad", same);
    fixture_each("fixtures/xgboost/good", one_list);
    fixture_each("fixtures/catboost/good", one_list);
}

/* Cut at each byte; and each byte replaced by one that means something. */
static void mutated(const char *name, struct slice text, const char *want)
{
    static const char bytes[] = "\"{}[],:\\\n 0-x\0\xff";
    uint8_t *copy = malloc(text.len);

    (void)want;
    cr_assert_not_null(copy);
    if (!slice_ends(slice_str(name), ".json")) {
        free(copy);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        memcpy(copy, text.data, text.len);
        for (size_t k = i % 3; k < sizeof(bytes) - 1; k += 3) {
            copy[i] = (uint8_t)bytes[k];
            (void)lists_of(name, (struct slice){copy, text.len});
        }
        (void)lists_of(name, (struct slice){text.data, i});
    }
    free(copy);
}

Test(json_pieces, changed_documents_are_told_alike)
{
    fixture_each("fixtures/xgboost/good", mutated);
    fixture_each("fixtures/catboost/good", mutated);
}

static const struct text_case {
    const char *what, *text;
    size_t lists;
} text_cases[] = {
    {"one tree", BEGINS TREE("0", "1") ENDS, 1},
    {"no tree", BEGINS ENDS, 1},
    {"blanks and lines", "\n" BEGINS "\n " TREE("0", "1") " \t,\r\n" TREE("1", "0") "\n" ENDS, 1},
    {"nan", BEGINS "{\"base_weights\":[NaN,-Infinity]}" ENDS, 1},
    {"nan elsewhere", "[NaN," BEGINS TREE("0", "1") ENDS "]", 0},
    {"a feature too large", BEGINS TREE("0", "1") "," TREE("1", "2") "," TREE("2", "9") ENDS, 1},
    {"a feature below zero", BEGINS TREE("0", "-1") ENDS, 1},
    {"an escaped key", BEGINS "{\"i\\u0064\":3}" ENDS, 1},
    {"a key of no tree", BEGINS TREE("0", "1") ",{\"_target_\":\"os.system\"}" ENDS, 0},
    {"a word of no tree", BEGINS "{\"id\":\"os.system\"}" ENDS, 0},
    {"a word within a list", BEGINS "{\"id\":[[\"eval\"]]}" ENDS, 0},
    {"a long number", BEGINS "{\"id\":\"123456789012345678901\"}" ENDS, 0},
    {"a number", BEGINS "3" ENDS, 0},
    {"a list", BEGINS "[]" ENDS, 0},
    {"a comma at the end", BEGINS TREE("0", "1") "," ENDS, 0},
    {"no comma", BEGINS TREE("0", "1") TREE("1", "1") ENDS, 0},
    {"an error in a tree", BEGINS TREE("0", "1") ",\n{\"id\":01}" ENDS, 0},
    {"an error behind", BEGINS TREE("0", "1") "],\n\"x\":]" ENDS, 0},
    {"the list twice", BEGINS TREE("0", "1") "],\"trees\":[" TREE("0", "1") ENDS, 0},
    {"the list twice, escaped", BEGINS TREE("0", "1") "],\"tree\\u0073\":[" TREE("0", "1") ENDS, 0},
    {"another key", "{\"learner\":{\"gradient_booster\":{\"model\":{\"tree\":[" TREE("0", "1") ENDS,
     0},
    {"a key with a part of the way",
     "{\"learner\\\"gradient_booster\":{\"model\":{\"trees\":[" TREE("0", "1") "]}}}", 0},
    {"a key with a NUL", "{\"learner\\u0000\":{\"gradient_booster\":{}}}", 0},
    {"two models",
     "{\"Model\":" BEGINS TREE("0", "1") ENDS
     ",\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":[" TREE("0", "7") "]}}}}",
     2},
    {"what a walk finds behind",
     BEGINS TREE("0", "1") "\n]}},\"x\":{\"_target_\":\"os.system\"}},\n\"y\":{\"_target_\":"
                           "\"builtins.eval\"}}",
     1},
    {"catboost of another shape",
     "{\"features_info\":{},\"model_info\":{},\"trees\":[{\"left\":{\"value\":1,\"weight\":2},"
     "\"right\":{\"value\":[1,2]},\"split\":{\"border\":0.5,\"split_type\":\"FloatFeature\"}}]}",
     1},
    {"no splits",
     "{\"features_info\":{},\"model_info\":{},\"oblivious_trees\":[{\"splits\":null,"
     "\"leaf_values\":[1]}]}",
     1},
};

CASES(json_pieces, reads_what_trees_are, text_cases)
{
    const struct text_case *c = &text_cases[*case_index];

    cr_expect_eq(lists_of(c->what, slice_str(c->text)), c->lists, "%s", c->what);
}

/* ---- larger ones ----------------------------------------------------------------------------- */

/* `begins`, then so many trees that the text is at least `len` bytes long, then `ends`. */
static struct slice large(struct buf *b, size_t len, const char *ends)
{
    size_t n = 0;

    buf_init(b, (size_t)128 << 20);
    buf_str(b, BEGINS);
    for (; b->len < len; n++) {
        buf_str(b, n == 0 ? "\n" : ",\n");
        buf_str(b, n % 2 == 0 ? TREE("0", "1") : TREE("1", "0"));
    }
    buf_str(b, ends);
    return buf_slice(b);
}

/* Trees that stand across the places where a chunk ends. */
Test(json_pieces, trees_across_chunks)
{
    struct buf b;

    cr_expect_eq(lists_of("good", large(&b, (size_t)1 << 20, ENDS)), 1);
    buf_release(&b);
    cr_expect_eq(lists_of("bad", large(&b, (size_t)1 << 20, "," TREE("0", "5") ENDS)), 1);
    buf_release(&b);
    cr_expect_eq(lists_of("cut", large(&b, (size_t)1 << 20, ",{\"id\"")), 0);
    buf_release(&b);
}

static const struct large_case {
    const char *what, *ends, *at; /* the error is at the last such text, or -1 */
    const char *want;
    int64_t problems;
} large_cases[] = {
    {"good", ENDS, NULL, "", 0},
    {"a problem", ",\n" TREE("0", "2") ENDS, NULL, "", 1},
    {"a tree that is no json", ",\n{\"id\":[1,}]}" ENDS, "}]}]},",
     "found '}' where a value was expected", 0},
    {"an error behind the trees", "],\n\"x\":]}", "]}", "found ']' where a value was expected", 0},
    {"a key twice", "],\n\"trees\":3}}}}", "\"trees\":3}}}}", "duplicate key 'trees'", 0},
    {"cut", ",\n{", "", "the text ends within a list", 0},
    {"cut behind", "]", "", "the text ends where ',' or '}' was expected", 0},
};

CASES(json_pieces, more_than_can_be_read_whole, large_cases)
{
    const struct large_case *c = &large_cases[*case_index];
    struct buf b;
    const struct slice text = large(&b, LIMIT_CAPTURE_BYTES + 1, c->ends);
    struct pieces p;

    pieces_read(&p, text, JSON_PIECES_FROM);
    cr_expect_str_eq(p.e.text, c->want, "%s", c->what);
    if (c->at != NULL) {
        size_t at = text.len - strlen(c->at);
        uint32_t lines = 1;

        while (memcmp(text.data + at, c->at, strlen(c->at)) != 0)
            at--;
        for (size_t i = 0; i < at; i++)
            lines += text.data[i] == '\n';
        cr_expect_eq(p.e.offset, at, "%s: %" PRIu64 ", not %zu", c->what, p.e.offset, at);
        cr_expect_eq(p.e.line, lines, "%s: line %" PRIu32, c->what, p.e.line);
    } else {
        const struct value *told = p.facts.nfacts > 0 ? p.facts.facts[0].attributes : NULL;

        cr_expect_eq(p.bytes, text.len, "%s", c->what);
        cr_expect_eq(value_int_or(value_get(told, "problem_count"), -1), c->problems, "%s",
                     c->what);
        cr_expect_gt(value_int_or(value_get(told, "trees"), -1), 400000, "%s", c->what);
        cr_expect_lt(p.scratch.used, 1 << 20, "%s: %zu bytes", c->what, p.scratch.used);
    }
    pieces_release(&p);
    buf_release(&b);
}

/* One tree of `n` bytes, most of them blanks. */
static size_t lists_of_size(size_t n)
{
    static const char begins[] = "{\"id\":0", ends[] = "}";
    struct buf b;
    size_t lists;

    buf_init(&b, (size_t)32 << 20);
    buf_str(&b, BEGINS);
    buf_str(&b, begins);
    for (size_t i = strlen(begins) + strlen(ends); i < n; i++)
        buf_u8(&b, ' ');
    buf_str(&b, ends);
    buf_str(&b, ENDS);
    lists = lists_of("a size", buf_slice(&b));
    buf_release(&b);
    return lists;
}

Test(json_pieces, a_tree_of_the_largest_size)
{
    cr_expect_eq(lists_of_size(LIMIT_JSON_TREE), 1);
    cr_expect_eq(lists_of_size(LIMIT_JSON_TREE + 1), 0);
}

/* One tree of maps within each other. */
static size_t lists_of_depth(size_t n)
{
    struct buf b;
    size_t lists;

    buf_init(&b, 65536);
    buf_str(&b, "{\"features_info\":{},\"model_info\":{},\"trees\":[");
    for (size_t i = 0; i < n; i++)
        buf_str(&b, i + 1 < n ? "{\"left\":" : "{\"value\":1");
    for (size_t i = 0; i < n; i++)
        buf_u8(&b, '}');
    buf_str(&b, "]}");
    lists = lists_of("a depth", buf_slice(&b));
    buf_release(&b);
    return lists;
}

Test(json_pieces, a_tree_of_the_largest_depth)
{
    cr_expect_eq(lists_of_depth(LIMIT_JSON_TREE_DEPTH), 1);
    cr_expect_eq(lists_of_depth(LIMIT_JSON_TREE_DEPTH + 1), 0);
}

/* What is no tree makes a text too large, as it makes any. */
Test(json_pieces, a_tree_with_more_is_read_whole_or_not_at_all)
{
    struct buf b;
    struct pieces p;

    pieces_read(&p, large(&b, LIMIT_CAPTURE_BYTES + 1, ",{\"_target_\":\"os.system\"}" ENDS), 0);
    cr_expect_eq(p.e.code, ERR_LIMIT);
    pieces_release(&p);
    buf_release(&b);
}
