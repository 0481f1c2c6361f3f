#include "policies/rule_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/yaml.h"
#include "policies/iam/escalate/iam_paths.h"
#include "policies/params.h"
#include "policies/rule_read.h"

/* One document on its way in. */
struct reading {
    struct rule_loader *l;
    const struct schema_doc *d;
    const struct value *doc;
    const char *digest;
};

/* Keeps the error and goes on, when the caller collects them. */
static bool keep(struct rule_loader *l, const char *file, struct err *e)
{
    if (l->problems == NULL)
        return false;
    problem_take(l->problems, file, e);
    return true;
}

/* !unknown and !ref. SPEC: docs/rules.md, "Tests". */
static const struct value *on_tag(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e)
{
    const struct value_at at = {node->offset, node->line};
    const struct schema_doc *d = ctx;
    struct slice refs[16];
    size_t n = value_is(node, VALUE_LIST) ? node->len : 1;

    if (strcmp(tag, "!unknown") == 0) {
        if (value_is(node, VALUE_NULL) || (value_is(node, VALUE_STRING) && node->len == 0))
            return value_unknown(a, "not known yet", NULL, 0, &at);
        schema_fail(d, node, e, "!unknown takes no value; a reference is written !ref ADDRESS");
        return NULL;
    }
    if (strcmp(tag, "!ref") != 0) {
        schema_fail(d, node, e, "unknown tag '%s'; allowed are !unknown and !ref", tag);
        return NULL;
    }
    for (size_t i = 0; i < n && i < ARRAY_LEN(refs); i++) {
        const struct value *item = value_is(node, VALUE_LIST) ? node->as.items[i] : node;

        if (!value_is(item, VALUE_STRING) || item->len == 0) {
            schema_fail(d, node, e, "!ref takes an address or a list of addresses");
            return NULL;
        }
        refs[i] = value_text(item);
    }
    if (n == 0 || n > ARRAY_LEN(refs)) {
        schema_fail(d, node, e, "!ref takes 1 to %zu addresses", ARRAY_LEN(refs));
        return NULL;
    }
    return value_unknown(a, "a reference, known after apply", refs, n, &at);
}

bool rule_file_documents(const struct schema_doc *doc, const struct value **out, struct err *e)
{
    struct schema_doc ctx = *doc;
    struct yaml_options opt = {.on_tag = on_tag, .ctx = &ctx, .many = true};
    const struct value *list;
    struct err why = {0};

    if (!yaml_read(doc->text, &opt, doc->arena, &list, &why)) {
        /* what on_tag refused has its place already */
        if (strncmp(why.text, doc->file, strlen(doc->file)) == 0)
            return err_line(e, why.code, why.line, "%s", why.text);
        return schema_fail_line(doc, why.line, e, "%s", why.text);
    }
    if (value_len(list) == 0)
        return schema_fail(doc, NULL, e, "the file holds no document");
    for (size_t i = 0; i < list->len; i++) {
        const struct value *v = list->as.items[i];
        const struct schema_member m = {v, "document", "apiVersion"};
        const char *version;

        if (!schema_map(doc, v, "document", NULL, e) || !schema_str(doc, &m, &version, e))
            return false;
        if (strcmp(version, "sallyport/v1") != 0)
            return schema_fail(doc, value_get(v, "apiVersion"), e,
                               "unknown apiVersion '%s'; this program reads sallyport/v1", version);
    }
    *out = list;
    return true;
}

/* A version of three numbers. */
static bool is_version(const char *s)
{
    int numbers = 0;

    for (;;) {
        size_t n = strspn(s, "0123456789");

        if (n == 0 || n > 9 || (s[0] == '0' && n > 1))
            return false;
        numbers++;
        s += n;
        if (*s == '\0')
            return numbers == 3;
        if (*s++ != '.')
            return false;
    }
}

static bool read_rules(struct reading *g, size_t npack, struct err *e)
{
    const struct schema_member m = {g->doc, "pack", "rules"};
    const struct value *list;

    if (!schema_need(g->d, &m, &list, e) || !schema_opt_kind(g->d, &m, VALUE_LIST, &list, e))
        return false;
    for (size_t i = 0; i < list->len; i++) {
        struct rule rule;

        if (g->l->rules->n >= LIMIT_RULES)
            return schema_fail(g->d, list->as.items[i], e, "more than %d rules (LIMIT_RULES)",
                               LIMIT_RULES);
        if (!rule_read(g->d, list->as.items[i], &rule, e)) {
            if (!keep(g->l, g->d->file, e))
                return false;
            continue;
        }
        rule.pack = g->l->rules->packs[npack].id;
        rule.npack = npack;
        rule.extra = g->l->extra;
        *(struct rule *)ARENA_PUSH(g->l->arena, &g->l->rules->items, &g->l->rules->n) = rule;
    }
    return true;
}

