#include "gate/data.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "policies/builtin.h"
#include "policies/rule_file.h"

static bool from_folder(const char *path, struct arena *a, const struct value **out, struct err *e)
{
    const struct yaml_options yaml = {0};
    struct slice text;

    return file_read(path, LIMIT_POLICY_BYTES, a, &text, e) && yaml_read(text, &yaml, a, out, e);
}

static bool from_builtin(const char *name, struct arena *a, const struct value **out, struct err *e)
{
    const char *path = arena_printf(a, "rules/%s", name);

    for (const struct builtin_file *f = builtin_files; f->name != NULL; f++)
        if (strcmp(f->name, path) == 0) {
            if (!builtin_documents(f, a, out, e))
                return false;
            *out = value_item(*out, 0);
            return true;
        }
    return err_fail(e, ERR_USAGE, "no %s among the built-in rules", name);
}

/* A file of the rules; one that a --rules folder lacks comes from the built-in ones. */
static bool doc_of(const char *rules_dir, const char *name, struct arena *a,
                   const struct value **out, struct err *e)
{
    const char *path = rules_dir == NULL ? NULL : arena_printf(a, "%s/%s", rules_dir, name);

    if (path != NULL && access(path, F_OK) == 0 ? from_folder(path, a, out, e)
                                                : from_builtin(name, a, out, e))
        return true;
    e->code = ERR_USAGE;
    return err_in(e, "%s", name);
}

/* A file of --rules that lost its rows would tell less, and more would pass. `member`: a list that
 * each row has besides, or NULL. */
static bool has_rows(const struct value *doc, const char *name, const char *key, const char *member,
                     struct err *e)
{
    const struct value *rows = value_get(doc, key);

    if (!value_is(rows, VALUE_LIST) || value_len(rows) == 0)
        return err_line(e, ERR_USAGE, rows != NULL ? rows->line : 1,
                        "%s: '%s' must be a list of maps with an id", name, key);
    for (size_t i = 0; i < value_len(rows); i++) {
        const struct value *row = value_item(rows, i);

        if (value_text(value_get(row, "id")).len == 0)
            return err_line(e, ERR_USAGE, row->line, "%s: a row of '%s' has no id", name, key);
        if (member != NULL && value_item(value_get(row, member), 0) == NULL)
            return err_line(e, ERR_USAGE, row->line, "%s: %s has no %s", name,
                            value_cstr(value_get(row, "id"), ""), member);
    }
    return true;
}

static const struct value *category_ids(const struct value *taxonomy, struct arena *a)
{
    const struct value *categories = value_get(taxonomy, "categories");
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < value_len(categories); i++)
        value_list_add(&b, value_get(value_item(categories, i), "id"));
    return value_list_end(&b, NULL);
}

bool data_read(const char *rules_dir, struct arena *a, struct data *out, struct err *e)
{
    const struct value *taxonomy;

    if (!doc_of(rules_dir, "detectors/imports.yaml", a, &out->imports, e) ||
        !doc_of(rules_dir, "detectors/paths.yaml", a, &out->paths, e) ||
        !doc_of(rules_dir, "taxonomy/data.yaml", a, &taxonomy, e) ||
        !has_rows(out->paths, "detectors/paths.yaml", "detectors", "globs", e) ||
        !has_rows(taxonomy, "taxonomy/data.yaml", "categories", NULL, e))
        return false;
    out->taxonomy = category_ids(taxonomy, a);
    return true;
}

bool data_escalations(const char *rules_dir, struct arena *a, struct iam_paths *out, struct err *e)
{
    static const char name[] = "iam/escalations.yaml";
    struct schema_doc *d = ARENA_NEW(a, struct schema_doc);
    const struct value *list;

    *d = (struct schema_doc){.file = name, .arena = a, .lean = true};
    if (rules_dir != NULL) {
        const char *path = arena_printf(a, "%s/%s", rules_dir, name);

        if (access(path, F_OK) == 0) {
            *d = (struct schema_doc){.file = path, .arena = a};
            return file_read(path, LIMIT_POLICY_BYTES, a, &d->text, e) &&
                   rule_file_documents(d, &list, e) &&
                   iam_paths_read(d, value_item(list, 0), out, e);
        }
    }
    return from_builtin(name, a, &list, e) && iam_paths_read(d, list, out, e);
}
