#ifndef SCANNER_FORMATS_JSON_PIECES_H
#define SCANNER_FORMATS_JSON_PIECES_H
/*
 * JSON documents of any size up to LIMIT_CAPTURE_BYTES, and larger ones of which most is trees: of
 * XGBoost or CatBoost, where these stand in a list of their own. Each tree is read by itself and
 * then forgotten. That is done only with trees that hold nothing but the keys of their schema,
 * numbers and short words of theirs, which mean nothing to any other document; one tree that holds
 * more, and the document is read whole. NaN and Infinity are read as Python writes them.
 */
#include "scanner/formats/json_split.h"
#include "scanner/formats/trees.h"

/* Bytes of a text that is read whole at once: what it takes then is of no weight. */
#define JSON_PIECES_FROM ((uint64_t)4 << 20)

/* What a list of trees holds. */
struct json_pieces_kind {
    const char *path;         /* as json_split has it */
    const char *const *keys;  /* of all maps; ends with NULL */
    const char *const *words; /* strings that are no number; ends with NULL */
    void (*read)(struct trees *t, const struct value *tree);
};

extern const struct json_pieces_kind document_xgboost_model, document_xgboost_dart,
    document_xgboost_serialized, document_xgboost_serialized_dart, document_catboost_oblivious,
    document_catboost_trees;

struct json_pieces {
    struct source *source;
    struct json_cut cuts[JSON_SPLIT_LISTS];
    const struct json_pieces_kind *kinds[JSON_SPLIT_LISTS]; /* of the cuts */
    struct trees sums[JSON_SPLIT_LISTS];                    /* of all trees of a cut */
    size_t n;
    struct err e; /* a list could not be read again */
};

struct json_document {
    const struct value *root;  /* the lists that were read in pieces are empty */
    uint64_t bytes;            /* of the text */
    struct json_pieces pieces; /* borrows in->bytes */
};

/* json_pieces_read(in, from, out, e): `root` lives in in->scratch. Texts of at most `from` bytes
 * are read whole. */
MUST_CHECK bool json_pieces_read(const struct format_input *in, uint64_t from,
                                 struct json_document *out, struct err *e);

/* The trees of a list that was read in pieces, as its kind reads them one after the other into `t`,
 * which knows the number of features. False: the list is not of these. `p` may be NULL. */
bool json_pieces_trees(struct json_pieces *p, const struct value *list, struct trees *t);
#endif
