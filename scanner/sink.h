#ifndef SCANNER_SINK_H
#define SCANNER_SINK_H
/*
 * Where parsers put what they read. In a worker the sink is the frame writer; in unit tests and
 * fuzz targets it fills a struct facts. A sink copies at once: arguments need only live during the
 * call. After its first failure (a cap, a closed pipe) a sink swallows everything and sink_ok is
 * false; parsers need not look until they end, but long loops should.
 */
#include "scanner/facts.h"

struct sink {
    void (*fact)(void *ctx, const struct fact *f);
    void (*cover)(void *ctx, const struct coverage *c);
    void (*note)(void *ctx, const struct notice *n);
    void (*subject)(void *ctx, const struct subject *s);
    void *ctx;
    /* given to parsers so that they can fill fact.subject and location.input */
    const char *subject_name;
    const char *input_name;
    bool failed;
};

/* A sink that fills `f`. */
void sink_to_facts(struct sink *s, struct facts *f);

void sink_fact(struct sink *s, const struct fact *f);
void sink_cover(struct sink *s, const struct coverage *c);
void sink_note(struct sink *s, uint32_t line, uint64_t offset, const char *path, const char *fmt,
               ...) PRINTF_LIKE(5, 6);
void sink_subject(struct sink *s, const struct subject *subject);

/* False after the first failure: what is told from then on is lost, and the run will say so. */
bool sink_ok(const struct sink *s);

/* A ledger line for something that could not be read: bytes all unread unless `c` says otherwise;
 * code, reason, line and offset from `e`. */
void sink_gap(struct sink *s, const struct coverage *c, const struct err *e);
#endif
