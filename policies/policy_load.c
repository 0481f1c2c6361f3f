/* The policy of a run: files, profiles, parameters, waivers, and the digest that names all of
 * it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "policies/params.h"
#include "policies/policy.h"
#include "policies/rule_folder.h"
#include "policies/select.h"
#include "policies/waiver.h"

static bool load_files(const struct policy_options *opt, struct policy *p, struct err *e)
{
    struct rule_loader l = {.arena = p->arena, .rules = &p->rules, .lean = opt->lean};

    if (opt->rules_dir == NULL ? !rule_folder_builtin(&l, e)
                               : !rule_folder_add(&l, opt->rules_dir, e))
        return false;
    l.extra = true;
    for (size_t i = 0; opt->extra != NULL && opt->extra[i] != NULL; i++)
        if (!rule_folder_add(&l, opt->extra[i], e))
            return false;
    return rule_file_finish(&l, e);
}

/* {"baseline"} unless the operator chose. */
static const char *const *chosen(const struct policy_options *opt, struct arena *a)
{
    size_t n = 0;
    const char **list;

    while (opt->profiles != NULL && opt->profiles[n] != NULL)
        n++;
    list = ARENA_ARRAY(a, const char *, (n == 0 ? 1 : n) + 1);
    if (n == 0)
        list[0] = "baseline";
    for (size_t i = 0; i < n; i++)
        list[i] = arena_strdup(a, opt->profiles[i]);
    return (const char *const *)list;
}

static bool set_params(struct policy *p, const struct value *over, struct err *e)
{
    if (!params_known(&p->rules, over, p->arena, e))
        return false;
    for (size_t i = 0; i < p->rules.npacks; i++)
        if (!params_override(&p->rules.packs[i], over, p->arena, &p->rules.packs[i].values, e))
            return false;
    return true;
}

static bool all_params(const struct policy_options *opt, struct policy *p, struct err *e)
{
    for (size_t i = 0; p->profiles[i] != NULL; i++) {
        const struct profile *profile = select_profile(&p->rules, p->profiles[i]);

        if (!set_params(p, profile->params, e))
            return err_in(e, "%s: profile '%s'", profile->file, profile->id);
    }
    if (set_params(p, opt->params, e))
        return true;
    return opt->params_file == NULL ? false : err_in(e, "%s", opt->params_file);
}

static bool load_waivers(const char *path, struct policy *p, char digest[DIGEST_TEXT_MAX],
                         struct err *e)
{
    struct schema_doc doc = {.file = path == NULL ? "" : arena_strdup(p->arena, path),
                             .arena = p->arena};
    struct waiver_list list;
    struct digest d;

    snprintf(digest, DIGEST_TEXT_MAX, "none");
    if (path == NULL)
        return true;
    if (!file_read(path, LIMIT_POLICY_BYTES, p->arena, &doc.text, e) ||
        !waiver_read(&doc, &p->rules, &list, e))
        return false;
    p->waivers = list.items;
    p->nwaivers = list.n;
    digest_of(doc.text, DIGEST_SHA256, &d);
    digest_text(&d, digest);
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One line for each document, sorted: where the files lie does not matter. */
static const char **document_lines(const struct policy *p, size_t *n)
{
    const struct rules *r = &p->rules;
    const char **lines = NULL;

    *n = 0;
    for (size_t i = 0; i < r->npacks; i++)
        *(const char **)ARENA_PUSH(p->arena, &lines, n) = arena_printf(
            p->arena, "pack %s %s %s", r->packs[i].id, r->packs[i].version, r->packs[i].digest);
    for (size_t i = 0; i < r->nframeworks; i++)
        *(const char **)ARENA_PUSH(p->arena, &lines, n) =
            arena_printf(p->arena, "framework %s %s %s", r->frameworks[i].id,
                         r->frameworks[i].version, r->frameworks[i].digest);
    for (size_t i = 0; i < r->nprofiles; i++)
        *(const char **)ARENA_PUSH(p->arena, &lines, n) =
            arena_printf(p->arena, "profile %s %s", r->profiles[i].id, r->profiles[i].digest);
    for (size_t i = 0; i < r->ndata; i++)
        *(const char **)ARENA_PUSH(p->arena, &lines, n) =
            arena_printf(p->arena, "data %s %s", r->data[i].kind, r->data[i].digest);
    if (*n > 1)
        qsort(lines, *n, sizeof(lines[0]), by_text);
    return lines;
}

static void put_params(const struct policy *p, struct json_out *o)
{
    json_out_object(o);
    for (size_t i = 0; i < p->rules.npacks; i++) {
        json_out_key(o, p->rules.packs[i].id);
        json_out_value(o, p->rules.packs[i].values);
    }
    json_out_end_object(o);
}

/* SPEC: docs/verdict.md, "The policy digest" */
static bool make_digest(struct policy *p, const char *waivers, struct err *e)
{
    struct json_out o;
    struct digest d;
    struct buf b;
    size_t n;
    const char **lines = document_lines(p, &n);
    char text[DIGEST_TEXT_MAX] = "";
    bool done;

    buf_init(&b, (size_t)LIMIT_POLICY_BYTES * 16);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_object(&o);
    json_out_kv_str(&o, "schema", "sallyport/policy/v1");
    json_out_key(&o, "documents");
    json_out_array(&o);
    for (size_t i = 0; i < n; i++)
        json_out_str(&o, lines[i]);
    json_out_end_array(&o);
    json_out_key(&o, "profiles");
    json_out_array(&o);
    for (size_t i = 0; p->profiles[i] != NULL; i++)
        json_out_str(&o, p->profiles[i]);
    json_out_end_array(&o);
    json_out_key(&o, "params");
    put_params(p, &o);
    json_out_kv_str(&o, "fail_on", severity_name(p->fail_on));
    json_out_kv_str(&o, "waivers", waivers);
    json_out_end_object(&o);
    done = buf_finish(&b, e);
    digest_of(buf_slice(&b), DIGEST_SHA256, &d);
    buf_release(&b);
    digest_text(&d, text);
    memcpy(p->digest, text, sizeof(p->digest)); /* 71 characters */
    return done || err_in(e, "policy digest");
}

/* The text of an error about a pack begins with its place, FILE:LINE. */
static bool placed(struct err *e)
{
    e->line = 0;
    return false;
}

bool policy_load(const struct policy_options *opt, struct arena *a, struct policy *out,
                 struct err *e)
{
    struct policy p = {.arena = a, .fail_on = opt->fail_on, .params = opt->params};
    char waivers[DIGEST_TEXT_MAX];

    p.profiles = chosen(opt, a);
    if (!load_files(opt, &p, e) || !select_rules(&p.rules, p.profiles, a, e))
        return placed(e);
    if (!all_params(opt, &p, e))
        return false;
    if (!load_waivers(opt->waivers_file, &p, waivers, e) || !make_digest(&p, waivers, e))
        return placed(e);
    *out = p;
    return true;
}
