#include "gate/call.h"

#include <unistd.h>

#include "gate/finish.h"
#include "gate/say.h"

#define OUT_MAX (512u << 20) /* bytes of an answer */

bool call_flush(struct call *c)
{
    if (!buf_finish(c->out, c->e) || !say_out(buf_slice(c->out), c->e))
        return false;
    buf_clear(c->out);
    return true;
}

struct json_out *call_json(struct call *c, const char *schema)
{
    json_out_object(c->json);
    json_out_kv_str(c->json, "schema", schema);
    return c->json;
}

void call_answer(struct call *c, bool found, bool unknown)
{
    c->status = found ? EXIT_DENY : unknown ? EXIT_UNVERIFIABLE : EXIT_ALLOW;
}

/* Where the options are explained, if the verb has any. */
static const char *hint(const struct call *c, const struct call_verb *v)
{
    if (v->options()->name == NULL)
        return NULL;
    return arena_printf(c->arena, "`sallyport help %s` explains", v->name);
}

static int run(struct call *c, const struct call_verb *v, struct options *o,
               const struct command_line *line)
{
    if (!options_parse(line, c->arena, o, c->e) ||
        (!o->help && v->configure != NULL && !v->configure(c)))
        return finish_error(c->e, hint(c, v));
    if (o->help)
        return finish_help(v->name);
    if (!v->work(c) || !call_flush(c))
        return finish_error(c->e, NULL);
    return c->status;
}

int call_run(struct call *c, const struct call_verb *v, int argc, char **argv)
{
    struct options o;
    struct run r;
    struct buf out;
    struct json_out json;
    struct err e = {0};
    int status;

    run_init(&r);
    buf_init(&out, OUT_MAX);
    json_out_init(&json, &out, JSON_PRETTY);
    *c = (struct call){.o = &o,
                       .arena = &r.arena,
                       .run = &r,
                       .out = &out,
                       .json = &json,
                       .color = say_color(STDOUT_FILENO),
                       .status = EXIT_ALLOW,
                       .e = &e};
    status = run(c, v, &o, &(struct command_line){argc, argv, v->options()});
    buf_release(&out);
    run_release(&r);
    return status;
}
