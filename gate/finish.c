#include "gate/finish.h"

#include <string.h>

#include "gate/say.h"
#include "reports/report.h"

int cmd_help(int argc, char **argv);

/* Where a report goes; NULL: to standard output. */
static const char *file_of(const char *spec)
{
    const char *equals = strchr(spec, '=');

    return equals == NULL || strcmp(equals + 1, "-") == 0 ? NULL : equals + 1;
}

/* Whoever sends all reports to files sees what was decided, too. */
static void note_verdict(const struct run *r, const char *const *specs)
{
    size_t n = 0;

    for (; specs[n] != NULL; n++)
        if (file_of(specs[n]) == NULL)
            return;
    if (n > 0)
        say_note("the verdict is %s: %s%s", verdict_decision_name(r->decision), file_of(specs[0]),
                 n > 1 ? " and others say why" : " says why");
}

bool finish_reports(const struct run *r, const struct gate_config *c, struct err *e)
{
    static const char *const fallback[] = {"text", NULL};
    const char *const *specs = c->reports != NULL ? c->reports : fallback;
    const struct report_options opt = {
        .color = say_color(STDOUT_FILENO),
        .width = say_width(STDOUT_FILENO),
        .verbose = c->verbose,
    };

    for (size_t i = 0; specs[i] != NULL; i++)
        if (!report_emit(specs[i], &r->verdict, &opt, e))
            return false;
    note_verdict(r, specs);
    return true;
}

int finish_status(const struct run *r, const struct gate_config *c)
{
    if (c->report_only && r->decision != DECISION_ALLOW) {
        say_note("the verdict is %s; --report-only makes the exit status 0",
                 verdict_decision_name(r->decision));
        return EXIT_ALLOW;
    }
    switch (r->decision) {
    case DECISION_ALLOW:
        return EXIT_ALLOW;
    case DECISION_DENY:
        return EXIT_DENY;
    default:
        return EXIT_UNVERIFIABLE;
    }
}

int finish_error(const struct err *e, const char *hint)
{
    say_err(e, hint);
    return command_status(e);
}

int finish_help(const char *verb)
{
    char *argv[] = {(char[]){"help"}, NULL, NULL};
    char name[32];

    (void)snprintf(name, sizeof(name), "%s", verb);
    argv[1] = name;
    return cmd_help(2, argv);
}
