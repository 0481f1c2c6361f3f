#ifndef SCANNER_FORMATS_PICKLE_PICKLE_VM_H
#define SCANNER_FORMATS_PICKLE_PICKLE_VM_H
/*
 * The pickle machine, symbolically: all 68 opcodes of protocols 0 to 5 move the stack, the marks
 * and the memo as CPython's C unpickler does, and nothing is ever imported or called. Where a
 * loader would stop for the type of a value it goes on: what it reports is at least what any loader
 * could reach. SPEC: CPython 3.11, Modules/_pickle.c and Lib/pickletools.py.
 */
#include "scanner/formats/pickle/pickle_payload.h"
#include "scanner/formats/pickle/pickle_read.h"
#include "scanner/formats/pickle/pickle_share.h"
#include "scanner/formats/pickle/pickle_stack.h"
#include "scanner/formats/pickle/pickle_table.h"

/* What ordinary picklers do not write. The names are attributes of facts. */
enum pickle_anomaly {
    /* an argument reaches over the end of a frame: readers see different opcodes */
    PICKLE_FRAME_DIVERGENCE,
    PICKLE_FRAME_NESTED,    /* a frame begins inside a frame */
    PICKLE_STOP_IN_FRAME,   /* STOP before the frame ends */
    PICKLE_MEMO_MISS,       /* GET of a key that nobody put */
    PICKLE_MEMO_REDEFINED,  /* PUT to a key that has a value */
    PICKLE_MEMO_DIVERGENCE, /* a loader that keeps its memo between streams sees other names */
    PICKLE_COMPUTED_IMPORT, /* STACK_GLOBAL of something that is not a literal */
    PICKLE_COMPUTED_CLASS,  /* a constructor that takes the class as argument, and no literal one */
    PICKLE_SECOND_ORDER_CALL, /* the callee is not an import but the result of something */
    PICKLE_WRITE_TO_GLOBAL,   /* BUILD, SETITEM or APPEND onto what was imported */
    PICKLE_WRITE_TO_DATA,     /* the same onto something that is no container */
    PICKLE_STATE_METHOD,      /* a key __setstate__ or the like, which BUILD would call */
    PICKLE_EXT_CODE,          /* an extension code: the name stands in a registry of the loader */
    PICKLE_ODD_NAME,          /* blanks or controls in an imported name */
    PICKLE_DOTTED_NAME,       /* an attribute path in an imported name */
    PICKLE_BROKEN_AFTER_CALL, /* ends in an error, after a call has run */
    PICKLE_TRAILING_BYTES,
    PICKLE_NESTED_PICKLE, /* a string or bytes value that begins like one */
    PICKLE_NESTED_ARCHIVE,
    PICKLE_NESTED_PROGRAM,
    PICKLE_NESTED_CODE,
    PICKLE_OPAQUE_TEXT, /* strings over LIMIT_PICKLE_TEXT were passed over */
    PICKLE_TEXT_LOST,   /* an imported name was too long or too far back to be known */
    PICKLE_OUT_OF_BAND, /* NEXT_BUFFER: data that is not in the stream */
    /* bytes that joblib takes for array data import something when read as opcodes */
    PICKLE_ARRAY_DIVERGENCE,
    PICKLE_ODD_STRIDES, /* a tensor has a negative offset, size or stride */
    PICKLE_ODD_DTYPE,   /* the state of a numpy.dtype contradicts itself, or comes too late */
    PICKLE_ODD_CODEC,   /* _codecs.encode is given what is no encoding of texts */
    PICKLE_DEEP_TUPLE,  /* tuples of tuples, deeper than any pickler goes */
    PICKLE_ODD_ARRAY,   /* an array of NumPy has another number of objects than its shape says */
    PICKLE_ANOMALIES
};

const char *pickle_vm_anomaly(enum pickle_anomaly a); /* "frame-divergence", ... */

/* A persistent id of the form torch writes: ('storage', type, key, location, numel). */
struct pickle_storage {
    struct slice key;
    uint32_t type; /* index of the import */
    uint64_t numel;
};

/* A numpy.dtype. All slots of one share it, so that BUILD is seen through the memo. */
struct pickle_dtype {
    uint64_t size; /* bytes of an item */
    char letter;   /* of its kind; 'n': a number of a size that is not known */
    bool objects;  /* items are, or hold, Python objects */
    bool open;     /* a structured type whose state was not (yet) read */
    bool built;    /* it was given a state */
    bool shared;   /* there was a second slot of it before that */
};

/* A dict with (numpy.dtype, offset) as values. */
struct pickle_fields {
    uint64_t dict; /* its serial */
    uint64_t end;  /* of the last field */
    bool known;    /* the row is taken */
    bool objects;  /* a field is, or holds, Python objects */
    bool odd;      /* there are other values, or types that nobody can tell */
    bool used;     /* a type has it for its fields */
};

/* A text that _codecs.encode makes bytes of. */
struct pickle_encoded {
    uint64_t at;       /* of the call */
    struct slice text; /* UTF-8 */
};

/* A file beside the pickle that joblib reads an array from. */
struct pickle_beside {
    struct slice name; /* without data when it is no literal */
    uint32_t wrapper;  /* index of the import */
    uint64_t offset;   /* of the BUILD */
};

