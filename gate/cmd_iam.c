/* iam: questions about policies. Each is a verb of its own (iam_verbs.def). */
#include <string.h>

#include "base/nearest.h"
#include "gate/finish.h"
#include "gate/iam_verb.h"
#include "gate/options.h"
#include "gate/say.h"

int cmd_iam(int argc, char **argv);
const struct command_option *cmd_iam_options(void);

const struct command_option *cmd_iam_options(void)
{
    static const struct command_option table[] = {{NULL, 0, NULL, NULL, false}};

    return table;
}

static int unknown(const char *name)
{
    const char *names[64];
    const char *near;
    size_t n = 0;

    for (; iam_verb_table[n].name != NULL && n + 1 < ARRAY_LEN(names); n++)
        names[n] = iam_verb_table[n].name;
    names[n] = NULL;
    near = nearest_name(slice_str(name), names);
    if (name[0] == '-')
        say_error("unknown option %s; `sallyport help iam` lists the questions", name);
    else if (near != NULL)
        say_error("iam: unknown question '%s'; did you mean '%s'?", name, near);
    else
        say_error("iam: unknown question '%s'; `sallyport help iam` lists them", name);
    return EXIT_USAGE;
}

int cmd_iam(int argc, char **argv)
{
    if (argc < 2) {
        say_error("iam: say what to ask; `sallyport help iam` lists the questions");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return finish_help("iam");
    for (const struct command *c = iam_verb_table; c->name != NULL; c++)
        if (strcmp(c->name, argv[1]) == 0)
            return c->run(argc - 1, argv + 1);
    return unknown(argv[1]);
}
