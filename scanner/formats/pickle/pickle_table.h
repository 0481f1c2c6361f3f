#ifndef SCANNER_FORMATS_PICKLE_PICKLE_TABLE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_TABLE_H
/* The imports of a pickle: one row for each (stream, module, name). */
#include "base/arena.h"
#include "base/err.h"

#define PICKLE_PREVIEW 80
#define PICKLE_STEPS 8 /* of a chain */
#define PICKLE_TEXTS 4 /* different text arguments that are kept */
#define PICKLE_TEXT_LEN 64

/* Names that mean more to the machine than a call. */
enum pickle_special {
    PICKLE_ORDINARY,
    PICKLE_GETATTR,
    PICKLE_RECONSTRUCTOR, /* copyreg: calls the class, and the base, that it is given */
    PICKLE_NEWOBJ,        /* copyreg: calls the class that it is given */
    PICKLE_REBUILD,       /* torch: calls the function that it is given */
    PICKLE_PARTIAL,       /* functools: whoever calls the result calls the function given */
    PICKLE_FACTORY,       /* defaultdict: whoever asks for a missing key calls what it is given */
    PICKLE_GENERATOR,     /* numpy.random: calls its second argument with the first */
    PICKLE_SAME,          /* gives what it is given */
    PICKLE_TENSOR,        /* torch: a view of a storage, at the places that it is given */
    PICKLE_OF_CLASS,      /* numpy: makes an object of the class that it is given */
    PICKLE_SCALAR,        /* numpy: makes a number, or what stands in an array that it is given */
    PICKLE_MAKER,         /* pandas, scikit-learn: calls __new__ of the class that it is given */
    PICKLE_LOAD_BYTES,    /* torch: loads a file of its own that a bytes value holds */
    PICKLE_ENCODE,        /* _codecs.encode: how protocols below 3 write bytes */
    PICKLE_NUMPY_DTYPE,
    PICKLE_ARRAY_WRAPPER, /* joblib: the array's bytes follow */
    PICKLE_FILE_WRAPPER   /* joblib before 0.10: the array is in a file beside the pickle */
};

/* What becomes of an import, step by step. */
enum pickle_what {
    PICKLE_IMPORTED,
    PICKLE_CALLED,
    PICKLE_BUILT,    /* BUILD: state for it, or for the result of the call */
    PICKLE_FILLED,   /* APPEND, SETITEM, ADDITEMS onto it: its methods are called */
    PICKLE_ARGUMENT, /* of a call of `with` */
    PICKLE_STATE,    /* handed to an object of `with` by BUILD */
    PICKLE_CALLEE,   /* the result is called */
    PICKLE_STORED,   /* in a container */
    PICKLE_TYPE,     /* of a storage that a persistent id names */
    PICKLE_NAMES,    /* a module or a name of an import */
    PICKLE_DROPPED,
    PICKLE_GIVEN /* it is what the pickle gives */
};

struct pickle_step {
    uint64_t offset;
    const char *opcode;
    uint32_t with; /* index of another import, or PICKLE_NOBODY */
    uint8_t what;  /* enum pickle_what */
    bool result;   /* it happens to the result of the call, not to the import itself */
};

#define PICKLE_NOBODY UINT32_MAX

/* How an import is used, bits of `uses`. */
enum pickle_use {
    PICKLE_USE_CALL = 1,      /* REDUCE, OBJ, INST */
    PICKLE_USE_CONSTRUCT = 2, /* NEWOBJ, NEWOBJ_EX */
    PICKLE_USE_BUILD = 4,
    PICKLE_USE_APPEND = 8,
    PICKLE_USE_SETITEM = 16,
    PICKLE_USE_ADDITEMS = 32
};

struct pickle_import {
    struct slice module, name; /* as written */
    uint32_t stream;           /* from 0 */
    uint32_t hash;
    bool resolved; /* false: the name is computed, or an extension code */
    /* a protocol below 3 was in force: the loader looks the name up in its table of old names */
    bool mapped;
    bool called;
    const char *reading; /* the way of reading that reached it first; NULL: the usual one */
    const char *opcode;  /* of the import */
    const char *via;     /* opcode of the first call, or NULL */
    uint64_t offset, call_offset;
    uint64_t count;
    char preview[PICKLE_PREVIEW + 1]; /* of the arguments of the first call */
    uint8_t special;                  /* enum pickle_special */
    uint8_t uses;                     /* enum pickle_use */
    uint8_t payload;                  /* enum pickle_payload that a call of it was given */
    bool attribute;                   /* an attribute that getattr reads of a named class */
    bool filled;                      /* a call of it was given something to make its result of */
    bool loose; /* of one that must not be handed on: it is, or a call has no literal operands */
    uint64_t payload_offset;
    uint32_t trace;  /* the run in which what becomes of it is followed, or 0 */
    uint64_t packed; /* serial of the tuple that it, or its result, was put in, plus one */
    struct pickle_step steps[PICKLE_STEPS];
    size_t nsteps;
    int64_t largest, total; /* of the integers that calls of it were given; all together */
    /* the largest number, exponent or count of items that may be behind what calls of it were
     * given: an exponent in a text, a result of another call */
    int64_t made;
    int64_t value; /* the largest number that a call of it may give, besides those */
    struct slice texts[PICKLE_TEXTS]; /* different texts that calls of it were given directly */
    size_t ntexts;
    bool more_texts;
};

struct pickle_table {
    struct arena *arena;
    struct pickle_import *items;
    size_t n;
    uint32_t *index; /* open addressing: item + 1 */
    size_t index_cap;
    uint32_t runs; /* of machines over this table */
};

/* Must it not be handed on, as an argument or in a container? Whoever gets it could call it. */
static inline bool pickle_table_watched(const struct pickle_import *x)
{
    return x->special == PICKLE_GETATTR || x->special == PICKLE_LOAD_BYTES ||
           x->special == PICKLE_SAME;
}

void pickle_table_init(struct pickle_table *t, struct arena *a);
void pickle_table_release(struct pickle_table *t);

/* The row of `key` (stream, module, name, resolved), made when there is none; `*at` is its
 * index. ERR_LIMIT: LIMIT_PICKLE_IMPORTS. */
MUST_CHECK bool pickle_table_put(struct pickle_table *t, const struct pickle_import *key,
                                 uint32_t *at, struct err *e);
#endif
