#ifndef SCANNER_FORMATS_PICKLE_PICKLE_READ_H
#define SCANNER_FORMATS_PICKLE_PICKLE_READ_H
/*
 * The bytes of a pickle as a loader sees them. Loaders disagree about frames. From memory, or
 * through a buffered file, CPython's C unpickler takes FRAME as a hint and reads on over its end
 * (PICKLE_PLAIN). Through a file without peek() it holds one frame in its buffer, and an argument
 * that does not fit drops what is left of the frame and is read from behind it (PICKLE_DROPPING).
 * Both are walked; `diverged` says that they saw different bytes. SPEC: CPython 3.11,
 * Modules/_pickle.c, _Unpickler_ReadImpl, _Unpickler_ReadFromFile, load_frame.
 */
#include "scanner/formats/feed.h"

enum pickle_reading { PICKLE_PLAIN, PICKLE_DROPPING };

struct pickle_read {
    struct feed *feed; /* borrowed */
    struct reader r;   /* what can be lent at once; ends at the frame's end when one is in force */
    enum pickle_reading how;
    /* plain: end of the frame in force, or 0; dropping: end of the loader's buffer */
    uint64_t frame_end;
    bool diverged;     /* an argument reached over the end of a frame */
    uint8_t head[96];  /* of what was passed over last */
    struct slice rest; /* starved within a line: what there was of it; lent until the next read */
    bool starved;      /* the stream ended inside of an argument, or before an opcode */
    bool nested;       /* a frame began before the last one ended */
};

void pickle_read_init(struct pickle_read *p, struct feed *f, uint64_t at, enum pickle_reading how);

/* The slow half of pickle_read_bytes. */
MUST_CHECK bool pickle_read_slow(struct pickle_read *p, size_t n, struct slice *out, struct err *e);

/* pickle_read_bytes lends n <= FEED_NEED bytes, until the next read. */
MUST_CHECK static inline bool pickle_read_bytes(struct pickle_read *p, size_t n, struct slice *out,
                                                struct err *e)
{
    return reader_bytes(&p->r, n, out) || pickle_read_slow(p, n, out, e);
}

/* Passes over n bytes and lends the first of them (up to 96). `direct`: read past the
 * buffer without dropping, as BYTEARRAY8 is. */
MUST_CHECK bool pickle_read_skip(struct pickle_read *p, uint64_t n, bool direct, struct slice *head,
                                 struct err *e);

/* A line without its '\n'; one over FEED_NEED - 1 bytes is passed over:
 * `*longer` is its length then, else 0. */
MUST_CHECK bool pickle_read_line(struct pickle_read *p, struct slice *out, uint64_t *longer,
                                 struct err *e);

/* A frame of n bytes begins here. */
MUST_CHECK bool pickle_read_frame(struct pickle_read *p, uint64_t n, struct err *e);

/* The STOP opcode was read: a loader made anew begins behind its file's position, one that is used
 * again (`reuse`) in its buffer. True when STOP stands inside of a frame. */
bool pickle_read_stop(struct pickle_read *p, bool reuse);

/* Is there another byte? */
MUST_CHECK bool pickle_read_left(struct pickle_read *p, bool *left, struct err *e);
#endif
