#include "scanner/formats/format.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/graph/message.h"

#define PIECE_MAX 1024 /* bytes of the first piece, for the probe; its names are short */

/* SPEC: sentencepiece 0.2, src/sentencepiece_model.proto */
enum { PIECES = 1, TRAINER, NORMALIZER, SELF_TEST, DENORMALIZER };
enum { PIECE_TEXT = 1, PIECE_SCORE, PIECE_TYPE };
enum { TRAINER_TYPE = 3, TRAINER_SIZE };
enum { NORMALIZER_NAME = 1, NORMALIZER_MAP };

static const struct message model_message = {
    .name = "ModelProto",
    .once = 1u << TRAINER | 1u << NORMALIZER | 1u << SELF_TEST | 1u << DENORMALIZER,
    .bytes = 1u << PIECES | 1u << TRAINER | 1u << NORMALIZER | 1u << SELF_TEST | 1u << DENORMALIZER,
};
static const struct message piece_message = {
    .name = "SentencePiece",
    .once = 1u << PIECE_TEXT | 1u << PIECE_SCORE | 1u << PIECE_TYPE,
    .varint = 1u << PIECE_TYPE,
    .bytes = 1u << PIECE_TEXT,
    .fixed32 = 1u << PIECE_SCORE,
};
static const struct message normalizer_message = {
    .name = "NormalizerSpec",
    .once = 1u << NORMALIZER_NAME | 1u << NORMALIZER_MAP | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6,
    .varint = 1u << 3 | 1u << 4 | 1u << 5,
    .bytes = 1u << NORMALIZER_NAME | 1u << NORMALIZER_MAP | 1u << 6,
};

struct sentencepiece {
    struct message_walk w;
    uint64_t pieces, size, type;
    struct message_text normalizer;
    bool trained, normalized;
};

/* A first piece: a text, then a score. A TensorFlow graph begins with two texts. */
static int probe(struct slice head, const char *name)
{
    struct reader r = reader_over(head), in;
    struct protobuf_field f;

    (void)name;
    if (!protobuf_head(&r, &f) || f.number != PIECES || f.wire != PROTOBUF_BYTES ||
        f.value > PIECE_MAX || !reader_sub(&r, f.value, &in))
        return 0;
    if (!protobuf_head(&in, &f) || f.number != PIECE_TEXT || f.wire != PROTOBUF_BYTES ||
        f.value == 0 || !reader_skip(&in, f.value))
        return 0;
    if (!protobuf_head(&in, &f) || f.number != PIECE_SCORE || f.wire != PROTOBUF_FIXED32)
        return 0;
    return protobuf_head(&r, &f) && f.wire == PROTOBUF_BYTES &&
                   (f.number == PIECES || f.number == TRAINER)
               ? FORMAT_SURE + 10
               : 0;
}

static bool read_piece(struct sentencepiece *s, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    s->pieces++;
    do {
        if (!message_next(&s->w, &piece_message, &seen, &f, e))
            return false;
    } while (f.number != 0);
    return (seen >> PIECE_TEXT & 1) != 0 ||
           err_pos(e, ERR_FORMAT, protobuf_offset(&s->w.p), "a piece without a text");
}

/* Its many fields are numbers and texts; two are told. */
static bool read_trainer(struct sentencepiece *s, struct err *e)
{
    struct protobuf_field f;

    s->trained = true;
    do {
        if (!protobuf_next(&s->w.p, &f, e))
            return false;
        if (f.wire == PROTOBUF_VARINT && f.number == TRAINER_TYPE)
            s->type = f.value;
        if (f.wire == PROTOBUF_VARINT && f.number == TRAINER_SIZE)
            s->size = f.value;
    } while (f.number != 0);
    return true;
}

/* SPEC: src/normalizer.cc, DecodePrecompiledCharsMap: the length of a trie, the trie, texts. A
 * length past the map makes a reader that believes it read what is not its own. */
