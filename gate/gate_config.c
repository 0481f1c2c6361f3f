#include "gate/gate_config.h"

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/yaml.h"
#include "gate/command.h"

#define DEFAULT_VERIFIER "urn:sallyport:gate:v1"

struct reading {
    struct gate_config *c;
    struct arena *a;
    const char *dir; /* "" or "folder/" */
    struct slice text;
    struct err *e;
};

void gate_config_init(struct gate_config *c)
{
    *c = (struct gate_config){.fail_on = SEVERITY_MEDIUM,
                              .sandbox = SANDBOX_REQUIRED,
                              .now = (int64_t)time(NULL),
                              .verifier_id = DEFAULT_VERIFIER,
                              .attest_output = "attestations"};
}

/* "oci:img" in folder "ci/" is opened as "oci:ci/img"; absolute paths and
 * no folder change nothing. */
static const char *in_dir(const char *spec, const char *dir, struct arena *a)
{
    static const char *const schemes[] = {
        "oci:", "oci-archive:", "docker-archive:", "dir:", "file:", NULL};

    if (dir[0] == 0)
        return spec;
    for (size_t i = 0; schemes[i] != NULL; i++) {
        const size_t n = strlen(schemes[i]);

        if (strncmp(spec, schemes[i], n) == 0)
            return spec[n] == '/' ? spec : arena_printf(a, "%s%s%s", schemes[i], dir, spec + n);
    }
    return spec[0] == '/' ? spec : arena_printf(a, "%s%s", dir, spec);
}

void gate_config_subject(struct gate_config *c, const char *kind, const char *spec, const char *dir,
                         struct arena *a)
{
    struct gate_subject *s = ARENA_PUSH(a, &c->subjects, &c->nsubjects);

    s->kind = kind;
    s->spec = spec;
    s->open = in_dir(spec, dir, a);
}

static bool want(struct reading *r, const struct value *v, enum value_kind kind, const char *key)
{
    if (value_is(v, kind))
        return true;
    return err_line(r->e, ERR_USAGE, v->line, "%s must be a %s, found %s", key,
                    value_kind_name(kind), value_kind_name((enum value_kind)v->kind));
}

static bool read_text(struct reading *r, const struct value *v, const char *key, const char **out)
{
    if (!want(r, v, VALUE_STRING, key))
        return false;
    *out = arena_strndup(r->a, value_text(v));
    if (strlen(*out) != value_text(v).len || value_text(v).len == 0)
        return err_line(r->e, ERR_USAGE, v->line, "%s is empty or holds a NUL", key);
    return true;
}

static bool read_path(struct reading *r, const struct value *v, const char *key, const char **out)
{
    if (!read_text(r, v, key, out))
        return false;
    *out = in_dir(*out, r->dir, r->a);
    return true;
}

static bool read_list(struct reading *r, const struct value *v, const char *key, const char ***out)
{
    const char **list = NULL;
    size_t n = 0;

    if (!want(r, v, VALUE_LIST, key))
        return false;
    for (size_t i = 0; i < value_len(v); i++) {
        const char **slot = ARENA_PUSH(r->a, &list, &n);

        if (!read_text(r, value_item(v, i), key, slot))
            return false;
    }
    (void)ARENA_PUSH(r->a, &list, &n);
    *out = list;
    return true;
}

const char *gate_config_kind(struct slice name)
{
    static const char *const kinds[] = {"image",     "model",          "pipeline",
                                        "terraform", "cloudformation", "iam",
                                        "account",   "catalog",        NULL};

    for (size_t i = 0; kinds[i] != NULL; i++)
        if (slice_is(name, kinds[i]))
            return kinds[i];
    return NULL;
}

bool gate_config_is_platform(const char *text)
{
    const char *slash = strchr(text, '/');

    return slash != NULL && slash != text && slash[1] != '\0';
}

static bool read_platform(struct reading *r, const struct value *v, const char **out)
{
    return read_text(r, v, "platform", out) &&
           (gate_config_is_platform(*out) ||
            err_line(r->e, ERR_USAGE, v->line, "platform is '%s'; " GATE_CONFIG_PLATFORM, *out));
}

/* What a stack is given: text, numbers, truth values, and lists of these. */
static bool read_parameters(struct reading *r, const struct value *v, const struct value **out)
{
    struct slice text;

    if (!want(r, v, VALUE_MAP, "parameters"))
        return false;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value *given = v->as.members[i].value;
        const size_t n = value_is(given, VALUE_LIST) ? value_len(given) : 1;

        for (size_t k = 0; k < n; k++)
            if (!value_scalar(value_is(given, VALUE_LIST) ? value_item(given, k) : given, r->a,
                              &text))
                return err_line(r->e, ERR_USAGE, given->line,
                                "parameter '%.*s' is neither a value nor a list of values",
                                (int)v->as.members[i].key.len,
                                (const char *)v->as.members[i].key.data);
    }
    *out = v;
    return true;
}

