#include "gate/help_pages.h"

#include <string.h>

#include "base/version.h"
#include "gate/command.h"

/* roff reads '-' as a hyphen and a leading '.' or '\'' as a request. */
static void roff(struct buf *b, const char *s)
{
    for (; *s != 0; s++) {
        if (*s == '-' || *s == '\\')
            buf_u8(b, '\\');
        buf_u8(b, (uint8_t)*s);
    }
}

/* A line of the tables as a sentence; a question, or one that ends in dots, has its end. */
static void sentence(struct buf *b, const char *s, const char *end)
{
    const size_t n = strlen(s);

    roff(b, s);
    buf_str(b, end);
    buf_str(b, end[0] != '\0' || n == 0 || strchr("?.", s[n - 1]) == NULL ? ".\n" : "\n");
}

static void man_option(struct buf *b, const struct command_option *o)
{
    buf_str(b, ".TP\n");
    if (o->letter != 0)
        buf_printf(b, "\\fB\\-%c\\fR, ", o->letter);
    buf_str(b, "\\fB\\-\\-");
    roff(b, o->name);
    buf_str(b, "\\fR");
    if (o->takes != NULL) {
        buf_str(b, " \\fI");
        roff(b, o->takes);
        buf_str(b, "\\fR");
    }
    buf_u8(b, '\n');
    sentence(b, o->help, o->repeats ? " (repeats)" : "");
}

/* `group`: "iam " before the verbs of a verb, else "". */
static void man_verb(struct buf *b, const struct command *c, const char *group)
{
    const struct command *sub = command_verbs(c);

    buf_str(b, ".SS \"");
    buf_printf(b, "sallyport %s%s%s", group, c->name, c->takes[0] != '\0' ? " " : "");
    roff(b, c->takes);
    buf_str(b, "\"\n");
    sentence(b, c->summary, "");
    for (const struct command_option *o = c->options(); o->name != NULL; o++)
        man_option(b, o);
    for (; sub != NULL && sub->name != NULL; sub++)
        man_verb(b, sub, "iam ");
}

void help_pages_man(struct buf *b)
{
    buf_str(
        b,
        ".TH SALLYPORT 1 \"\" \"sallyport " SALLYPORT_VERSION "\" \"User Commands\"\n"
        ".SH NAME\nsallyport \\- decide whether a machine\\-learning deployment may go out\n"
        ".SH SYNOPSIS\n.B sallyport\n.I VERB\n[options] [\\fISUBJECT\\fR...]\n"
        ".SH DESCRIPTION\n"
        "sallyport reads container images, model artifacts and the configuration that deploys them "
        "in a sandbox, evaluates rules on what it read, and gives one verdict: allow, deny or "
        "unverifiable. What could not be read is never a yes. The verdict can be signed as an "
        "in\\-toto attestation that deploy stages verify.\n"
        ".SH VERBS\n");
    for (const struct command *c = command_table; c->name != NULL; c++)
        man_verb(b, c, "");
    buf_str(
        b,
        ".SH EXIT STATUS\n"
        ".TP\n0\nallow; of iam: allowed, not wider, nothing found\n"
        ".TP\n1\ndeny; of iam: denied, wider, found\n.TP\n2\nusage, configuration or policy error\n"
        ".TP\n3\nunverifiable: something could not be read, evaluated, verified or written\n"
        ".TP\n75\ntransient failure; try again\n.TP\n130\ninterrupted\n"
        ".SH ENVIRONMENT\n"
        ".TP\nNO_COLOR, CLICOLOR_FORCE, TERM, CI\nwhether output carries colour and progress\n"
        ".TP\nSALLYPORT_KEY_PASSWORD\npassword of an encrypted signing key\n"
        ".SH FILES\n.TP\nsallyport.yaml\nthe gate file of a deploy unit\n");
}

/* The word of that number is a name of the table. */
static void bash_names(struct buf *b, const struct command *table, int word, const char *indent)
{
    buf_printf(b,
               "%sif [ \"$COMP_CWORD\" -eq %d ]; then\n"
               "%s    COMPREPLY=($(compgen -W \"",
               indent, word, indent);
    for (const struct command *c = table; c->name != NULL; c++)
        buf_printf(b, "%s%s", c == table ? "" : " ", c->name);
    buf_printf(b, "%s\" -- \"$cur\"))\n%s    return\n%sfi\n", word > 1 ? " --help" : "", indent,
               indent);
}

static void bash_verb(struct buf *b, const struct command *c, const char *indent)
{
    const struct command *sub = command_verbs(c);

    buf_printf(b, "%s%s)", indent, c->name);
    if (sub != NULL) {
        buf_str(b, "\n");
        bash_names(b, sub, 2, "        ");
        buf_str(b, "        case ${COMP_WORDS[2]} in\n");
        for (; sub->name != NULL; sub++)
            bash_verb(b, sub, "        ");
        buf_str(b, "        *) words= ;;\n        esac ;;\n");
        return;
    }
    buf_str(b, " words=\"--help");
    for (const struct command_option *o = c->options(); o->name != NULL; o++)
        buf_printf(b, " --%s", o->name);
    buf_str(b, "\" ;;\n");
}

