#ifndef TESTS_LIB_PIECES_H
#define TESTS_LIB_PIECES_H
/* A JSON document read whole and read in pieces: both ways tell the same facts, or fail alike. */
#include <string.h>

#include "scanner/formats/document.h"
#include "scanner/formats/json_pieces.h"

struct pieces {
    struct arena arena, scratch;
    struct facts facts;
    struct err e;
    bool done;
    const char *format;
    uint64_t bytes;
    size_t lists; /* that were read in pieces */
};

/* Texts of at most `from` bytes are read whole; pieces_release frees. */
static inline void pieces_read(struct pieces *p, struct slice text, uint64_t from)
{
    struct source *s = source_memory(text);
    struct format_run run = {0};
    struct json_document json;
    struct sink sink;
    struct format_input in = {
        .bytes = s, .path = "model.json", .sink = &sink, .scratch = &p->scratch, .run = &run};

    *p = (struct pieces){.done = false};
    arena_init(&p->arena);
    arena_init(&p->scratch);
    facts_init(&p->facts, &p->arena);
    sink_to_facts(&sink, &p->facts);
    sink.subject_name = sink.input_name = in.path;
    p->done = json_pieces_read(&in, from, &json, &p->e);
    if (p->done) {
        p->format = document_tell_pieces(&in, json.root, &json.pieces);
        p->bytes = json.bytes;
        p->lists = json.pieces.n;
        if (json.pieces.e.code != ERR_NONE)
            p->e = json.pieces.e;
    }
    source_free(s);
}

static inline void pieces_release(struct pieces *p)
{
    arena_release(&p->scratch);
    arena_release(&p->arena);
}

/* What differs first, or NULL. */
static inline const char *pieces_differ(const struct pieces *a, const struct pieces *b)
{
    if (a->done != b->done || a->e.code != b->e.code || strcmp(a->e.text, b->e.text) != 0)
        return "the error";
    if (a->e.offset != b->e.offset || a->e.line != b->e.line)
        return "where the error is";
    if (a->bytes != b->bytes)
        return "the length";
    if ((a->format == NULL) != (b->format == NULL) ||
        (a->format != NULL && strcmp(a->format, b->format) != 0))
        return "the format";
    if (a->facts.nfacts != b->facts.nfacts)
        return "the number of facts";
    for (size_t i = 0; i < a->facts.nfacts; i++) {
        const struct fact *f = &a->facts.facts[i], *g = &b->facts.facts[i];

        if (strcmp(f->type, g->type) != 0 || strcmp(f->address, g->address) != 0 ||
            f->at.offset != g->at.offset || !value_eq(f->attributes, g->attributes))
            return f->type;
    }
    return NULL;
}
#endif
