/* Vectors of words as the tool word2vec and gensim write them in binary: a line with two numbers,
 * then for each word its bytes, a blank and its numbers. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "scanner/formats/summary.h"

#define LINE 32     /* bytes of the first line, at most */
#define WORD 4096   /* bytes of a word: the tool itself has 50, gensim has no cap */
#define LARGEST 1e6 /* no number of a vector is; bytes of something else mostly are */

struct head {
    uint64_t words, numbers; /* of each word */
    size_t len;              /* bytes of the line */
};

static bool read_number(struct reader *r, uint8_t end, uint64_t *out)
{
    const size_t n = r->left < LINE ? r->left : LINE;
    const uint8_t *at = n > 0 ? memchr(r->data, end, n) : NULL;
    struct slice digits;

    return at != NULL && reader_bytes(r, (size_t)(at - r->data), &digits) && digits.len > 0 &&
           digits.data[0] != '0' && checked_u64(digits, UINT32_MAX, out) && reader_skip(r, 1);
}

static bool read_head(struct slice bytes, struct head *h)
{
    struct reader r = reader_over(bytes);

    if (!read_number(&r, ' ', &h->words) || !read_number(&r, '\n', &h->numbers))
        return false;
    h->len = (size_t)r.offset;
    return true;
}

/* The bytes of a word and its blank; 0: there is none. The tool ends each line, gensim does not. */
static size_t word_len(struct slice s)
{
    size_t n = s.len > 0 && s.data[0] == '\n' ? 1 : 0;
    const size_t from = n;

    while (n < s.len && n - from <= WORD && s.data[n] > ' ' && s.data[n] != 0x7f)
        n++;
    return n > from && n - from <= WORD && n < s.len && s.data[n] == ' ' ? n + 1 : 0;
}

/* Small numbers, and not the letters of a text. */
static bool plausible(struct slice numbers)
{
    struct reader r = reader_over(numbers);
    bool binary = false;
    uint32_t bits;
    float f;

    for (size_t i = 0; i < numbers.len; i++)
        binary = binary || numbers.data[i] < '\t' || numbers.data[i] >= 0x7f;

    while (reader_u32le(&r, &bits)) {
        memcpy(&f, &bits, sizeof(f));
        if (!(f > -LARGEST && f < LARGEST))
            return false;
    }
    return binary;
}

/* The names that such files have; the first word and what is there of its vector. */
static int probe(struct slice head, const char *name)
{
    struct head h;
    struct slice rest;
    size_t n;

    if ((!slice_ends(slice_str(name), ".bin") && !slice_ends(slice_str(name), ".w2v")) ||
        !read_head(head, &h))
        return 0;
    rest = slice_from(head, h.len);
    n = word_len(rest);
    if (n == 0)
        return 0;
    rest = slice_from(rest, n);
    if (rest.len / 4 > h.numbers)
        rest.len = (size_t)h.numbers * 4;
    return rest.len >= 4 && plausible(rest) ? FORMAT_SURE : 0;
}

static bool one_word(const struct format_input *in, struct reader *r, uint64_t bytes, struct err *e)
{
    const uint64_t at = r->offset;
    size_t n;

    if (!feed_more(in->feed, r, WORD + 2, e))
        return false;
    n = word_len((struct slice){r->data, r->left});
    if (n == 0 || !reader_skip(r, n))
        return err_pos(e, ERR_FORMAT, at, "no word and its blank");
    return feed_skip(in->feed, r, bytes, e);
}

static void tell(const struct format_input *in, const struct head *h, uint64_t bytes)
{
    struct arena *a = in->scratch;
    struct value_builder types;

    value_map_begin(&types, a);
    value_map_add(&types, "float32", value_int(a, (int64_t)h->words, NULL));
    summary_tell(in, h->words, bytes, value_map_end(&types, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct head h;
    uint8_t last;

    if (!feed_more(in->feed, &r, 2 * (size_t)LINE, e))
        return false;
    if (!read_head((struct slice){r.data, r.left}, &h) || !reader_skip(&r, h.len))
        return err_pos(e, ERR_FORMAT, 0, "no line with the numbers of words and of their numbers");
    cover->parsed = h.len;
    for (uint64_t i = 0; i < h.words; i++) {
        const uint64_t at = r.offset;

        if (!one_word(in, &r, h.numbers * 4, e))
            return err_in(e, "word %" PRIu64 " of %" PRIu64, i, h.words);
        cover->opaque += h.numbers * 4;
        cover->parsed += r.offset - at - h.numbers * 4;
    }
    if (!feed_more(in->feed, &r, 1, e))
        return false;
    if (r.left > 0 && r.data[0] == '\n' && reader_u8(&r, &last))
        cover->parsed++;
    tell(in, &h, cover->opaque);
    return true;
}

const struct format format_word2vec = {
    .name = "word2vec",
    .summary = "vectors of words in binary, of word2vec and gensim",
    .spec = "gensim 4.3, models/keyedvectors.py, _word2vec_read_binary",
    .probe = probe,
    .parse = parse,
};
