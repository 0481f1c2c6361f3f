#ifndef SCANNER_FORMATS_FORMAT_H
#define SCANNER_FORMATS_FORMAT_H
/*
 * Model file formats. A format probes the head of a stream and, when it bids, parses all of it. One
 * line in formats.def a format; detection, `help formats`, the fuzz target and the fixture check
 * follow from that line. A stream that no format claims becomes a `model.file` fact of format
 * "unknown", never clean. SPEC: docs/facts-model.md.
 */
#include "scanner/formats/feed.h"
#include "scanner/formats/pickle/imports.h"
#include "scanner/input/source.h"
#include "scanner/sink.h"

#define FORMAT_PROBE_BYTES 4096

struct format;

/* Bids. Every format that bids FORMAT_CLAIM or more is parsed; one below
 * FORMAT_SURE may still decline. */
#define FORMAT_WEAK 30 /* taken only when nobody claims the stream */
#define FORMAT_CLAIM 50
#define FORMAT_SURE 60
/* magic and structure; the only bids that count where tensor data is expected */
#define FORMAT_CERTAIN 90
/* what the probe saw is of this format and begins no other, whatever the name says: of those that
 * go by the head, nobody else reads it */
#define FORMAT_ALONE 100

/* How many streams were read as a format. */
struct format_seen {
    char name[32];
    uint64_t n;
};

#define FORMAT_SEEN_MAX 160 /* names of formats; all that the table and the magics know are fewer */

/* Which streams get a digest of their own. */
enum format_hash {
    FORMAT_HASH_FILES,   /* all, but raw tensor data that lies as it is in a container (`stored`) */
    FORMAT_HASH_MEMBERS, /* those too */
    FORMAT_HASH_NONE     /* none: what need not be read for its meaning is not read */
};

struct companions;
struct grid_reading;
struct names;

/* What the streams of one input share. */
struct format_run {
    const struct imports *imports; /* NULL: every import is of risk "unknown" */
    enum format_hash hash;
    uint64_t streams; /* told so far; LIMIT_MODEL_STREAMS */
    uint64_t bytes;   /* of all streams so far; LIMIT_MODEL_BYTES */
    uint64_t given;   /* of the files themselves; LIMIT_ARCHIVE_RATIO */
    uint64_t
        shared; /* members of zips that were read although they share bytes; LIMIT_ZIP_SHARED */
    struct format_seen seen[FORMAT_SEEN_MAX]; /* of streams that were read, by primary reading */
    size_t nseen;
    struct companions *companions; /* files that hold the numbers of others, or NULL */
};

struct format_result {
    struct digest digest;
    uint64_t bytes;
    bool whole;  /* `bytes` holds: all was read, or is covered by the container's digest */
    bool hashed; /* `digest` holds */
    bool summed; /* all went by under want_crc: `crc` holds */
    uint32_t crc;
    const char *status; /* as model.file tells it; NULL: nothing was told */
};

struct format_input {
    struct source *bytes;
    /* inside the input: "model.tar.gz!model.pt!archive/data.pkl" ('!'
     * enters a container), or the file name */
    const char *path;
    unsigned nesting; /* containers around it; LIMIT_NESTING */
    struct sink *sink;
    struct arena *scratch; /* freed after this stream; facts are copied by the sink */
    struct format_run *run;
    const char *container;        /* format of the container, or NULL */
    struct format_result *result; /* filled by format_scan; may be NULL */
    bool costly;                  /* going back in `bytes` means decompressing a container again */
    bool storage;                 /* the container says that this is raw tensor data */
    bool claimed;                 /* a file beside says so; others may load it by its name */
    const struct grid_reading *reading; /* how that file says it is read; or NULL */
    bool stored;                        /* its bytes lie in the container as they are, once */
    bool want_crc;                      /* result->crc shall hold the CRC-32 of the bytes */
    /* Gives the digest of the whole stream, taken elsewhere and asked for once, behind all parsing;
     * false: the bytes cannot be vouched for. NULL: the stream is hashed as it goes by. */
    bool (*digest)(void *ctx, struct digest *out, struct err *e);
    void *digest_ctx;
    /* the loader of the container reads the bytes so, whatever they look like; or NULL */
    const struct format *as;
    /* Set by format_scan for parse: */
    struct feed *feed; /* over `bytes`, at 0 */
    uint64_t attached; /* for a zip: the primary reading says that it begins here; 0: no */
    bool weak;         /* the bid was below FORMAT_SURE: the parser may set cover->declined */
};

/* What a parser tells of the bytes; together they must be the whole length
 * (see struct coverage). */
struct format_cover {
    uint64_t parsed, scanned, opaque, unread;
    const char *format;  /* a more exact name: "pytorch" for a zip, "npz"; NULL: the format's own */
    bool declined;       /* looked closer: not this format, and nothing was told */
    uint64_t attachment; /* a zip from here to the end is a part of this format; 0: none */
};

struct format {
    const char *name;    /* stable: used in facts, policies and the ledger */
    const char *summary; /* one line for `help formats` */
    const char *spec;    /* the document the parser follows, with its version */
    const char *begins;  /* what its files begin with, where that may be taken for text; or NULL */
    /* How sure: 0 not mine, 100 certain. `head` is at most FORMAT_PROBE_BYTES; `name` is the
     * lower-case file name (may be ""). */
    int (*probe)(struct slice head, const char *name);
    /* Reads all of it; tells facts and nested streams (through format_scan); sets `cover`. On false
     * `cover` holds too: what is missing from the length counts as unread. */
    bool (*parse)(const struct format_input *in, struct format_cover *cover, struct err *e);
};

extern const struct format *const format_table[]; /* ends with NULL */

/*
 * format_scan(in): identify, parse, tell `model.file` and one ledger line for this stream, with its
 * digest. Parse failures become gaps in the ledger (and model.file.status = "malformed" or
 * "unsupported"), so the caller goes on; a stream of which nothing can be read is a gap as well.
 * False only when the system itself refuses to read (ERR_IO, ERR_TRANSIENT), after the gap was
 * told.
 */
MUST_CHECK bool format_scan(const struct format_input *in, struct err *e);

/* The stream `bytes` inside `in`: fills what is inherited. `name` is the
 * member; the result is named "path!name". */
struct format_input format_inner(const struct format_input *in, struct source *bytes,
                                 const char *name);

/* One fact of source "model" about this stream; `address` NULL: the path. */
void format_tell(const struct format_input *in, const char *type, const char *address,
                 uint64_t offset, const struct value *attributes);
/* `text` as a string that a fact may hold: bad UTF-8 is replaced, at most `max` bytes are kept. */
const struct value *format_string(struct arena *a, struct slice text, size_t max);
/* A list of them, in their order. */
const struct value *format_names(struct arena *a, const struct names *names, size_t max);
#endif
