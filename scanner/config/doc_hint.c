#include "scanner/config/doc_hint.h"

#include <string.h>

#include "base/arena.h"

#define PLAN_AS_JSON "give the plan as JSON: terraform show -json PLAN >plan.json"

/* Terraform's source: a block of one of these kinds comes first, comments aside. */
static bool is_source(struct slice s)
{
    static const char *const blocks[] = {"resource \"", "terraform {", "provider \"", "module \"",
                                         "variable \"", "data \"",     "locals {",    "output \""};
    size_t end;

    for (;;) {
        s = slice_trim_start(s, " \t\r\n");
        if (!slice_starts(s, "#") && !slice_starts(s, "//"))
            break;
        if (!slice_find(s, SLICE_LIT("\n"), &end))
            return false;
        s = slice_from(s, end);
    }
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        if (slice_starts(s, blocks[i]))
            return true;
    return false;
}

const char *doc_hint_bytes(struct slice s)
{
    if (s.len == 0)
        return "the file is empty";
    if (slice_starts(s, "PK\x03\x04"))
        return "a zip archive, such as terraform plan -out writes; " PLAN_AS_JSON;
    return is_source(s) ? "the source of Terraform, which is not evaluated here; " PLAN_AS_JSON
                        : NULL;
}

const char *doc_hint_document(const struct value *doc, struct arena *a)
{
    const struct slice version = value_text(value_get(doc, "apiVersion")),
                       kind = value_text(value_get(doc, "kind"));

    if (version.len > 0 && kind.len > 0 && slice_starts(version, "sallyport/"))
        return arena_printf(a, "a %.*s of sallyport itself, which is no subject",
                            (int)(kind.len < 40 ? kind.len : 40), (const char *)kind.data);
    if (version.len > 0 && kind.len > 0)
        return arena_printf(a, "a manifest of Kubernetes (%.*s), which is not read",
                            (int)(kind.len < 40 ? kind.len : 40), (const char *)kind.data);
    if (value_get(doc, "terraform_version") != NULL && value_get(doc, "resources") != NULL)
        return "a state of Terraform, not a plan; " PLAN_AS_JSON;
    return "not a configuration document of a kind we know: `sallyport help configs` lists them; "
           "a model is given with --model";
}