static bool read_subject(struct reading *r, const struct value *v)
{
    const char *kind = NULL, *spec = NULL, *platform = NULL, *signature = NULL;
    const struct value *parameters = NULL;
    struct slice key = {0};

    if (!want(r, v, VALUE_MAP, "subjects[]"))
        return false;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];

        key = m->key;
        if (slice_is(key, "platform")) {
            if (!read_platform(r, m->value, &platform))
                return false;
        } else if (slice_is(key, "signature")) {
            if (!read_path(r, m->value, "signature", &signature))
                return false;
        } else if (slice_is(key, "parameters")) {
            if (!read_parameters(r, m->value, &parameters))
                return false;
        } else if (gate_config_kind(key) == NULL) {
            return err_line(r->e, ERR_USAGE, m->value->line,
                            "unknown kind of subject '%.*s'; known: " GATE_CONFIG_KINDS,
                            (int)key.len, (const char *)key.data);
        } else if (kind != NULL) {
            return err_line(r->e, ERR_USAGE, m->value->line,
                            "a subject has one kind; begin a new "
                            "item with '- '");
        } else {
            kind = arena_strndup(r->a, key);
            if (!read_text(r, m->value, kind, &spec))
                return false;
        }
    }
    if (kind == NULL)
        return err_line(r->e, ERR_USAGE, v->line, "a subject needs a kind and a path");
    if (signature != NULL && strcmp(kind, "model") != 0)
        return err_line(r->e, ERR_USAGE, v->line,
                        "signature names a file for a model; those of an image lie in its layout");
    if (parameters != NULL && strcmp(kind, "cloudformation") != 0)
        return err_line(r->e, ERR_USAGE, v->line,
                        "parameters are those of a cloudformation template");
    gate_config_subject(r->c, kind, spec, r->dir, r->a);
    r->c->subjects[r->c->nsubjects - 1].platform = platform;
    r->c->subjects[r->c->nsubjects - 1].parameters = parameters;
    r->c->subjects[r->c->nsubjects - 1].signature = signature;
    return true;
}

static bool read_subjects(struct reading *r, const struct value *v)
{
    if (!want(r, v, VALUE_LIST, "subjects"))
        return false;
    for (size_t i = 0; i < value_len(v); i++)
        if (!read_subject(r, value_item(v, i)))
            return false;
    return true;
}

/* data: one catalogue, or a list of them; each is a subject like any other. */
static bool read_data(struct reading *r, const struct value *v)
{
    const char **list = NULL, *one;

    if (value_is(v, VALUE_STRING)) {
        if (!read_text(r, v, "data", &one))
            return false;
        gate_config_subject(r->c, "catalog", one, r->dir, r->a);
        return true;
    }
    if (!read_list(r, v, "data", &list))
        return false;
    for (size_t i = 0; list[i] != NULL; i++)
        gate_config_subject(r->c, "catalog", list[i], r->dir, r->a);
    return true;
}

/* The line of a key; its value may begin on a later one. */
static uint32_t key_line(const struct reading *r, const struct value_member *m)
{
    uint32_t line = 1;

    for (size_t i = 0; i < r->text.len && i < m->key_offset; i++)
        line += r->text.data[i] == '\n';
    return line;
}

/* `keys` are those there are; the last is NULL. */
static bool unknown_key(struct reading *r, const char *where, const char *const *keys,
                        const struct value_member *m)
{
    char hint[NEAREST_HINT_MAX];

    return err_line(r->e, ERR_USAGE, key_line(r, m), "unknown key '%.*s' in %s%s", (int)m->key.len,
                    (const char *)m->key.data, where, nearest_hint(m->key, keys, hint));
}

static bool read_policy_member(struct reading *r, const struct value_member *m)
{
    static const char *const keys[] = {"profiles", "params", "fail_on", "rules", NULL};
    struct gate_config *c = r->c;
    const char **list;

    if (slice_is(m->key, "profiles")) {
        if (!read_list(r, m->value, "policy.profiles", &list))
            return false;
        c->profiles = (const char *const *)list;
        return value_len(m->value) > 0 ||
               err_line(r->e, ERR_USAGE, m->value->line,
                        "policy.profiles is empty; without it, baseline is in force");
    }
    if (slice_is(m->key, "params")) {
        c->params = m->value;
        return want(r, m->value, VALUE_MAP, "policy.params");
    }
    if (slice_is(m->key, "fail_on")) {
        if (severity_parse(value_text(m->value), &c->fail_on))
            return true;
        return err_line(r->e, ERR_USAGE, m->value->line,
                        "policy.fail_on must be info, low, medium, high or critical");
    }
    if (slice_is(m->key, "rules")) {
        if (!read_list(r, m->value, "policy.rules", &list))
            return false;
        for (size_t i = 0; list[i] != NULL; i++)
            list[i] = in_dir(list[i], r->dir, r->a);
        c->rules = (const char *const *)list;
        return true;
    }
    return unknown_key(r, "policy", keys, m);
}

