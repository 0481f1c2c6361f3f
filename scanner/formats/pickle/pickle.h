#ifndef SCANNER_FORMATS_PICKLE_PICKLE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_H
/*
 * A file of pickles: stream after stream, read in every way in which loaders differ (frames, a memo
 * that is kept, joblib's arrays), and told as `model.pickle` and `model.import` facts.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/pickle/pickle_vm.h"

struct pickle {
    struct pickle_table table;
    struct pickle_vm vm; /* what the first reading counted; its buffers are released */
    uint64_t streams;    /* that reached STOP */
    uint64_t start, end; /* of what was understood */
    uint64_t trailing;   /* bytes behind it, when the file is only pickles */
    const char *behind;  /* what they begin like: "archive", "program", "code", "zeros", "data" */
    uint64_t memo_keys;  /* the most of one stream */
    bool kept_memo;      /* read as by one loader that keeps its memo from stream to stream */
    bool several;     /* the format has several streams; those behind the first are no surprise */
    bool broken;      /* a stream ended in an error */
    struct err error; /* why */
};

struct pickle_span {
    uint64_t start;
    unsigned max_streams; /* 0: as many as there are; then the rest is trailing bytes */
};

/* pickle_scan(in, span, p): reads; everything it finds lives in in->scratch. A broken pickle
 * is no failure: p->broken says so. False when the source could not be read or a cap was
 * reached; what was found before is in `p`. */
MUST_CHECK bool pickle_scan(const struct format_input *in, const struct pickle_span *span,
                            struct pickle *p, struct err *e);

void pickle_release(struct pickle *p);
#endif
