#include "gate/options.h"

#include <string.h>

#include "base/nearest.h"

static const struct command_option help_option = {"help", 'h', NULL, "show this help", false};

static const struct command_option *find_long(const struct command_option *table, const char *name,
                                              size_t len)
{
    if (len == 4 && memcmp(name, "help", 4) == 0)
        return &help_option;
    for (size_t i = 0; table[i].name != NULL; i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
            return &table[i];
    return NULL;
}

static const struct command_option *find_letter(const struct command_option *table, char letter)
{
    if (letter == 'h')
        return &help_option;
    for (size_t i = 0; table[i].name != NULL; i++)
        if (table[i].letter == letter && letter != 0)
            return &table[i];
    return NULL;
}

static bool unknown(const struct command_option *table, const char *arg, size_t len, struct err *e)
{
    const char *names[64];
    const char *near;
    size_t n = 0;

    for (size_t i = 0; table[i].name != NULL && n + 1 < ARRAY_LEN(names); i++)
        names[n++] = table[i].name;
    names[n] = NULL;
    near = nearest_name((struct slice){(const uint8_t *)arg, len}, names);
    if (near != NULL)
        return err_fail(e, ERR_USAGE, "unknown option --%.*s; did you mean --%s?", (int)len, arg,
                        near);
    return err_fail(e, ERR_USAGE, "unknown option --%.*s; see --help", (int)len, arg);
}

static bool store(struct options *o, const struct command_option *opt, const char *text,
                  struct arena *a, struct err *e)
{
    struct option_value *v;

    if (opt == &help_option) {
        o->help = true;
        return true;
    }
    for (size_t i = 0; i < o->nvalues && !opt->repeats; i++)
        if (o->values[i].option == opt)
            return err_fail(e, ERR_USAGE, "--%s is given twice", opt->name);
    v = ARENA_PUSH(a, &o->values, &o->nvalues);
    v->option = opt;
    v->text = text;
    return true;
}

/* One option at argv[*i]; moves *i when the value is the next word. */
static bool one(const struct command_line *line, int *i, struct options *o, struct arena *a,
                struct err *e)
{
    const char *arg = line->argv[*i];
    const bool is_long = arg[1] == '-';
    const char *name = arg + 1 + is_long;
    const char *eq = is_long ? strchr(name, '=') : NULL;
    const size_t len = !is_long ? 1 : eq != NULL ? (size_t)(eq - name) : strlen(name);
    const struct command_option *opt =
        is_long ? find_long(line->table, name, len) : find_letter(line->table, name[0]);
    const char *inline_value = is_long ? (eq != NULL ? eq + 1 : NULL) : name[1] ? name + 1 : NULL;

    if (opt == NULL && is_long)
        return unknown(line->table, name, len, e);
    if (opt == NULL)
        return err_fail(e, ERR_USAGE, "unknown option -%c; see --help", name[0]);
    if (opt->takes == NULL && inline_value != NULL)
        return err_fail(e, ERR_USAGE, "--%s takes no value", opt->name);
    if (opt->takes != NULL && inline_value == NULL) {
        if (*i + 1 >= line->argc)
            return err_fail(e, ERR_USAGE, "--%s needs a value: %s", opt->name, opt->takes);
        inline_value = line->argv[++*i];
    }
    return store(o, opt, inline_value, a, e);
}

bool options_parse(const struct command_line *line, struct arena *a, struct options *out,
                   struct err *e)
{
    struct options o = {0};
    bool only_operands = false;

    for (int i = 1; i < line->argc && !o.help; i++) {
        const char *arg = line->argv[i];

        if (!only_operands && strcmp(arg, "--") == 0) {
            only_operands = true;
        } else if (!only_operands && arg[0] == '-' && arg[1] != 0) {
            if (!one(line, &i, &o, a, e))
                return false;
        } else {
            const char **slot = ARENA_PUSH(a, &o.args, &o.nargs);

            *slot = arg;
        }
    }
    (void)ARENA_PUSH(a, &o.args, &o.nargs); /* the NULL at the end */
    o.nargs--;
    *out = o;
    return true;
}

bool options_has(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->nvalues; i++)
        if (strcmp(o->values[i].option->name, name) == 0)
            return true;
    return false;
}

const char *options_get(const struct options *o, const char *name)
{
    const char *found = NULL;

    for (size_t i = 0; i < o->nvalues; i++)
        if (strcmp(o->values[i].option->name, name) == 0)
            found = o->values[i].text;
    return found;
}

const char *const *options_all(const struct options *o, const char *name, struct arena *a)
{
    const char **all = NULL;
    size_t n = 0;

    for (size_t i = 0; i < o->nvalues; i++)
        if (strcmp(o->values[i].option->name, name) == 0) {
            const char **slot = ARENA_PUSH(a, &all, &n);

            *slot = o->values[i].text;
        }
    if (n == 0)
        return NULL;
    (void)ARENA_PUSH(a, &all, &n);
    return (const char *const *)all;
}