static bool read_policy(struct reading *r, const struct value *v)
{
    if (!want(r, v, VALUE_MAP, "policy"))
        return false;
    for (size_t i = 0; i < value_len(v); i++)
        if (!read_policy_member(r, &v->as.members[i]))
            return false;
    return true;
}

static bool read_attest(struct reading *r, const struct value *v)
{
    static const char *const keys[] = {"key", "output", "verifier_id", "policy_uri", NULL};
    struct gate_config *c = r->c;

    if (!want(r, v, VALUE_MAP, "attest"))
        return false;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_member *m = &v->as.members[i];
        bool ok;

        if (slice_is(m->key, "key"))
            ok = read_text(r, m->value, "attest.key", &c->key);
        else if (slice_is(m->key, "output"))
            ok = read_path(r, m->value, "attest.output", &c->attest_output);
        else if (slice_is(m->key, "verifier_id"))
            ok = read_text(r, m->value, "attest.verifier_id", &c->verifier_id);
        else if (slice_is(m->key, "policy_uri"))
            ok = read_text(r, m->value, "attest.policy_uri", &c->policy_uri);
        else
            ok = unknown_key(r, "attest", keys, m);
        if (!ok)
            return false;
    }
    if (c->key != NULL && strncmp(c->key, "env://", 6) != 0)
        c->key = in_dir(c->key, r->dir, r->a);
    c->attest = true;
    return true;
}

static bool read_reports(struct reading *r, const struct value *v)
{
    const char **list;

    if (!read_list(r, v, "reports", &list))
        return false;
    for (size_t i = 0; list[i] != NULL; i++) {
        const char *eq = strchr(list[i], '=');

        if (eq != NULL)
            list[i] = arena_printf(r->a, "%.*s=%s", (int)(eq - list[i]), list[i],
                                   in_dir(eq + 1, r->dir, r->a));
    }
    r->c->reports = (const char *const *)list;
    return true;
}

static bool read_member(struct reading *r, const struct value_member *m)
{
    static const char *const stages[] = {"source", "features", "train",   "package",
                                         "deploy", "notebook", "certify", NULL};
    static const char *const keys[] = {"apiVersion", "kind",    "stage", "subjects",
                                       "data",       "policy",  "trust", "waivers",
                                       "attest",     "reports", NULL};
    struct gate_config *c = r->c;

    if (slice_is(m->key, "apiVersion") || slice_is(m->key, "kind"))
        return true;
    if (slice_is(m->key, "subjects"))
        return read_subjects(r, m->value);
    if (slice_is(m->key, "data"))
        return read_data(r, m->value);
    if (slice_is(m->key, "policy"))
        return read_policy(r, m->value);
    if (slice_is(m->key, "attest"))
        return read_attest(r, m->value);
    if (slice_is(m->key, "reports"))
        return read_reports(r, m->value);
    if (slice_is(m->key, "trust"))
        return read_path(r, m->value, "trust", &c->trust);
    if (slice_is(m->key, "waivers"))
        return read_path(r, m->value, "waivers", &c->waivers);
    if (!slice_is(m->key, "stage"))
        return unknown_key(r, "the gate file", keys, m);
    for (size_t i = 0; stages[i] != NULL; i++)
        if (slice_is(value_text(m->value), stages[i]))
            return read_text(r, m->value, "stage", &c->stage);
    return err_line(r->e, ERR_USAGE, m->value->line,
                    "stage must be source, features, train, package, certify, deploy or notebook");
}

static const char *folder_of(const char *path, struct arena *a)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? "" : arena_printf(a, "%.*s", (int)(slash - path + 1), path);
}

bool gate_config_read(const char *path, struct arena *a, struct gate_config *c, struct err *e)
{
    const struct yaml_options yaml = {0};
    struct reading r = {c, a, folder_of(path, a), {0}, e};
    const struct value *doc;
    struct slice text;

    if (!file_read(path, LIMIT_POLICY_BYTES, a, &text, e))
        return command_own_file(e);
    if (!yaml_read(text, &yaml, a, &doc, e)) {
        err_prefix(e, "%s", path);
        return command_own_file(e);
    }
    if (!value_is(doc, VALUE_MAP) || !slice_is(value_text(value_get(doc, "kind")), "Gate") ||
        !slice_is(value_text(value_get(doc, "apiVersion")), "sallyport/v1"))
        return err_line(e, ERR_USAGE, 1,
                        "%s: a gate file begins with 'apiVersion: sallyport/v1' and 'kind: Gate'",
                        path);
    c->file = path;
    r.text = text;
    for (size_t i = 0; i < value_len(doc); i++)
        if (!read_member(&r, &doc->as.members[i]))
            return err_in(e, "%s", path);
    return true;
}
