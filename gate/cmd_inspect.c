#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/identity_print.h"
#include "gate/say.h"

int cmd_inspect(int argc, char **argv);
const struct command_option *cmd_inspect_options(void);

/* Facts are written in pieces of about that many bytes, however many they are. */
#define PIECE ((size_t)1 << 20)

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

/* One value of a list that may be long: out of memory when it is written. */
static bool write_value(struct call *c, const struct value *v, struct arena *of)
{
    json_out_value(c->json, v);
    arena_release(of);
    return c->out->len < PIECE || call_flush(c);
}

static bool write_facts(struct call *c, const struct facts *f)
{
    const char *const *types = options_all(c->o, "type", c->arena);
    struct arena one;

    json_out_key(c->json, "facts");
    json_out_array(c->json);
    for (size_t i = 0; i < f->nfacts; i++) {
        if (!wanted(f->facts[i].type, types))
            continue;
        arena_init(&one);
        if (!write_value(c, facts_resource(&f->facts[i], &one), &one))
            return false;
    }
    json_out_end_array(c->json);
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

static bool write_coverage(struct call *c, const struct facts *f)
{
    struct arena one;

    json_out_key(c->json, "coverage");
    json_out_array(c->json);
    for (size_t i = 0; i < f->ncoverage; i++) {
        arena_init(&one);
        if (!write_value(c, facts_coverage_value(&f->coverage[i], &one), &one))
            return false;
    }
    json_out_end_array(c->json);
    return true;
}

static void write_notices(struct json_out *o, const struct facts *f)
{
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
}

static bool identity(struct call *c, const char *const *ignore)
{
    if (!identity_print(&c->run->scan.facts, ignore, c->arena, c->json, c->e))
        return err_in(c->e, "--identity");
    buf_u8(c->out, '\n');
    return true;
}

static bool inspect(struct call *c)
{
    const struct facts *f = &c->run->scan.facts;

    write_subjects(call_json(c, "sallyport/facts/v1"), f);
    if (!write_facts(c, f) || !write_coverage(c, f))
        return false;
    write_notices(c->json, f);
    json_out_end_object(c->json);
    buf_u8(c->out, '\n');
    return true;
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

struct inspect_call {
    struct call call;
    struct gate_config config;
};

static bool configure(struct call *call)
{
    struct gate_config *config = &((struct inspect_call *)call)->config;
    const struct options *o = call->o;

    gate_config_init(config);
    if (!common_options_apply(o, call->arena, config, call->e))
        return false;
    config->ignore = options_all(o, "ignore", call->arena);
    if (config->nsubjects == 0)
        return err_fail(call->e, ERR_USAGE, "name at least one subject to inspect");
    if (options_has(o, "identity") && (config->nsubjects != 1 || options_has(o, "no-hash")))
        return err_fail(call->e, ERR_USAGE, "--identity takes one model, and its digests");
    if (config->ignore != NULL && !options_has(o, "identity"))
        return err_fail(call->e, ERR_USAGE, "--ignore is of --identity: what it leaves out");
    return true;
}

static bool work(struct call *call)
{
    const struct gate_config *config = &((struct inspect_call *)call)->config;

    if (!run_facts(call->run, config, call->e))
        return false;
    if (!(options_has(call->o, "identity") ? identity(call, config->ignore) : inspect(call)) ||
        !call_flush(call))
        return false;
    call->status = status_of(&call->run->scan.facts);
    return true;
}

int cmd_inspect(int argc, char **argv)
{
    static const struct call_verb verb = {"inspect", cmd_inspect_options, configure, work};
    struct inspect_call c;

    return call_run(&c.call, &verb, argc, argv);
}