static void bash(struct buf *b)
{
    buf_str(b, "# bash completion for sallyport\n_sallyport() {\n"
               "    local words cur=${COMP_WORDS[COMP_CWORD]}\n");
    bash_names(b, command_table, 1, "    ");
    buf_str(b, "    case ${COMP_WORDS[1]} in\n");
    for (const struct command *c = command_table; c->name != NULL; c++)
        bash_verb(b, c, "    ");
    buf_str(b, "    *) words= ;;\n    esac\n    case $cur in\n"
               "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
               "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n    esac\n}\n"
               "complete -o filenames -F _sallyport sallyport\n");
}

/* zsh takes a quoted string with [ ] and : escaped. */
static void zsh_text(struct buf *b, const char *s)
{
    for (; *s != 0; s++) {
        if (*s == '\'') {
            buf_str(b, "'\\''");
            continue;
        }
        if (strchr("[]:", *s) != NULL)
            buf_u8(b, '\\');
        buf_u8(b, (uint8_t)*s);
    }
}

static void zsh_names(struct buf *b, const struct command *table, int word, const char *indent)
{
    buf_printf(b, "%sif (( CURRENT == %d )); then\n%s    verbs=(\n", indent, word, indent);
    for (const struct command *c = table; c->name != NULL; c++) {
        buf_printf(b, "%s        '%s:", indent, c->name);
        zsh_text(b, c->summary);
        buf_str(b, "'\n");
    }
    buf_printf(b, "%s    )\n%s    _describe verb verbs\n%s    return\n%sfi\n", indent, indent,
               indent, indent);
}

static void zsh_option(struct buf *b, const struct command_option *o)
{
    buf_printf(b, " \\\n        '%s--%s[", o->repeats ? "*" : "", o->name);
    zsh_text(b, o->help);
    buf_str(b, "]");
    if (o->takes != NULL) {
        buf_str(b, ":");
        zsh_text(b, o->takes);
        buf_str(b, ":_files");
    }
    buf_str(b, "'");
}

static void zsh_verb(struct buf *b, const struct command *c)
{
    const struct command *sub = command_verbs(c);

    if (sub != NULL) {
        buf_printf(b, "    %s)\n", c->name);
        zsh_names(b, sub, 3, "        ");
        buf_str(b, "        case $words[3] in\n");
        for (; sub->name != NULL; sub++)
            zsh_verb(b, sub);
        buf_str(b, "        esac ;;\n");
        return;
    }
    buf_printf(b, "    %s) _arguments", c->name);
    for (const struct command_option *o = c->options(); o->name != NULL; o++)
        zsh_option(b, o);
    buf_str(b, " \\\n        '*:file:_files' ;;\n");
}

static void zsh(struct buf *b)
{
    buf_str(b, "#compdef sallyport\n_sallyport() {\n    local -a verbs\n");
    zsh_names(b, command_table, 2, "    ");
    buf_str(b, "    case $words[2] in\n");
    for (const struct command *c = command_table; c->name != NULL; c++)
        zsh_verb(b, c);
    buf_str(b, "    esac\n}\n_sallyport \"$@\"\n");
}

static void fish_text(struct buf *b, const char *s)
{
    for (; *s != 0; s++) {
        if (*s == '\'' || *s == '\\')
            buf_u8(b, '\\');
        buf_u8(b, (uint8_t)*s);
    }
}

/* A line of fish; `when` is a condition of it. */
static void fish_line(struct buf *b, const char *when, const char *what, const char *help)
{
    buf_printf(b, "complete -c sallyport -n '%s' %s -d '", when, what);
    fish_text(b, help);
    buf_str(b, "'\n");
}

/* `seen`: what was typed when the verb's options are asked for. */
static void fish_options(struct buf *b, const struct command *c, const char *seen)
{
    char what[64];

    for (const struct command_option *o = c->options(); o->name != NULL; o++) {
        (void)snprintf(what, sizeof(what), "-l %s%s", o->name, o->takes != NULL ? " -r" : "");
        fish_line(b, seen, what, o->help);
    }
}

static void fish_verb(struct buf *b, const struct command *c)
{
    const struct command *sub = command_verbs(c);
    char seen[160], what[64];

    (void)snprintf(what, sizeof(what), "-a %s", c->name);
    fish_line(b, "__fish_use_subcommand", what, c->summary);
    (void)snprintf(seen, sizeof(seen), "__fish_seen_subcommand_from %s", c->name);
    fish_options(b, c, seen);
    for (; sub != NULL && sub->name != NULL; sub++) {
        (void)snprintf(what, sizeof(what), "-a %s", sub->name);
        (void)snprintf(seen, sizeof(seen),
                       "__fish_seen_subcommand_from %s; and test (count (commandline -opc)) -eq 2",
                       c->name);
        fish_line(b, seen, what, sub->summary);
        (void)snprintf(seen, sizeof(seen),
                       "__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s",
                       c->name, sub->name);
        fish_options(b, sub, seen);
    }
}

static void fish(struct buf *b)
{
    for (const struct command *c = command_table; c->name != NULL; c++)
        fish_verb(b, c);
}

bool help_pages_completion(const char *shell, struct buf *b, struct err *e)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *b);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].write(b);
            return true;
        }
    return err_fail(e, ERR_USAGE, "--completion %s: bash, zsh or fish", shell);
}
