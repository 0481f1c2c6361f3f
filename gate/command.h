#ifndef GATE_COMMAND_H
#define GATE_COMMAND_H
/* Verbs are rows of commands.def: dispatch, help and completions come from the row. */
#include "base/err.h"

enum exit_status {
    EXIT_ALLOW = 0,
    EXIT_DENY = 1,
    EXIT_USAGE = 2,
    EXIT_UNVERIFIABLE = 3,
    EXIT_TRANSIENT = 75,
    EXIT_INTERRUPTED = 130
};

/* An option of a verb. Long names only, plus `-o` and `-h`. */
struct command_option {
    const char *name;  /* "rules"; NULL ends the table */
    char letter;       /* 'o', or 0 */
    const char *takes; /* "DIR", or NULL for a flag */
    const char *help;  /* one line */
    bool repeats;
};

struct command {
    const char *name, *takes, *summary;
    int (*run)(int argc, char **argv);             /* argv[0] is the verb */
    const struct command_option *(*options)(void); /* for help, completions and the manual page */
};

extern const struct command command_table[]; /* ends with a NULL name */
int command_main(int argc, char **argv);
/* "gate", or a verb of a verb: "iam can"; NULL when there is none. */
const struct command *command_find(const char *name);
/* The verbs of a verb, ending with a NULL name; NULL when it has none. */
const struct command *command_verbs(const struct command *c);

/* The exit status that an error asks for: usage 2, transient 75,
 * everything else 3 (fails closed). */
int command_status(const struct err *e);

/*
 * command_own_file(e): what is wrong with a file of the operator's own (policy, key, gate file) is
 * an error of usage, whether it is not there or does not parse. Returns false, to end a condition.
 */
bool command_own_file(struct err *e);
#endif
