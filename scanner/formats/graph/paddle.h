#ifndef SCANNER_FORMATS_GRAPH_PADDLE_H
#define SCANNER_FORMATS_GRAPH_PADDLE_H
/*
 * Programs of PaddlePaddle: blocks of variables and operators, the blocks that an operator runs,
 * and the files and addresses that it names. SPEC: Paddle 3.3, framework.proto, ProgramDesc.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/message.h"
#include "scanner/formats/tally.h"

#define PADDLE_TEXTS 8     /* of one attribute; files and addresses of one operator */
#define PADDLE_MEMBERS 256 /* inputs, outputs and attributes of one operator */

enum paddle_kind {
    PADDLE_NONE,
    PADDLE_PROGRAM,
    PADDLE_BLOCK,
    PADDLE_OP,
    PADDLE_OP_VAR, /* an input or an output of an operator */
    PADDLE_ATTR,
    PADDLE_SCALAR,
    PADDLE_COMPLEX,
    PADDLE_VAR,
    PADDLE_VAR_ATTR,
    PADDLE_VAR_TYPE,
    PADDLE_TENSOR,
    PADDLE_LOD_TENSOR,
    PADDLE_READER,
    PADDLE_TUPLE,
    PADDLE_VERSION,
    PADDLE_OP_VERSIONS,
    PADDLE_OP_VERSION_PAIR,
    PADDLE_OP_VERSION,
    PADDLE_KINDS
};

/* What is wrong with a program; readers differ over it, or run for ever. */
enum paddle_problem {
    PADDLE_BLOCK_INDEX,  /* another than its place */
    PADDLE_BLOCK_PARENT, /* no block before it */
    PADDLE_SUB_BLOCK,    /* an operator runs its own block */
    PADDLE_TWICE,        /* an operator has two inputs, outputs or attributes of one name */
    PADDLE_CROWDED,      /* more than PADDLE_MEMBERS of them */
    PADDLE_PROBLEMS
};

enum paddle_access { PADDLE_READS, PADDLE_WRITES, PADDLE_NETWORK, PADDLE_ACCESSES };

struct paddle_text {
    struct message_text attr, text;
    uint64_t at;
};

/* The operator that is being read. */
struct paddle_op {
    uint64_t at;
    struct message_text type;
    struct paddle_text texts[PADDLE_TEXTS]; /* files and addresses */
    size_t ntexts;
    uint64_t members[PADDLE_MEMBERS]; /* hashes of their names */
    size_t nmembers;
};

/* The attribute that is being read. */
struct paddle_attr {
    uint64_t at, type;
    struct message_text name, texts[PADDLE_TEXTS];
    size_t ntexts, more; /* `more`: texts that found no room */
    bool blocks;
    uint64_t block; /* of block_idx */
};

struct paddle {
    const struct format_input *in;
    struct message_walk w;
    struct tally ops, files[PADDLE_ACCESSES];
    struct paddle_op op;
    struct paddle_attr attr;
    uint32_t member; /* the field of the operator that holds what is read */
    uint64_t version, blocks, operators, variables, parameters, untold;
    uint64_t block_index, parent;     /* of the block that is read */
    uint64_t sub_block, sub_block_at; /* the largest one that an operator runs */
    uint64_t counts[PADDLE_PROBLEMS], first[PADDLE_PROBLEMS];
    uint64_t var_type;
    bool persistable;
};

void paddle_read_init(struct paddle *p, const struct format_input *in);
/* The program that the file is. */
MUST_CHECK bool paddle_read_program(struct paddle *p, struct err *e);

/* What begins, ends or is a field of a message that was entered (paddle_op.c). */
void paddle_op_begin(struct paddle *p, enum paddle_kind kind, uint32_t number);
MUST_CHECK bool paddle_op_field(struct paddle *p, enum paddle_kind kind,
                                const struct protobuf_field *f, struct err *e);
MUST_CHECK bool paddle_op_end(struct paddle *p, enum paddle_kind kind, struct err *e);

void paddle_tell(const struct paddle *p);
#endif
