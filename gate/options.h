#ifndef GATE_OPTIONS_H
#define GATE_OPTIONS_H
/*
 * The command line of a verb, parsed by its table: --name VALUE, --name=VALUE, -oVALUE, -o VALUE,
 * and -- before operands that begin with a dash. An unknown option, a missing value and an option
 * given twice that does not repeat are ERR_USAGE, with the nearest known name.
 */
#include "base/arena.h"
#include "gate/command.h"

struct option_value {
    const struct command_option *option;
    const char *text; /* NULL for a flag */
};

struct options {
    struct option_value *values;
    size_t nvalues;
    const char **args; /* operands, NULL-terminated */
    size_t nargs;
    bool help; /* -h or --help was given; nothing else was checked */
};

/* What the verb was called with (argv[0] is the verb) and what it knows. */
struct command_line {
    int argc;
    char **argv;
    const struct command_option *table;
};

MUST_CHECK bool options_parse(const struct command_line *line, struct arena *a, struct options *out,
                              struct err *e);

bool options_has(const struct options *o, const char *name);
/* The last value given, or NULL. */
const char *options_get(const struct options *o, const char *name);
/* All values in order, NULL-terminated; NULL when there is none. */
const char *const *options_all(const struct options *o, const char *name, struct arena *a);
#endif