/* A range of a file that the metadata of a checkpoint names; see pickle_range.h. */
struct pickle_range {
    struct slice path;
    uint64_t offset, length;
};

#define PICKLE_STATE_KEPT 16
#define PICKLE_METHODS_KEPT 256

/* The objects of an array of NumPy, a list that is being filled. */
struct pickle_items {
    uint64_t list; /* its serial */
    uint64_t want; /* as many as the shape says; UINT64_MAX: nobody can tell */
    uint64_t have;
};

#define PICKLE_ITEMS_DEPTH 64 /* arrays of objects within arrays of objects */

struct pickle_vm {
    /* given */
    struct pickle_table *table;
    struct arena *arena;
    const char *reading; /* the name of a second reading: new imports are marked with it */
    bool strict;         /* a hole in the memo ends the stream, as it does for loaders */
    bool arrays;         /* skip what joblib's array wrapper declares */
    bool costly;         /* going back in the source is */
    bool ranged;         /* it is metadata of a checkpoint: see pickle_range.h */
    bool reuse;          /* one loader reads all streams: it keeps its memo and its buffer */
    /* state */
    struct pickle_read in;
    struct pickle_stack stack;
    uint32_t stream;
    uint8_t proto;    /* in force */
    bool stopped;     /* STOP was executed */
    unsigned rereads; /* texts read again */
    uint8_t *again;   /* owned: the last two of them */
    uint64_t op_at;   /* offset of the opcode */
    const char *op;   /* its name */
    /* keys and values of the dict that was made for the state of joblib's last wrapper */
    struct pickle_slot pairs[PICKLE_STATE_KEPT];
    size_t npairs;
    uint64_t pairs_of; /* its serial, or PICKLE_REF_NONE */
    bool pairs_lost;   /* there were more, or keys that are no literals */
    bool wrappers;     /* one of joblib's wrappers was imported */
    struct pickle_dtype *dtypes;
    size_t ndtypes;
    struct pickle_fields *fields; /* open addressing by serial */
    size_t nfields;
    uint64_t fields_last;                          /* the largest serial among them */
    struct pickle_items items[PICKLE_ITEMS_DEPTH]; /* the innermost is the last */
    size_t nitems;
    uint64_t array_op;   /* number of the last BUILD of an array that holds something, or 0 */
    size_t array_height; /* objects on the stack then */
    uint32_t run;        /* number of this run over the table */
    uint64_t tracing;    /* imports that are followed */
    uint64_t method_in;  /* serial of the list that the name of a method was last put in alone */
    uint64_t methods[PICKLE_METHODS_KEPT]; /* serials of dicts with an import named as a method */
    size_t nmethods;
    bool getattrs; /* something that must not be handed on was imported */
    struct pickle_loaded loaded;
    struct pickle_share share;
    /* told */
    uint8_t proto_max;
    uint64_t opcodes, calls, persids, exts, skipped_arrays;
    uint64_t opaque;    /* bytes passed over: long strings, arrays */
    uint32_t anomalies; /* 1 << enum pickle_anomaly */
    uint64_t anomaly_at[PICKLE_ANOMALIES];
    struct pickle_storage *storages;
    size_t nstorages;
    uint64_t foreign_persids; /* of another form */
    struct pickle_beside *beside;
    size_t nbeside;
    uint64_t *nested; /* opcodes of the bytes that torch.storage._load_from_bytes is given */
    size_t nnested;
    struct pickle_encoded
        *encoded; /* texts that begin like a file, and were short enough to keep */
    size_t nencoded;
    struct pickle_range *ranges;
    size_t nranges;
    bool packed_range;     /* there are some of compressed streams */
    bool odd_range;        /* there may be others than `ranges` */
    uint64_t odd_range_at; /* the first such place */
    uint64_t objects_at;   /* where the first array of objects begins, a pickle of its own; or 0 */
};

void pickle_vm_init(struct pickle_vm *v, struct feed *f, uint64_t at, enum pickle_reading how);
void pickle_vm_release(struct pickle_vm *v);

/* One stream, to its STOP. On false the place is where it broke (v->op_at, v->in.r.offset). */
MUST_CHECK bool pickle_vm_run(struct pickle_vm *v, bool keep_memo, struct err *e);

void pickle_vm_note(struct pickle_vm *v, enum pickle_anomaly a);
bool pickle_vm_has(const struct pickle_vm *v, enum pickle_anomaly a);

/* The text of a slot; false when it is not a text or is no longer known.
 * Lent until the next call but one. */
MUST_CHECK bool pickle_vm_text(struct pickle_vm *v, struct pickle_slot s, struct slice *out);

/* Do the first bytes of a stream decode as opcodes? */
enum pickle_guess {
    PICKLE_NO,
    PICKLE_IMPORTS, /* something is imported, then they do not */
    PICKLE_SO_FAR,  /* up to the end of `head` */
    PICKLE_CALLS,   /* something is called, whatever comes then */
    PICKLE_WHOLE    /* up to a STOP */
};

/* `whole`: the stream ends with `head`. `*ops` is how many opcodes were seen. */
enum pickle_guess pickle_vm_guess(struct slice head, bool whole, uint64_t *ops);

/* Would a loader that is given these bytes call something? Text that is not a pickle does not. */
bool pickle_vm_calls(struct slice bytes);
#endif
