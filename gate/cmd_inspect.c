#include "base/json_out.h"
#include "base/limits.h"
#include "gate/common_options.h"
#include "gate/finish.h"
#include "gate/identity_print.h"
#include "gate/run.h"
#include "gate/say.h"

int cmd_inspect(int argc, char **argv);
const struct command_option *cmd_inspect_options(void);

const struct command_option *cmd_inspect_options(void)
{
    static const struct command_option table[] = {
        COMMON_SUBJECT_OPTIONS,
        COMMON_NO_HASH,
        {"identity", 0, NULL, "print what an OpenSSF model signature of the model would say",
         false},
        {"ignore", 0, "PATH", "leave a path of the model out of its identity", true},
        {"type", 0, "TYPE", "only facts of this type; an end of '*' matches a prefix", true},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

static bool wanted(const char *type, const char *const *types)
{
    if (types == NULL)
        return true;
    for (size_t i = 0; types[i] != NULL; i++) {
        const struct slice t = slice_str(types[i]), s = slice_str(type);

        if (slice_eq(t, s))
            return true;
        if (slice_ends(t, "*") && s.len >= t.len - 1 &&
            slice_eq((struct slice){t.data, t.len - 1}, (struct slice){s.data, t.len - 1}))
            return true;
    }
    return false;
}

/* Written piece by piece, so that memory does not grow with the number of facts. */
static bool flush(struct buf *b, size_t at_least, struct err *e)
{
    if (b->len < at_least)
        return true;
    if (!buf_finish(b, e) || !say_out(buf_slice(b), e))
        return false;
    buf_clear(b);
    return true;
}

static bool write_facts(struct json_out *o, const struct facts *f, const char *const *types,
                        struct err *e)
{
    json_out_key(o, "facts");
    json_out_array(o);
    for (size_t i = 0; i < f->nfacts; i++) {
        struct arena one;

        if (!wanted(f->facts[i].type, types))
            continue;
        arena_init(&one);
        json_out_value(o, facts_resource(&f->facts[i], &one));
        arena_release(&one);
        if (!flush(o->buf, 1u << 20, e))
            return false;
    }
    json_out_end_array(o);
    return true;
}

static void write_subjects(struct json_out *o, const struct facts *f)
{
    json_out_key(o, "subjects");
    json_out_array(o);
    for (size_t i = 0; i < f->nsubjects; i++) {
        json_out_object(o);
        json_out_kv_str(o, "name", f->subjects[i].name);
        json_out_kv_str(o, "kind", f->subjects[i].kind);
        json_out_kv_str(o, "uri", f->subjects[i].uri);
        json_out_kv_str(o, "digest", f->subjects[i].digest);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static bool write_ledger(struct json_out *o, const struct facts *f, struct err *e)
{
    struct arena one;

    json_out_key(o, "coverage");
    json_out_array(o);
    for (size_t i = 0; i < f->ncoverage; i++) {
        arena_init(&one);
        json_out_value(o, facts_coverage_value(&f->coverage[i], &one));
        arena_release(&one);
        if (!flush(o->buf, 1u << 20, e))
            return false;
    }
    json_out_end_array(o);
    json_out_key(o, "notices");
    json_out_array(o);
    for (size_t i = 0; i < f->nnotices; i++) {
        const struct notice *n = &f->notices[i];

        json_out_object(o);
        json_out_kv_str(o, "subject", n->subject);
        json_out_kv_str(o, "path", n->at.path);
        json_out_kv_int(o, "line", n->at.line);
        json_out_kv_str(o, "text", n->text);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    return true;
}

static bool inspect(const struct facts *f, const char *const *types, struct err *e)
{
    struct json_out o;
    struct buf b;
    bool ok;

    buf_init(&b, LIMIT_WORKER_BYTES);
    json_out_init(&o, &b, JSON_PRETTY);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/facts/v1");
    write_subjects(&o, f);
    ok = write_facts(&o, f, types, e) && write_ledger(&o, f, e);
    if (ok) {
        json_out_end_object(&o);
        buf_u8(&b, '\n');
        ok = flush(&b, 0, e);
    }
    buf_release(&b);
    return ok;
}

/* Facts are no verdict, but a reader must learn that some are missing. */
static int status_of(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status == COVERAGE_PARTIAL ||
            f->coverage[i].status == COVERAGE_UNREADABLE) {
            say_note("not everything could be read; see coverage in the output");
            return EXIT_UNVERIFIABLE;
        }
    return EXIT_ALLOW;
}

static bool configure(const struct options *o, struct arena *a, struct gate_config *c,
                      struct err *e)
{
    if (!common_options_apply(o, a, c, e))
        return false;
    c->ignore = options_all(o, "ignore", a);
    if (c->nsubjects == 0)
        return err_fail(e, ERR_USAGE, "name at least one subject to inspect");
    if (options_has(o, "identity") && (c->nsubjects != 1 || options_has(o, "no-hash")))
        return err_fail(e, ERR_USAGE, "--identity takes one model, and its digests");
    return true;
}

static bool answer(const struct options *o, struct run *r, struct err *e)
{
    return options_has(o, "identity")
               ? identity_print(&r->scan.facts, options_all(o, "ignore", &r->arena), e)
               : inspect(&r->scan.facts, options_all(o, "type", &r->arena), e);
}

int cmd_inspect(int argc, char **argv)
{
    struct gate_config config;
    struct options o;
    struct run run;
    struct err e = {0};
    int status;

    run_init(&run);
    gate_config_init(&config);
    if (!options_parse(&(struct command_line){argc, argv, cmd_inspect_options()}, &run.arena, &o,
                       &e) ||
        (!o.help && !configure(&o, &run.arena, &config, &e)))
        status = finish_error(&e, "`sallyport help inspect` explains");
    else if (o.help)
        status = finish_help("inspect");
    else if (!run_facts(&run, &config, &e) || !answer(&o, &run, &e))
        status = finish_error(&e, NULL);
    else
        status = status_of(&run.scan.facts);
    run_release(&run);
    return status;
}
