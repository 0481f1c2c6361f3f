#ifndef GATE_CALL_H
#define GATE_CALL_H
/*
 * The frame of a verb: the command line is read, --help answered, the work done, the answer
 * written to standard output, errors told, the exit status chosen. A verb that needs more than
 * this embeds `struct call` as the first member of a struct of its own and casts back.
 */
#include "base/json_out.h"
#include "gate/options.h"
#include "gate/run.h"

/* All of it lasts as long as the call. */
struct call {
    const struct options *o;
    struct arena *arena;   /* that of `run` */
    struct run *run;       /* of verbs that scan */
    struct buf *out;       /* the answer; written when the work is done, or by call_flush */
    struct json_out *json; /* writes into `out`, indented */
    bool color;            /* may the answer have colour? */
    int status;            /* when all goes well: EXIT_ALLOW, unless the work says otherwise */
    struct err *e;
};

struct call_verb {
    const char *name; /* "scan", "iam can" */
    const struct command_option *(*options)(void);
    /* What is wrong with the options is told with a hint at the help. NULL: nothing to do. */
    bool (*configure)(struct call *c);
    bool (*work)(struct call *c);
};

/* call_run(c, v, argc, argv) gives the exit status; it fills in all of `c` first. */
int call_run(struct call *c, const struct call_verb *v, int argc, char **argv);

/* Writes the answer as far as it goes, so that memory need not hold all of it. */
MUST_CHECK bool call_flush(struct call *c);

/* Begins an answer as JSON: an object with its schema. Lends c->json. */
struct json_out *call_json(struct call *c, const char *schema);

/* The status of a question: a finding denies; without one, what is not known leaves it open. */
void call_answer(struct call *c, bool found, bool unknown);
#endif
