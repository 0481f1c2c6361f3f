/* help: everything is told from the tables, so it cannot drift from what the program does. */
#include <string.h>

#include "gate/finish.h"
#include "gate/help_pages.h"
#include "gate/options.h"
#include "gate/say.h"
#include "reports/report.h"
#include "reports/report_pen.h"
#include "scanner/config/config.h"
#include "scanner/formats/format.h"
#include "scanner/input/input.h"

#define COLUMNS 80 /* of a page of help */

int cmd_help(int argc, char **argv);
const struct command_option *cmd_help_options(void);

const struct command_option *cmd_help_options(void)
{
    static const struct command_option table[] = {
        {"man", 0, NULL, "print the manual page (roff)", false},
        {"completion", 0, "SHELL", "print a completion script: bash, zsh or fish", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

/* "  NAME   what it is": the names in a column of `width`, what they are beside it, wrapped. */
static void row(struct buf *b, int width, const char *name, const char *text)
{
    const struct report_pen pen = {.out = b, .width = COLUMNS};
    char label[96];

    (void)snprintf(label, sizeof(label), "%-*s ", width, name);
    report_pen_line(&pen, 2, label, slice_str(text));
}

static void overview(struct buf *b)
{
    buf_str(b, "sallyport decides whether a machine-learning deployment may go out.\n\n"
               "Usage: sallyport VERB [options] [SUBJECT...]\n\nVerbs:\n");
    for (const struct command *c = command_table; c->name != NULL; c++)
        row(b, 9, c->name, c->summary);
    buf_str(b, "\nTopics: sallyport help formats | inputs | configs | reports | exit-status\n\n"
               "Exit status: 0 allow, 1 deny, 2 usage or policy error, 3 unverifiable,\n"
               "75 try again later, 130 interrupted.\n");
}

static void option_line(struct buf *b, const struct command_option *o)
{
    char left[64], text[256];

    (void)snprintf(left, sizeof(left), "%s--%s%s%s",
                   o->letter != 0 ? (char[]){'-', o->letter, ',', ' ', 0} : "    ", o->name,
                   o->takes != NULL ? " " : "", o->takes != NULL ? o->takes : "");
    (void)snprintf(text, sizeof(text), "%s%s", o->help, o->repeats ? " (repeats)" : "");
    row(b, 32, left, text);
}

/* `name`: "gate", "iam can". */
static void verb(struct buf *b, const struct command *c, const char *name)
{
    const struct command_option *o = c->options();
    const struct command *sub = command_verbs(c);
    const struct report_pen pen = {.out = b, .width = COLUMNS};
    char title[64];

    (void)snprintf(title, sizeof(title), "sallyport %s: ", name);
    report_pen_line(&pen, 0, title, slice_str(c->summary));
    buf_printf(b, "\nUsage: sallyport %s%s%s%s\n", name, o->name != NULL ? " [options]" : "",
               c->takes[0] != 0 ? " " : "", c->takes);
    if (o->name != NULL)
        buf_str(b, "\nOptions:\n");
    for (; o->name != NULL; o++)
        option_line(b, o);
    if (sub != NULL)
        buf_printf(b, "\nQuestions (`sallyport %s QUESTION --help` tells the options of each):\n",
                   name);
    for (; sub != NULL && sub->name != NULL; sub++)
        row(b, 12, sub->name, sub->summary);
}

static void formats(struct buf *b)
{
    buf_str(b, "Model formats, told by content:\n");
    for (size_t i = 0; format_table[i] != NULL; i++)
        row(b, 16, format_table[i]->name, format_table[i]->summary);
}

static void inputs(struct buf *b)
{
    buf_str(b, "Inputs; a bare path is probed and the guess is told:\n");
    for (size_t i = 0; input_schemes[i].name != NULL; i++)
        row(b, 16, input_schemes[i].name, input_schemes[i].summary);
}

static void configs(struct buf *b)
{
    buf_str(b, "Configuration documents:\n");
    for (size_t i = 0; config_table[i] != NULL; i++)
        row(b, 16, config_table[i]->name, config_table[i]->summary);
}

static void reports(struct buf *b)
{
    buf_str(b, "Reports, for -o FORMAT[=PATH]:\n");
    for (size_t i = 0; report_table[i] != NULL; i++)
        row(b, 16, report_table[i]->name, report_table[i]->summary);
}

static void exit_status(struct buf *b)
{
    buf_str(b, "Exit status:\n"
               "  0    allow: everything was read, and no rule at or above fail_on says no\n"
               "  1    deny: a rule at or above fail_on says no\n"
               "  2    usage, configuration or policy error\n"
               "  3    unverifiable: something could not be read, evaluated, verified or written\n"
               "  75   the system lacked resources; the same call may succeed later\n"
               "  130  interrupted\n");
}

static bool topic(struct buf *b, const char *name)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *b);
    } topics[] = {{"formats", formats},
                  {"inputs", inputs},
                  {"configs", configs},
                  {"reports", reports},
                  {"exit-status", exit_status}};
    const struct command *c = command_find(name);

    if (c != NULL) {
        verb(b, c, name);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        if (strcmp(name, topics[i].name) == 0) {
            topics[i].write(b);
            return true;
        }
    return false;
}

static bool write_help(const struct options *o, struct arena *a, struct buf *b, struct err *e)
{
    const char *shell = options_get(o, "completion");
    const char *name = o->nargs > 0 ? o->args[0] : NULL;

    if ((options_has(o, "man") || shell != NULL) && name != NULL)
        return err_fail(e, ERR_USAGE, "--man and --completion are of all verbs; found '%s'", name);
    for (size_t i = 1; i < o->nargs; i++)
        name = arena_printf(a, "%s %s", name, o->args[i]);
    if (options_has(o, "man"))
        help_pages_man(b);
    else if (shell != NULL)
        return help_pages_completion(shell, b, e);
    else if (name == NULL)
        overview(b);
    else if (!topic(b, name))
        return err_fail(e, ERR_USAGE, "no help on '%s'; `sallyport help` lists verbs and topics",
                        name);
    return true;
}

int cmd_help(int argc, char **argv)
{
    struct arena a;
    struct options o;
    struct buf b;
    struct err e = {0};
    int status = EXIT_ALLOW;

    arena_init(&a);
    buf_init(&b, 1u << 20);
    if (!options_parse(&(struct command_line){argc, argv, cmd_help_options()}, &a, &o, &e) ||
        !write_help(&o, &a, &b, &e) || !buf_finish(&b, &e) || !say_out(buf_slice(&b), &e))
        status = finish_error(&e, NULL);
    buf_release(&b);
    arena_release(&a);
    return status;
}
