#ifndef SCANNER_FORMATS_JAVA_JAVA_WALK_H
#define SCANNER_FORMATS_JAVA_JAVA_WALK_H
/*
 * A stream of serialized Java objects, each seen once, without recursion: whose classes they are,
 * since the loader resolves each and runs what it reads objects with. SPEC: Java Object
 * Serialization Specification, version 6.0, section 6.4.
 */
#include "base/arena.h"
#include "base/err.h"
#include "scanner/formats/feed.h"

struct java_class {
    struct slice name; /* of a proxy: its interfaces, with blanks */
    bool proxy;
    uint8_t flags;       /* how its objects are written */
    uint64_t primitives; /* bytes of its primitive fields */
    uint32_t objects;    /* number of the others */
    uint32_t super;      /* number of the class and 1; 0: none */
    uint64_t instances, offset;
};

struct java_walk {
    struct feed *feed;
    struct reader r;
    struct arena *a;
    struct java_class *classes;
    size_t nclasses;
    uint64_t objects, arrays, strings, enums, resets;
    uint64_t block_bytes; /* that classes write in a way of their own */
    /* while it is read: */
    struct java_expect *todo;
    size_t ntodo, room;
    uint32_t *handles; /* number of a class and 1, or 0 for anything else */
    size_t nhandles;
    uint32_t last; /* the class that was read last, and 1; 0: none */
};

#define JAVA_WALK_MAGIC "\xac\xed\0\5" /* 4 bytes */

/* java_walk_read(w, e): the whole stream; `w` is zeroed but for feed and a. */
MUST_CHECK bool java_walk_read(struct java_walk *w, struct err *e);
#endif
