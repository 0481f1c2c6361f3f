#ifndef BASE_VALUE_H
#define BASE_VALUE_H
/*
 * The one tree that everything becomes: facts, JSON, YAML, plans. Immutable once built; every node
 * lives in an arena and knows the line and the byte offset it came from. A node may be *unknown*:
 * something will stand here that nobody can tell yet ("known after apply", a parameter without a
 * default). Unknown is not null: it never compares as a value.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_UNKNOWN
};

struct value;

struct value_member {
    struct slice key; /* strict UTF-8, unique within its map */
    const struct value *value;
    uint64_t key_offset;
};

/* Why a leaf is unknown, and what it refers to, where that is known. */
struct value_gap {
    struct slice why;   /* "known after apply", "parameter Env has no default", ... */
    size_t nrefs;       /* addresses of resources in the same document: "aws_kms_key.data" */
    struct slice *refs; /* (an attribute may follow: "aws_kms_key.data.arn") */
};

struct value {
    uint64_t offset;    /* bytes from the start of its document */
    uint32_t line : 28; /* from 1; 0 when the value was computed */
    uint32_t kind : 4;  /* enum value_kind */
    uint32_t len;       /* bytes of a string, items of a list, members of a map */
    union {
        bool boolean;
        int64_t integer;
        double real;
        const uint8_t *text;                /* strict UTF-8; a NUL follows */
        const struct value *const *items;   /* list */
        const struct value_member *members; /* map, in the order of the source */
        const struct value_gap *gap;        /* unknown */
    } as;
};

/* Where a built value should say it came from. Pass NULL for a computed one. */
struct value_at {
    uint64_t offset;
    uint32_t line;
};

const struct value *value_null(struct arena *a, const struct value_at *at);
const struct value *value_bool(struct arena *a, bool v, const struct value_at *at);
const struct value *value_int(struct arena *a, int64_t v, const struct value_at *at);
/* A number of things or bytes, from no place: INT64_MAX where it is larger. */
const struct value *value_count(struct arena *a, uint64_t n);
const struct value *value_double(struct arena *a, double v, const struct value_at *at);
/* value_string copies the text. It must be strict UTF-8: what may not be goes through value_bytes,
 * which replaces each bad byte by U+FFFD, so that a fact about a hostile name can still be told. */
const struct value *value_string(struct arena *a, struct slice text, const struct value_at *at);
const struct value *value_str(struct arena *a, const char *text);
const struct value *value_bytes(struct arena *a, struct slice bytes, const struct value_at *at);
/* value_lent(a, text): the same, without a copy of a text that lives as long as the value. */
const struct value *value_lent(struct arena *a, const char *text);
/* `refs` are copied; may be NULL when nrefs is 0. */
const struct value *value_unknown(struct arena *a, const char *why, const struct slice *refs,
                                  size_t nrefs, const struct value_at *at);

/* Lists and maps are built in a builder and then sealed; never by hand: an index stands behind the
 * members of a large map. value_map_add replaces a member of the same key. */
#define VALUE_BUILDER_MAP 16  /* members that need no room of their own yet */
#define VALUE_BUILDER_LIST 64 /* items likewise: a power of two */
struct value_builder {
    struct arena *arena;
    void *items; /* const struct value ** or struct value_member *; NULL: they are in `few` */
    size_t n;
    union {
        struct value_member members[VALUE_BUILDER_MAP];
        const struct value *items[VALUE_BUILDER_LIST];
    } few;
};

void value_list_begin(struct value_builder *b, struct arena *a);
void value_list_add(struct value_builder *b, const struct value *v);
const struct value *value_list_end(struct value_builder *b, const struct value_at *at);
void value_map_begin(struct value_builder *b, struct arena *a);
void value_map_add(struct value_builder *b, const char *key, const struct value *v);
/* The key is not copied: a literal, or as long-lived as the map. */
void value_map_lend(struct value_builder *b, const char *key, const struct value *v);
/* key is copied */
void value_map_put(struct value_builder *b, struct slice key, const struct value *v);
/* The `n` members so far, until the next one comes. */
const struct value_member *value_map_members(const struct value_builder *b);
const struct value *value_map_end(struct value_builder *b, const struct value_at *at);

/* Reading. Each accepts NULL and answers NULL, false or the fallback. */
const struct value *value_get(const struct value *map, const char *key);
const struct value *value_get_slice(const struct value *map, struct slice key);
/* value_path(v, "a.b.0.c"): dots separate; a list takes a decimal index. A member whose own key
 * contains a dot is reached with value_get. An unknown on the way is returned as the answer. */
const struct value *value_path(const struct value *v, const char *path);
const struct value *value_item(const struct value *list, size_t i);
struct slice value_text(const struct value *v); /* of a string; else the empty slice */
/* NUL-terminated text of a string */
const char *value_cstr(const struct value *v, const char *fallback);
/* value_scalar(v, a, out): a string, a boolean or a number as text, the number in the fewest digits
 * that read back as it; lives in `a` or is the string's own. False for others. */
bool value_scalar(const struct value *v, struct arena *a, struct slice *out);
bool value_is(const struct value *v, enum value_kind kind);
bool value_true(const struct value *v); /* a bool that is true */
int64_t value_int_or(const struct value *v, int64_t fallback);
size_t value_len(const struct value *v); /* items of a list or members of a map; else 0 */

/* Deep equality: int and double compare as numbers; map order does not count;
 * unknown equals nothing, not even itself. */
bool value_eq(const struct value *a, const struct value *b);

/* value_copy(v, to) is a deep copy in another arena, positions kept. */
const struct value *value_copy(const struct value *v, struct arena *to);

/* value_moved is the same with every position replaced: for a document that
 * was found inside a string of another. */
const struct value *value_moved(const struct value *v, struct arena *to, const struct value_at *at);

/* "null", "bool", "int", "double", "string", "list", "map", "unknown" */
const char *value_kind_name(enum value_kind kind);
#endif
