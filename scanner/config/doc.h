#ifndef SCANNER_CONFIG_DOC_H
#define SCANNER_CONFIG_DOC_H
/*
 * One configuration document while it is being read: its tree, where its facts go, and what could
 * not be told of it. A gap makes the ledger line of the document partial, so that no verdict can
 * be allow; a notice is a remark only.
 */
#include "scanner/sink.h"

#define DOC_TEXT_BYTES 400 /* of a remark, with the NUL */

struct doc {
    const struct value *root;
    const struct value *params; /* as in struct config_text */
    const char *path;           /* inside the input, or NULL */
    struct arena *arena;        /* see doc_each */
    struct sink *sink;
    size_t nnotices; /* told and not told */
    size_t ngaps;
    char gap[DOC_TEXT_BYTES]; /* the first one */
    struct value_at gap_at;
    uint64_t built; /* bytes that substitution made, against LIMIT_CONFIG_BUILT_BYTES */
};

/* A fact without what every fact of a document has in common. */
struct doc_fact {
    const char *source, *type, *address, *name;
    const struct value *at; /* its place; NULL for the whole document */
    const struct value *attributes;
};

/*
 * doc_each(d, n, t, e) tells of 0 to n - 1, as long as the sink takes it; false at the first that
 * fails. What is made in d->arena to tell of one is given back before the next.
 */
struct doc_teller {
    bool (*tell)(void *ctx, size_t i, struct err *e);
    void *ctx;
};
MUST_CHECK bool doc_each(struct doc *d, size_t n, const struct doc_teller *t, struct err *e);

void doc_fact(struct doc *d, const struct doc_fact *f);
void doc_note(struct doc *d, const struct value *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void doc_gap(struct doc *d, const struct value *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Call once, at the end: says how many notices were kept back (LIMIT_DIAGNOSTICS). */
void doc_finish(struct doc *d);

/* The value false, and ERR_FORMAT with the place of `at`. */
#define doc_error(e, at, ...) (doc_fail((e), ERR_FORMAT, (at), __VA_ARGS__), false)
void doc_fail(struct err *e, enum err_code code, const struct value *at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* doc_name(v, what, out, e): the text of `v` for an address: a string, not empty, without NUL,
 * of at most LIMIT_NAME_BYTES. */
MUST_CHECK bool doc_name(const struct value *v, const char *what, const char **out, struct err *e);

/* Where a value stands, for values made from it. */
struct value_at doc_at(const struct value *v);

/* For "%.*s": at most 120 bytes, cut between characters. */
int doc_cut(struct slice s);
#define DOC_TEXT(s) doc_cut(s), (s).len == 0 ? "" : (const char *)(s).data
#endif