static bool read_pack(struct reading *g, struct err *e)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "params", "rules", NULL};
    static const char *const meta_keys[] = {"id", "version", "title", "description", NULL};
    const struct value *meta = value_get(g->doc, "metadata");
    struct schema_member m = {meta, "metadata", "id"};
    const struct schema_member params = {g->doc, "pack", "params"};
    struct rule_pack pack = {.file = g->d->file, .extra = g->l->extra};
    size_t npack = g->l->rules->npacks;

    if (!schema_map(g->d, g->doc, "pack", keys, e) ||
        !schema_map(g->d, meta, "metadata", meta_keys, e))
        return false;
    if (!schema_str(g->d, &m, &pack.id, e))
        return false;
    pack.line = value_get(meta, "id")->line;
    m.key = "version";
    if (!schema_str(g->d, &m, &pack.version, e))
        return false;
    m.key = "title";
    if (!schema_str(g->d, &m, &pack.title, e))
        return false;
    m.key = "description";
    if (!schema_opt_str(g->d, &m, &pack.description, e))
        return false;
    if (!schema_is_id(pack.id, false))
        return schema_fail_line(g->d, pack.line, e,
                                "pack '%s': an id is lower-case letters, digits and single '-'",
                                pack.id);
    if (!is_version(pack.version))
        return schema_fail(g->d, value_get(meta, "version"), e,
                           "pack '%s': version '%s' is not major.minor.patch", pack.id,
                           pack.version);
    if (!schema_opt_kind(g->d, &params, VALUE_MAP, &pack.params, e) ||
        !params_check(g->d, pack.params, e))
        return false;
    pack.values = params_defaults(pack.params, g->l->arena);
    snprintf(pack.digest, sizeof(pack.digest), "%s", g->digest);
    *(struct rule_pack *)ARENA_PUSH(g->l->arena, &g->l->rules->packs, &g->l->rules->npacks) = pack;
    return read_rules(g, npack, e);
}

static bool read_control(const struct schema_doc *d, const struct value_member *c, struct err *e)
{
    static const char *const keys[] = {"title", "confirmed", "note", "url", "applies_from", NULL};
    struct schema_member m = {c->value, NULL, "title"};
    bool confirmed = true;
    const char *text;

    m.what = arena_printf(d->arena, "control '%s'", (const char *)c->key.data);
    if (!schema_map(d, c->value, m.what, keys, e) || !schema_str(d, &m, &text, e))
        return false;
    for (size_t i = 2; keys[i] != NULL; i++) {
        m.key = keys[i];
        if (!schema_opt_str(d, &m, &text, e))
            return false;
    }
    m.key = "confirmed";
    return schema_opt_bool(d, &m, &confirmed, e);
}

static bool read_framework(struct reading *g, struct err *e)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "controls", NULL};
    static const char *const meta_keys[] = {
        "id",           "version", "title",   "description", "url", "publisher",
        "applies_from", "note",    "licence", "confirmed",   NULL};
    struct framework f = {.file = g->d->file, .metadata = value_get(g->doc, "metadata")};
    struct schema_member m = {f.metadata, "metadata", "id"};
    const struct schema_member controls = {g->doc, "framework", "controls"};

    if (!schema_map(g->d, g->doc, "framework", keys, e) ||
        !schema_map(g->d, f.metadata, "metadata", meta_keys, e))
        return false;
    if (!schema_str(g->d, &m, &f.id, e))
        return false;
    f.line = value_get(f.metadata, "id")->line;
    m.key = "version";
    if (!schema_str(g->d, &m, &f.version, e))
        return false;
    m.key = "title";
    if (!schema_str(g->d, &m, &f.title, e))
        return false;
    if (!schema_is_id(f.id, true))
        return schema_fail_line(
            g->d, f.line, e,
            "framework '%s': an id is lower-case letters, digits, '.' and single '-'", f.id);
    if (!schema_need(g->d, &controls, &f.controls, e) ||
        !schema_opt_kind(g->d, &controls, VALUE_MAP, &f.controls, e))
        return false;
    for (size_t i = 0; i < f.controls->len; i++)
        if (!read_control(g->d, &f.controls->as.members[i], e))
            return false;
    snprintf(f.digest, sizeof(f.digest), "%s", g->digest);
    *(struct framework *)ARENA_PUSH(g->l->arena, &g->l->rules->frameworks,
                                    &g->l->rules->nframeworks) = f;
    return true;
}

static bool check_select(const struct schema_doc *d, const struct value *select, struct err *e)
{
    static const char *const keys[] = {"packs", "rules", "tags", "frameworks", "exclude", NULL};
    struct schema_member m = {select, "select", NULL};
    const char *const *list;

    if (!schema_map(d, select, "select", keys, e))
        return false;
    for (size_t i = 0; keys[i] != NULL; i++) {
        m.key = keys[i];
        if (!schema_opt_strs(d, &m, &list, e))
            return false;
    }
    return true;
}

