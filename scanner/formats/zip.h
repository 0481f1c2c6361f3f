#ifndef SCANNER_FORMATS_ZIP_H
#define SCANNER_FORMATS_ZIP_H
/*
 * A strict walker over zip directories. Loaders disagree about zips: which end record counts,
 * whether the central or the local header names a member, which of two equal names wins. All views
 * are read, and every disagreement is a flag. SPEC: PKWARE APPNOTE 6.3.10.
 */
#include "base/arena.h"
#include "scanner/input/source.h"

enum zip_flag {
    ZIP_TRAVERSAL, /* ".." in the name */
    ZIP_ABSOLUTE,  /* the name begins with a slash or a drive */
    ZIP_ODD_NAME,  /* backslash, control or NUL in the name, or no name */
    ZIP_SYMLINK,
    ZIP_DEVICE,
    ZIP_DUPLICATE, /* another member has this name, but for case and slashes */
    ZIP_ENCRYPTED,
    ZIP_METHOD,         /* neither stored nor deflated */
    ZIP_OVERLAP,        /* shares bytes with another member or the directory */
    ZIP_LOCAL_MISMATCH, /* central and local header disagree */
    ZIP_NO_LOCAL,       /* no local header where the central one points */
    ZIP_CRC,            /* the contents have another CRC or size */
    ZIP_SPLIT,          /* on another disk */
    ZIP_FLAGS
};

struct zip_member {
    struct slice name; /* central */
    struct slice local_name;
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, size;            /* bytes, compressed and not */
    uint64_t header_at, data_at, end; /* `end`: behind the data and its descriptor */
    uint32_t anomalies;               /* 1 << enum zip_flag */
    bool folder;
    bool readable; /* the contents can be read */
    bool counted;  /* and share no byte with anything else */
};

struct zip {
    struct zip_member *members; /* by header_at */
    size_t n;
    uint64_t directory_at,
        end; /* of the directory that counts; `end`: behind the end record and its comment */
    uint64_t structure;   /* bytes of headers, directories, end records and descriptors */
    uint64_t unclaimed;   /* bytes that belong to nothing: before, between and behind */
    unsigned directories; /* end records that lead to a directory */
    bool prefixed;        /* offsets count from somewhere else than the start of the stream */
    bool leading, trailing,
        gaps;     /* bytes before the first header, behind the end, between members */
    bool orphans; /* a local header in a gap */
};

/* Does the tail of a stream of `len` bytes hold an end record that leads to a directory? */
bool zip_ends(struct source *s, uint64_t len, struct slice tail);

/* zip_open reads the directories of `s`, which is `len` bytes long. All memory is in `a`. */
MUST_CHECK bool zip_open(struct source *s, uint64_t len, struct arena *a, struct zip *out,
                         struct err *e);

const char *zip_flag_name(enum zip_flag f); /* "traversal", ... */
#endif
