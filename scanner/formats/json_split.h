#ifndef SCANNER_FORMATS_JSON_SPLIT_H
#define SCANNER_FORMATS_JSON_SPLIT_H
/*
 * A JSON text goes by once. The items of the lists that are asked for are given one at a time; all
 * else stays, as a text in which these lists are empty. Only strings and brackets are looked at: if
 * the items are values of JSON and the rest is a document, then so is the whole, and each list is
 * where its path says.
 */
#include "base/buf.h"
#include "base/json_cut.h"
#include "scanner/input/source.h"

#define JSON_SPLIT_LISTS 8 /* that may be asked for */
#define JSON_SPLIT_KEYS 8  /* in a path */
#define JSON_SPLIT_PATH 96 /* bytes of a path */

struct json_split_item {
    size_t list; /* of those that are asked for */
    size_t cut;  /* that it belongs to */
    struct slice text;
    uint64_t offset; /* of its first byte */
    uint64_t lines;  /* line feeds before it */
};

/* False: no more are wanted; with `e` set or not. */
typedef bool json_split_fn(void *ctx, const struct json_split_item *item, struct err *e);

struct json_split {
    struct source *source;
    /* Paths: the keys from the root, each with a quote behind it, which no key holds as it is. Ends
     * with NULL. */
    const char *const *lists;
    json_split_fn *item;
    void *ctx;
    /* Out: */
    struct buf rest; /* the text without the items; json_split_release frees */
    struct json_cut cuts[JSON_SPLIT_LISTS];
    size_t of[JSON_SPLIT_LISTS]; /* which list each cut is of */
    size_t ncuts;
    uint64_t bytes; /* that went by */
    bool odd;       /* cannot be read so; whether it is JSON is not said */
    /* Its own: */
    enum {
        SPLIT_TEXT,
        SPLIT_FIRST,  /* behind the bracket of a list */
        SPLIT_NEXT,   /* behind a comma of it */
        SPLIT_BEHIND, /* behind an item */
        SPLIT_ITEM,
        SPLIT_DONE
    } state;
    bool string, escape, once;
    size_t depth;
    size_t on;                            /* open maps that lead to a list */
    size_t path_len[JSON_SPLIT_KEYS + 1]; /* by `on` */
    char path[JSON_SPLIT_PATH];
    char key[JSON_SPLIT_PATH]; /* the string that was read last */
    size_t key_len;            /* more than there is room for: it is none that leads on */
    const uint8_t *chunk;      /* whose first byte is at `bytes` */
    const uint8_t *from;       /* what of it is not kept yet */
    struct buf one;            /* the item */
    uint64_t one_at;
    uint64_t lines; /* line feeds before the cut */
    size_t one_depth;
};

/* `lists` are as many as JSON_SPLIT_LISTS at most, and stay the caller's, like the source. */
void json_split_init(struct json_split *s, struct source *source, const char *const *lists);
void json_split_release(struct json_split *s);

/* All of the source. False: it cannot be read, a cap, an item was not wanted, or the text ends
 * within a list. When `odd` is set, what it gave means nothing. */
MUST_CHECK bool json_split_all(struct json_split *s, struct err *e);

/* The items of one list again, from its cut: json_split_init, and no json_split_all before. */
MUST_CHECK bool json_split_again(struct json_split *s, const struct json_cut *cut, size_t list,
                                 struct err *e);
#endif
