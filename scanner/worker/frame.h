#ifndef SCANNER_WORKER_FRAME_H
#define SCANNER_WORKER_FRAME_H
/*
 * The words between a worker and its parent: type u8, length u32le, then a payload.
 * Whoever reads believes nothing: types, lengths, numbers and text are checked here, what
 * may be said when is checked by the reader.
 */
#include "base/buf.h"
#include "scanner/facts.h"
#include "scanner/worker/worker.h"

#define FRAME_HEAD 5

enum frame_type {
    FRAME_LIMITS = 1, /* parent: struct frame_limits, before anything else */
    FRAME_READY,      /* worker: struct frame_ready, the sandbox is up */
    FRAME_JOB,        /* parent: what to do */
    FRAME_WANT,       /* worker: u32le index of an entry */
    FRAME_HERE,       /* parent: one byte 0, with the descriptor beside it */
    FRAME_REFUSED,    /* parent: the error instead of the descriptor */
    FRAME_FACT,       /* worker: these four in any number and order */
    FRAME_COVER,
    FRAME_NOTE,
    FRAME_SUBJECT,
    FRAME_PROGRESS, /* worker: u64le */
    FRAME_FAIL,     /* worker: the subject as a whole could not be read; DONE follows */
    FRAME_DONE,     /* worker: struct frame_counts; the last one */
    FRAME_TYPES
};

struct frame_limits {
    enum sandbox_mode mode;
    uint64_t memory_bytes;
    uint32_t cpu_seconds, parent, nfiles, threads;
};

struct frame_ready {
    struct sandbox_report report;
    struct err cause; /* why something is not in force */
};

struct frame_counts {
    uint64_t facts, coverage, notices, subjects;
};

struct frame_job {
    const char *name, *subject, *scheme, *ref; /* scheme and ref NULL without an input */
    const struct value *params;
    struct input_entry *entries;
    size_t nentries;
};

/* Each writes one whole frame behind what `b` holds; a frame over LIMIT_FRAME_BYTES leaves `b`
 * full. `scratch` holds what is built on the way. */
void frame_put_limits(struct buf *b, const struct frame_limits *l);
void frame_put_ready(struct buf *b, const struct frame_ready *r, struct arena *scratch);
void frame_put_job(struct buf *b, const struct worker_job *job, struct arena *scratch);
void frame_put_want(struct buf *b, uint32_t index);
void frame_put_here(struct buf *b);
void frame_put_fact(struct buf *b, const struct fact *f, struct arena *scratch);
void frame_put_cover(struct buf *b, const struct coverage *c, struct arena *scratch);
void frame_put_note(struct buf *b, const struct notice *n, struct arena *scratch);
void frame_put_subject(struct buf *b, const struct subject *s, struct arena *scratch);
void frame_put_progress(struct buf *b, uint64_t done);
void frame_put_error(struct buf *b, enum frame_type type, const struct err *why,
                     struct arena *scratch); /* REFUSED, FAIL */
void frame_put_done(struct buf *b, const struct frame_counts *c);

/* frame_head(r, type, len, e): the first FRAME_HEAD bytes. Unknown types and
 * lengths over LIMIT_FRAME_BYTES are refused. */
MUST_CHECK bool frame_head(struct slice head, enum frame_type *type, uint32_t *len, struct err *e);

/* Each reads the payload of its frame, all of it; text lives in `a`. Subject and input are left
 * NULL: they are the parent's to fill in. */
MUST_CHECK bool frame_get_limits(struct slice s, struct frame_limits *out, struct err *e);
MUST_CHECK bool frame_get_ready(struct slice s, struct arena *a, struct frame_ready *out,
                                struct err *e);
MUST_CHECK bool frame_get_job(struct slice s, struct arena *a, struct frame_job *out,
                              struct err *e);
MUST_CHECK bool frame_get_want(struct slice s, uint32_t *index, struct err *e);
MUST_CHECK bool frame_get_fact(struct slice s, struct arena *a, struct fact *out, struct err *e);
MUST_CHECK bool frame_get_cover(struct slice s, struct arena *a, struct coverage *out,
                                struct err *e);
MUST_CHECK bool frame_get_note(struct slice s, struct arena *a, struct notice *out, struct err *e);
MUST_CHECK bool frame_get_subject(struct slice s, struct arena *a, struct subject *out,
                                  struct err *e);
MUST_CHECK bool frame_get_progress(struct slice s, uint64_t *done, struct err *e);
/* The error is the payload: `*out` is set, false only when the payload itself is bad. */
MUST_CHECK bool frame_get_error(struct slice s, struct arena *a, struct err *out, struct err *e);
MUST_CHECK bool frame_get_done(struct slice s, struct frame_counts *out, struct err *e);
#endif