static bool read_map(struct sentencepiece *s, const struct protobuf_field *f, struct err *e)
{
    struct slice map;
    struct reader r;
    uint32_t trie;

    if (f->value == 0)
        return true;
    if (!protobuf_lend(&s->w.p, &map, e))
        return false;
    r = reader_over(map);
    if (!reader_u32le(&r, &trie) || trie >= f->value - sizeof(trie))
        return err_pos(e, ERR_FORMAT, f->at,
                       "the map of characters is %" PRIu64 " bytes, too few for its trie",
                       f->value);
    return trie % 4 == 0 || err_pos(e, ERR_FORMAT, f->at, "a trie of %" PRIu32 " bytes", trie);
}

static bool read_normalizer(struct sentencepiece *s, bool first, struct err *e)
{
    struct protobuf_field f;
    uint32_t seen = 0;

    do {
        if (!message_next(&s->w, &normalizer_message, &seen, &f, e))
            return false;
        if (f.number == NORMALIZER_MAP && !read_map(s, &f, e))
            return false;
        if (f.number == NORMALIZER_NAME && first && !message_read_text(&s->w.p, &s->normalizer, e))
            return false;
    } while (f.number != 0);
    s->normalized = s->normalized || first;
    return true;
}

/* Samples of texts and what becomes of them. */
static bool read_self_test(struct sentencepiece *s, struct err *e)
{
    struct protobuf_field f;

    do {
        if (!protobuf_next(&s->w.p, &f, e))
            return false;
    } while (f.number != 0);
    return true;
}

static bool read_field(struct sentencepiece *s, const struct protobuf_field *f, struct err *e)
{
    if (f->number < PIECES || f->number > DENORMALIZER)
        return true;
    if (!protobuf_enter(&s->w.p, NULL, e))
        return false;
    switch (f->number) {
    case PIECES:
        return read_piece(s, e);
    case TRAINER:
        return read_trainer(s, e);
    case SELF_TEST:
        return read_self_test(s, e);
    default:
        return read_normalizer(s, f->number == NORMALIZER, e);
    }
}

static void tell(const struct format_input *in, const struct sentencepiece *s)
{
    static const char *const types[] = {"", "unigram", "bpe", "word", "char"};
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "pieces", value_int(a, (int64_t)s->pieces, NULL));
    value_map_add(&b, "model_type", value_str(a, s->type < ARRAY_LEN(types) ? types[s->type] : ""));
    value_map_add(&b, "vocab_size",
                  value_int(a, (int64_t)(s->size <= INT64_MAX ? s->size : INT64_MAX), NULL));
    value_map_add(&b, "normalizer", format_string(a, message_slice(&s->normalizer), MESSAGE_TEXT));
    value_map_add(&b, "unknown_fields", value_int(a, (int64_t)s->w.unknown, NULL));
    value_map_add(&b, "repeated", message_twice(&s->w, a));
    format_tell(in, "model.sentencepiece", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct sentencepiece *s = ARENA_NEW(in->scratch, struct sentencepiece);
    struct protobuf_field f;
    uint32_t seen = 0;
    bool ok;

    s->type = 1; /* unigram, when it is not said */
    message_init(&s->w, in->feed, in->scratch);
    do {
        ok = message_next(&s->w, &model_message, &seen, &f, e) && read_field(s, &f, e);
    } while (ok && f.number != 0);
    cover->parsed = protobuf_offset(&s->w.p);
    if (!ok)
        return false;
    tell(in, s);
    return (s->trained && s->normalized) ||
           err_pos(e, ERR_FORMAT, cover->parsed, "ends without how it was trained, or normalizes");
}

const struct format format_sentencepiece = {
    .name = "sentencepiece",
    .summary = "vocabularies of SentencePiece (tokenizer.model)",
    .spec = "sentencepiece 0.2, src/sentencepiece_model.proto",
    .probe = probe,
    .parse = parse,
};
