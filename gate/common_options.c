#include "gate/common_options.h"

#include <string.h>
#include <sys/stat.h>

#include "base/when.h"
#include "reports/report.h"

static void subjects(const struct options *o, const char *option, const char *kind, struct arena *a,
                     struct gate_config *c)
{
    const char *const *all = options_all(o, option, a);

    for (size_t i = 0; all != NULL && all[i] != NULL; i++)
        gate_config_subject(c, kind, all[i], "", a);
}

static bool read_kind(const struct options *o, const char **kind, struct err *e)
{
    const char *text = options_get(o, "kind");

    *kind = text != NULL ? gate_config_kind(slice_str(text)) : NULL;
    return text == NULL || *kind != NULL ||
           err_fail(e, ERR_USAGE, "--kind %s: known are " GATE_CONFIG_KINDS, text);
}

bool common_options_sandbox(const struct options *o, struct gate_config *c, struct err *e)
{
    const char *mode = options_get(o, "sandbox");

    if (mode == NULL || strcmp(mode, "required") == 0)
        c->sandbox = SANDBOX_REQUIRED;
    else if (strcmp(mode, "best-effort") == 0)
        c->sandbox = SANDBOX_BEST_EFFORT;
    else if (strcmp(mode, "off") == 0)
        c->sandbox = SANDBOX_OFF;
    else
        return err_fail(e, ERR_USAGE, "--sandbox %s: required, best-effort or off", mode);
    return true;
}

bool common_options_time(const struct options *o, int64_t *now, struct err *e)
{
    const char *text = options_get(o, "effective-time");

    if (text == NULL || when_parse(slice_str(text), now, e))
        return true;
    e->code = ERR_USAGE;
    return err_in(e, "--effective-time %s", text);
}

bool common_options_platform(const struct options *o, struct err *e)
{
    const char *text = options_get(o, "platform");

    return text == NULL || gate_config_is_platform(text) ||
           err_fail(e, ERR_USAGE, "--platform %s: " GATE_CONFIG_PLATFORM, text);
}

bool common_options_since(const struct options *o, int64_t *out, struct err *e)
{
    struct gate_config clock;

    gate_config_init(&clock);
    *out = clock.now;
    return common_options_time(o, out, e);
}

static bool apply_hash(const struct options *o, struct gate_config *c, struct err *e)
{
    if (options_has(o, "member-hash") && options_has(o, "no-hash"))
        return err_fail(e, ERR_USAGE, "--member-hash and --no-hash exclude each other");
    c->hash = options_has(o, "member-hash") ? "members"
              : options_has(o, "no-hash")   ? "none"
                                            : "files";
    return true;
}

static bool apply_policy(const struct options *o, struct arena *a, struct gate_config *c,
                         struct err *e)
{
    const char *text;

    if (options_has(o, "profile"))
        c->profiles = options_all(o, "profile", a);
    if (options_has(o, "extra-rules"))
        c->rules = options_all(o, "extra-rules", a);
    if (options_has(o, "rules"))
        c->rules_dir = options_get(o, "rules");
    if (options_has(o, "waivers"))
        c->waivers = options_get(o, "waivers");
    if (options_has(o, "output"))
        c->reports = options_all(o, "output", a);
    c->verbose |= options_has(o, "verbose");
    c->report_only |= options_has(o, "report-only");
    text = options_get(o, "fail-on");
    if (text != NULL && !severity_parse(slice_str(text), &c->fail_on))
        return err_fail(e, ERR_USAGE, "--fail-on %s: info, low, medium, high or critical", text);
    return common_options_time(o, &c->now, e);
}

/* Each is named once, and names something. */
static bool check_subjects(const struct gate_config *c, struct err *e)
{
    for (size_t i = 0; i < c->nsubjects; i++) {
        if (c->subjects[i].spec[0] == '\0')
            return err_fail(e, ERR_USAGE, "the name of a subject is empty");
        for (size_t j = i + 1; j < c->nsubjects; j++)
            if (strcmp(c->subjects[i].spec, c->subjects[j].spec) == 0)
                return err_fail(e, ERR_USAGE, "%s is named twice", c->subjects[i].spec);
    }
    return true;
}

/* Are both there, and one file? A subject may have the prefix of its kind. */
static bool same_file(const char *path, const char *read)
{
    const char *colon = read != NULL ? strchr(read, ':') : NULL;
    struct stat a, b;

    return read != NULL && stat(path, &a) == 0 && S_ISREG(a.st_mode) &&
           (stat(read, &b) == 0 || (colon != NULL && stat(colon + 1, &b) == 0)) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A report would replace what was judged, or what judged it. */
static bool check_overwritten(const struct gate_config *c, struct err *e)
{
    for (size_t i = 0; c->reports != NULL && c->reports[i] != NULL; i++) {
        const char *equals = strchr(c->reports[i], '=');
        const char *path = equals != NULL ? equals + 1 : "";
        bool read = same_file(path, c->file) || same_file(path, c->trust) ||
                    same_file(path, c->waivers) || same_file(path, c->key);

        for (size_t k = 0; k < c->nsubjects && !read; k++)
            read =
                same_file(path, c->subjects[k].open) || same_file(path, c->subjects[k].signature);
        if (read)
            return err_fail(e, ERR_USAGE, "a report would be written over %s, which is read", path);
    }
    return true;
}

/* It is of one model; which kind a bare path has is seen later. */
static bool apply_signature(const struct options *o, struct gate_config *c, size_t before,
                            struct err *e)
{
    struct gate_subject *s = &c->subjects[before];
    const char *path = options_get(o, "signature");

    if (path == NULL)
        return true;
    if (c->nsubjects - before != 1 || (s->kind != NULL && strcmp(s->kind, "model") != 0))
        return err_fail(e, ERR_USAGE,
                        "--signature is of one model, and needs exactly one beside it; with more "
                        "subjects, name it in the gate file");
    s->signature = path;
    return true;
}

bool common_options_apply(const struct options *o, struct arena *a, struct gate_config *c,
                          struct err *e)
{
    const size_t before = c->nsubjects;
    const char *kind;

    if (!read_kind(o, &kind, e) || !common_options_platform(o, e) ||
        !common_options_sandbox(o, c, e) || !apply_hash(o, c, e) || !apply_policy(o, a, c, e))
        return false;
    if (options_has(o, "trust"))
        c->trust = options_get(o, "trust");
    subjects(o, "image", "image", a, c);
    subjects(o, "model", "model", a, c);
    for (size_t i = 0; i < o->nargs; i++)
        gate_config_subject(c, kind, o->args[i], "", a);
    subjects(o, "config-file", "config", a, c);
    for (size_t i = before; i < c->nsubjects; i++)
        c->subjects[i].platform = options_get(o, "platform");
    return apply_signature(o, c, before, e) && report_check(c->reports, e) &&
           check_subjects(c, e) && check_overwritten(c, e);
}
