#include "gate/run.h"

#include <string.h>

#include "base/version.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "gate/command.h"
#include "gate/say.h"
#include "gate/signatures.h"

void run_init(struct run *r)
{
    memset(r, 0, sizeof(*r));
    arena_init(&r->arena);
}

void run_release(struct run *r)
{
    worker_spare_free(r->spare);
    scan_release(&r->scan);
    arena_release(&r->arena);
}

/* A file as its name stands in the gate file, so that the verdict does not
 * tell where the run was started. */
static const char *name_told(const struct gate_config *c, const char *path)
{
    const char *slash = c->file != NULL ? strrchr(c->file, '/') : NULL;
    const size_t dir = slash != NULL ? (size_t)(slash - c->file) + 1 : 0;

    return path != NULL && dir > 0 && strncmp(path, c->file, dir) == 0 ? path + dir : path;
}

bool run_facts(struct run *r, const struct gate_config *c, struct err *e)
{
    const struct scan_from from = {c, &r->trust, r->spare};

    if (!trust_read(c->trust, &r->arena, &r->trust, e) || !scan_run(&from, &r->arena, &r->scan, e))
        return false;
    if (r->scan.transient)
        return err_fail(e, ERR_TRANSIENT, "the system lacked memory or processes; try again");
    if (c->trust != NULL)
        trust_facts(&r->trust, name_told(c, c->trust), &r->scan.facts);
    return signatures_check(&r->scan.facts, &r->trust, c, &r->arena, e);
}

static bool load_policy(struct run *r, const struct gate_config *c, struct err *e)
{
    const struct policy_options opt = {
        .rules_dir = c->rules_dir,
        .extra = c->rules,
        .profiles = c->profiles,
        .waivers_file = c->waivers,
        .params = c->params,
        .params_file = c->file,
        .fail_on = c->fail_on,
        .lean = true,
    };

    return policy_load(&opt, &r->arena, &r->policy, e) || command_own_file(e);
}

static const char *const *weakenings(const struct gate_config *c, struct arena *a)
{
    const char **list = NULL;
    size_t n = 0;

    if (c->sandbox == SANDBOX_BEST_EFFORT)
        *(const char **)ARENA_PUSH(a, &list, &n) = "--sandbox=best-effort";
    if (c->sandbox == SANDBOX_OFF)
        *(const char **)ARENA_PUSH(a, &list, &n) = "--sandbox=off";
    if (c->hash != NULL && strcmp(c->hash, "none") == 0)
        *(const char **)ARENA_PUSH(a, &list, &n) = "--no-hash";
    if (c->report_only)
        *(const char **)ARENA_PUSH(a, &list, &n) = "--report-only";
    if (c->fail_on > SEVERITY_MEDIUM)
        *(const char **)ARENA_PUSH(a, &list, &n) =
            arena_printf(a, "fail_on=%s", severity_name(c->fail_on));
    (void)ARENA_PUSH(a, &list, &n);
    return list;
}

static const struct value *sandbox_value(const struct sandbox_report *s, struct arena *a)
{
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "seccomp", value_bool(a, s->seccomp, NULL));
    value_map_add(&b, "landlock_abi", value_int(a, s->landlock_abi, NULL));
    value_map_add(&b, "no_new_privs", value_bool(a, s->no_new_privs, NULL));
    value_map_add(&b, "rlimits", value_bool(a, s->rlimits, NULL));
    value_map_add(&b, "empty_environment", value_bool(a, s->empty_environment, NULL));
    return value_map_end(&b, NULL);
}

static bool add_input(struct value_builder *list, const struct gate_config *c, const char *path,
                      struct arena *a, struct err *e)
{
    char text[DIGEST_TEXT_MAX];
    struct value_builder b;
    struct digest d;
    struct slice bytes;

    if (path == NULL)
        return true;
    if (!file_read(path, LIMIT_POLICY_BYTES, a, &bytes, e))
        return command_own_file(e);
    digest_of(bytes, DIGEST_SHA256, &d);
    digest_text(&d, text);
    value_map_begin(&b, a);
    value_map_add(&b, "name", value_bytes(a, slice_str(name_told(c, path)), NULL));
    value_map_add(&b, "digest", value_str(a, text));
    value_list_add(list, value_map_end(&b, NULL));
    return true;
}

static bool inputs_value(const struct gate_config *c, struct arena *a, const struct value **out,
                         struct err *e)
{
    struct value_builder list;

    value_list_begin(&list, a);
    if (!add_input(&list, c, c->file, a, e) || !add_input(&list, c, c->trust, a, e) ||
        !add_input(&list, c, c->waivers, a, e))
        return false;
    for (size_t i = 0; i < c->nsubjects; i++)
        if (!add_input(&list, c, c->subjects[i].signature, a, e))
            return false;
    *out = value_list_end(&list, NULL);
    return true;
}

bool run_verdict(struct run *r, const struct gate_config *c, struct err *e)
{
    struct verdict_options opt = {.now = c->now,
                                  .stage = c->stage,
                                  .tool_version = SALLYPORT_VERSION,
                                  .report_only = c->report_only};

    r->spare = worker_spare_start(); /* on another processor, while this one reads the policy */
    if (!load_policy(r, c, e) || !inputs_value(c, &r->arena, &opt.inputs, e) ||
        !run_facts(r, c, e) ||
        !policy_evaluate(&r->policy, &r->scan.facts, c->now, &r->findings, e))
        return false;
    opt.weakenings = weakenings(c, &r->arena);
    opt.sandbox = sandbox_value(&r->scan.sandbox, &r->arena);
    return verdict_make(&r->findings, &opt, &r->verdict, &r->decision, e);
}
