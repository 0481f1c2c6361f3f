#ifndef SCANNER_FORMATS_FORMAT_H
#define SCANNER_FORMATS_FORMAT_H
/*
 * Model file formats. A format probes the head of a stream and, when it bids, parses all of it. One line in formats.def a format; detection, `help formats`,
 * the fuzz target and the fixture check follow from that line. A stream that no format claims becomes a `model.file` fact of format "unknown", never clean.
 */
#include "scanner/input/source.h"
#include "scanner/sink.h"

#define FORMAT_PROBE_BYTES 4096

struct format_input {
    struct source *bytes;
    const char *path;   /* inside the input: "model.tar.gz!model.pt!archive/data.pkl" ('!' enters a container), or the file name */
    unsigned nesting;   /* containers around it; LIMIT_NESTING */
    struct sink *sink;
    struct arena *scratch; /* freed after this stream; facts are copied by the sink */
};

/* What a parser tells of the bytes; together they must be the whole length (see struct coverage). */
struct format_cover {
    uint64_t parsed, scanned, opaque, unread;
};

struct format {
    const char *name;    /* stable: used in facts, policies and the ledger */
    const char *summary; /* one line for `help formats` */
    const char *spec;    /* the document the parser follows, with its version */
    /* How sure: 0 not mine, 100 certain. `head` is at most FORMAT_PROBE_BYTES; `name` is the lower-case file name (may be ""). */
    int (*probe)(struct slice head, const char *name);
    /* Reads all of it; tells facts and nested streams (through format_scan); sets `cover`. */
    bool (*parse)(const struct format_input *in, struct format_cover *cover, struct err *e);
};

extern const struct format *const format_table[]; /* ends with NULL */

/* format_scan(in): identify, parse, tell `model.file` and one ledger line for this stream, with its digest. Parse failures become gaps in the ledger (and
 * model.file.status = "malformed" or "unsupported"), so the caller goes on. False only when the source cannot be read at all. */
MUST_CHECK bool format_scan(const struct format_input *in, struct err *e);
#endif
