#include "gate/command.h"

#include <string.h>

#include "base/nearest.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

#define COMMAND(name, takes, does)                                                                 \
    int cmd_##name(int argc, char **argv);                                                         \
    const struct command_option *cmd_##name##_options(void);
#include "gate/commands.def"
#undef COMMAND

const struct command command_table[] = {
#define COMMAND(name, takes, does) {#name, takes, does, cmd_##name, cmd_##name##_options},
#include "gate/commands.def"
#undef COMMAND
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct command *find(const struct command *table, const char *name, size_t len)
{
    for (const struct command *c = table; c->name != NULL; c++)
        if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
            return c;
    return NULL;
}

const struct command *command_verbs(const struct command *c)
{
    return c->run == cmd_iam ? iam_verb_table : NULL;
}

const struct command *command_find(const char *name)
{
    const size_t len = strcspn(name, " ");
    const struct command *c = find(command_table, name, len);

    if (c == NULL || name[len] == '\0')
        return c;
    if (command_verbs(c) == NULL)
        return NULL;
    return find(command_verbs(c), name + len + 1, strlen(name + len + 1));
}

int command_status(const struct err *e)
{
    switch (e->code) {
    case ERR_USAGE:
        return EXIT_USAGE;
    case ERR_TRANSIENT:
        return EXIT_TRANSIENT;
    default:
        return EXIT_UNVERIFIABLE;
    }
}

bool command_own_file(struct err *e)
{
    if (e->code != ERR_TRANSIENT)
        e->code = ERR_USAGE;
    return false;
}

static int unknown_verb(const char *name)
{
    const char *names[ARRAY_LEN(command_table)];
    const char *near;

    for (size_t i = 0; i < ARRAY_LEN(command_table); i++)
        names[i] = command_table[i].name;
    near = nearest_name(slice_str(name), names);
    if (near != NULL)
        say_error("unknown verb '%s'; did you mean '%s'?", name, near);
    else
        say_error("unknown verb '%s'; `sallyport help` lists them", name);
    return EXIT_USAGE;
}

int command_main(int argc, char **argv)
{
    const struct command *c;
    char *help_args[] = {(char[]){"help"}, NULL};

    if (argc < 2)
        return cmd_help(1, help_args), EXIT_USAGE;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return cmd_help(1, help_args);
    if (strcmp(argv[1], "--version") == 0)
        return cmd_version(1, help_args);
    c = command_find(argv[1]);
    if (c == NULL)
        return unknown_verb(argv[1]);
    return c->run(argc - 1, argv + 1);
}