static bool read_profile(struct reading *g, struct err *e)
{
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "select", "params", NULL};
    static const char *const meta_keys[] = {"id", "title", "description", NULL};
    const struct value *meta = value_get(g->doc, "metadata");
    struct profile p = {.file = g->d->file, .select = value_get(g->doc, "select")};
    struct schema_member m = {meta, "metadata", "id"};
    const struct schema_member params = {g->doc, "profile", "params"};
    const char *text;

    if (!schema_map(g->d, g->doc, "profile", keys, e) ||
        !schema_map(g->d, meta, "metadata", meta_keys, e))
        return false;
    if (!schema_str(g->d, &m, &p.id, e))
        return false;
    p.line = value_get(meta, "id")->line;
    m.key = "title";
    if (!schema_str(g->d, &m, &p.title, e))
        return false;
    m.key = "description";
    if (!schema_opt_str(g->d, &m, &text, e))
        return false;
    if (!schema_is_id(p.id, false))
        return schema_fail_line(g->d, p.line, e,
                                "profile '%s': an id is lower-case letters, digits and single '-'",
                                p.id);
    if (!check_select(g->d, p.select, e) ||
        !schema_opt_kind(g->d, &params, VALUE_MAP, &p.params, e))
        return false;
    snprintf(p.digest, sizeof(p.digest), "%s", g->digest);
    *(struct profile *)ARENA_PUSH(g->l->arena, &g->l->rules->profiles, &g->l->rules->nprofiles) = p;
    return true;
}

/* Documents that others read: only their digest matters here. */
static bool read_data(struct reading *g, struct err *e)
{
    struct rule_data *d = ARENA_PUSH(g->l->arena, &g->l->rules->data, &g->l->rules->ndata);

    (void)e;
    d->kind = value_cstr(value_get(g->doc, "kind"), "");
    d->id = value_cstr(value_path(g->doc, "metadata.id"), g->d->file);
    d->file = g->d->file;
    d->doc = g->doc;
    snprintf(d->digest, sizeof(d->digest), "%s", g->digest);
    return true;
}

/* The same, and checked as its reader would. */
static bool read_escalations(struct reading *g, struct err *e)
{
    struct iam_paths paths;

    return (g->d->lean || iam_paths_read(g->d, g->doc, &paths, e)) && read_data(g, e);
}

static const struct kind {
    const char *name;
    bool (*read)(struct reading *g, struct err *e);
} kinds[] = {{"RulePack", read_pack},   {"Framework", read_framework},
             {"Profile", read_profile}, {"Taxonomy", read_data},
             {"Detectors", read_data},  {"EscalationPaths", read_escalations}};

static bool read_document(struct reading *g, struct err *e)
{
    static const char *const names[] = {"RulePack",  "Framework",       "Profile", "Taxonomy",
                                        "Detectors", "EscalationPaths", NULL};
    const struct schema_member m = {g->doc, "document", "kind"};
    char hint[NEAREST_HINT_MAX];
    const char *kind;

    if (!schema_str(g->d, &m, &kind, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return kinds[i].read(g, e);
    return schema_fail(g->d, value_get(g->doc, "kind"), e, "unknown kind '%s'%s", kind,
                       nearest_hint(slice_str(kind), names, hint));
}

/* "sha256:" and 64 digits; `out` has room for 80 characters. */
static void name_digest(struct slice text, char *out)
{
    char name[DIGEST_TEXT_MAX] = "";
    struct digest digest;

    digest_of(text, DIGEST_SHA256, &digest);
    digest_text(&digest, name);
    memcpy(out, name, 80);
}

static bool add_documents(struct reading *g, const struct value *list, struct err *e)
{
    for (size_t i = 0; i < value_len(list); i++) {
        g->doc = value_item(list, i);
        if (!read_document(g, e) && !keep(g->l, g->d->file, e))
            return false;
    }
    return true;
}

bool rule_file_add(struct rule_loader *l, const char *name, struct slice text, struct err *e)
{
    struct schema_doc d = {arena_strdup(l->arena, name), text, l->arena, false};
    char digest[80];
    struct reading g = {.l = l, .d = &d, .digest = digest};
    const struct value *list = NULL;

    l->nfiles++;
    name_digest(text, digest);
    if (!rule_file_documents(&d, &list, e))
        return keep(l, d.file, e);
    return add_documents(&g, list, e);
}

bool rule_file_take(struct rule_loader *l, const struct rule_file_read *f, struct err *e)
{
    struct schema_doc *d = ARENA_NEW(l->arena, struct schema_doc); /* rules go back to it */
    struct reading g = {.l = l, .d = d, .digest = f->digest};

    *d = (struct schema_doc){arena_strdup(l->arena, f->name), f->text, l->arena, l->lean};
    l->nfiles++;
    return add_documents(&g, f->documents, e);
}

void rule_file_named(struct rule_loader *l, const char *name, const char *digest)
{
    struct rule_data *d = ARENA_PUSH(l->arena, &l->rules->data, &l->rules->ndata);

    l->nfiles++;
    snprintf(d->digest, sizeof(d->digest), "%s", digest);
    d->kind = "Detectors";
    d->file = arena_strdup(l->arena, name);
    d->id = d->file;
}

void rule_file_digest(struct rule_loader *l, const char *name, struct slice text)
{
    char digest[80];

    name_digest(text, digest);
    rule_file_named(l, name, digest);
}
