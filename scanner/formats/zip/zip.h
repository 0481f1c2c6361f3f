#ifndef SCANNER_FORMATS_ZIP_ZIP_H
#define SCANNER_FORMATS_ZIP_ZIP_H
/*
 * A strict walker over zip directories. Loaders disagree about zips: which end record counts,
 * whether the central or the local header names a member, which of two equal names wins, whether a
 * directory is needed at all. All views are read, and every disagreement is a flag. SPEC: PKWARE
 * APPNOTE 6.3.10.
 */
#include "base/arena.h"
#include "scanner/input/source.h"

enum zip_flag {
    ZIP_TRAVERSAL, /* ".." in the name */
    ZIP_ABSOLUTE,  /* the name begins with a slash or a drive */
    ZIP_ODD_NAME,  /* backslash, control or NUL in the name, no name, or a folder with contents */
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
    ZIP_EXTRA,          /* extra fields that are cut, doubled or disagree with the header */
    ZIP_UNICODE_NAME,   /* the Unicode path field is another name */
    ZIP_ORPHAN,         /* only a local header knows it */
    /* what follows its data has not the form that the header promises, and stored data comes later:
     * readers without a directory may look for the next member in there */
    ZIP_DESCRIPTOR,
    ZIP_FLAGS
};

struct zip_member {
    struct slice name;       /* central */
    struct slice local_name; /* where it is another one, or empty */
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, size;            /* bytes, compressed and not */
    uint64_t header_at, data_at, end; /* `end`: behind the data and its descriptor */
    uint32_t anomalies;               /* 1 << enum zip_flag */
    uint32_t index;                   /* place in its directory */
    uint32_t view;                    /* which directory; 0: the one that counts */
    bool folder;
    bool readable; /* the contents can be read */
    bool counted;  /* and share no byte with anything else */
    bool second;   /* another reading of bytes: by a local header */
    bool wide;     /* the header has zip64 sizes */
    bool loose;    /* its descriptor has no signature, or is of the other width */
};

struct zip {
    struct zip_member *members; /* by header_at */
    size_t n;
    uint64_t directory_at,
        end; /* of the directory that counts; `end`: behind the end record and its comment */
    uint64_t structure;   /* bytes of headers, directories, end records and descriptors */
    unsigned directories; /* end records that lead to a directory, and ways to get there */
    bool prefixed;        /* offsets count from somewhere else than the start of the stream */
    bool leading, trailing,
        gaps;         /* bytes before the first header, behind the end, between members */
    bool orphans;     /* a local header in a gap */
    bool mismatch;    /* end records disagree with each other or with the directory */
    struct err error; /* why there is no directory, or where it breaks; else ERR_NONE */
};

/* Does the tail of a stream of `len` bytes hold an end record that leads to a directory? */
bool zip_ends(struct source *s, uint64_t len, struct slice tail);

/* zip_open reads the directories of `s`, which is `len` bytes long. All memory is in `a`. Without
 * a directory the members are those that local headers know, and out->error says so. False when the
 * source cannot be read or a cap is reached. */
MUST_CHECK bool zip_open(struct source *s, uint64_t len, struct arena *a, struct zip *out,
                         struct err *e);

const char *zip_flag_name(enum zip_flag f); /* "traversal", ... */
#endif
