/* report: a stored verdict again, in other clothes. The file is ours but may have
 * been touched, so its shape is checked. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "gate/call.h"
#include "gate/say.h"
#include "reports/report.h"

int cmd_report(int argc, char **argv);
const struct command_option *cmd_report_options(void);

const struct command_option *cmd_report_options(void)
{
    static const struct command_option table[] = {
        {"output", 'o', "FORMAT[=PATH]", "default text; `sallyport help reports` lists them", true},
        {"verbose", 0, NULL, "show what passed, too", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static bool render(struct call *c)
{
    const struct options *o = c->o;
    static const char *const fallback[] = {"text", NULL};
    const char *const *specs = options_all(o, "output", c->arena);
    const struct report_options opt = {
        .color = c->color, .width = say_width(STDOUT_FILENO), .verbose = options_has(o, "verbose")};
    const struct value *doc;
    struct value_doc verdict;
    struct slice text;

    if (o->nargs != 1)
        return err_fail(c->e, ERR_USAGE, "report takes one verdict file");
    if (!report_check(specs, c->e))
        return false;
    if (!file_read(o->args[0], LIMIT_WORKER_BYTES, c->arena, &text, c->e))
        return false;
    if (!json_read(text, c->arena, &doc, c->e))
        return err_in(c->e, "%s", o->args[0]);
    if (!slice_is(value_text(value_get(doc, "schema")), "sallyport/verdict/v1"))
        return err_fail(c->e, ERR_USAGE, "%s: not a verdict (schema is not sallyport/verdict/v1)",
                        o->args[0]);
    if (specs == NULL)
        specs = fallback;
    verdict = value_doc_of(doc);
    for (size_t i = 0; specs[i] != NULL; i++)
        if (!report_emit(specs[i], &verdict, &opt, c->e))
            return false;
    return true;
}

int cmd_report(int argc, char **argv)
{
    static const struct call_verb verb = {"report", cmd_report_options, NULL, render};
    struct call c;

    return call_run(&c, &verb, argc, argv);
}
