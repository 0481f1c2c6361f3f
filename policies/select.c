#include "policies/select.h"

#include <string.h>

#include "base/nearest.h"
#include "policies/glob.h"
#include "policies/schema.h"

const struct profile *select_profile(const struct rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->nprofiles; i++)
        if (strcmp(rules->profiles[i].id, id) == 0)
            return &rules->profiles[i];
    return NULL;
}

static bool has_tag(const struct rule *r, struct slice tag)
{
    for (size_t i = 0; r->tags[i] != NULL; i++)
        if (slice_is(tag, r->tags[i]))
            return true;
    return false;
}

static bool has_framework(const struct rule *r, struct slice id)
{
    for (size_t i = 0; i < r->ncontrols; i++)
        if (slice_is(id, r->controls[i].framework))
            return true;
    return false;
}

static bool matches(const struct rule *r, const char *key, struct slice entry)
{
    if (strcmp(key, "packs") == 0)
        return glob_match(entry, slice_str(r->pack));
    if (strcmp(key, "tags") == 0)
        return has_tag(r, entry);
    if (strcmp(key, "frameworks") == 0)
        return has_framework(r, entry);
    return glob_match(entry, slice_str(r->id)); /* rules, exclude */
}

/* A selection in the making: one bool for each rule. */
struct picking {
    const struct rules *rules;
    const struct profile *profile;
    struct arena *arena;
    bool *picked;
};

/* Every entry of one list. `on`: what the rules it matches become. */
static bool pick(const struct picking *k, const char *key, bool on, struct err *e)
{
    const struct value *list = value_get(k->profile->select, key);
    const struct schema_doc d = {.file = k->profile->file, .arena = k->arena};

    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *entry = value_item(list, i);
        bool any = false;

        for (size_t n = 0; n < k->rules->n; n++) {
            if (!matches(&k->rules->items[n], key, value_text(entry)))
                continue;
            k->picked[n] = on;
            any = true;
        }
        if (!any)
            return schema_fail(&d, entry, e, "profile '%s': %s: '%s' matches nothing",
                               k->profile->id, key, value_cstr(entry, ""));
    }
    return true;
}

static bool pick_all(const struct picking *k, struct err *e)
{
    return pick(k, "packs", true, e) && pick(k, "rules", true, e) && pick(k, "tags", true, e) &&
           pick(k, "frameworks", true, e) && pick(k, "exclude", false, e);
}

bool select_check(const struct rules *rules, const struct profile *p, struct arena *a,
                  struct err *e)
{
    const struct picking k = {rules, p, a, ARENA_ARRAY(a, bool, rules->n)};

    return pick_all(&k, e);
}

static bool no_profile(const struct rules *rules, const char *id, struct arena *a, struct err *e)
{
    const char **names = ARENA_ARRAY(a, const char *, rules->nprofiles + 1);
    char hint[NEAREST_HINT_MAX];
    const char *all = "none";

    for (size_t i = 0; i < rules->nprofiles; i++) {
        names[i] = rules->profiles[i].id;
        all = i == 0 ? names[i] : arena_printf(a, "%s, %s", all, names[i]);
    }
    if (nearest_hint(slice_str(id), names, hint)[0] == '\0')
        return err_fail(e, ERR_USAGE, "no profile '%.100s': known are %.300s", id, all);
    return err_fail(e, ERR_USAGE, "no profile '%.100s'%s", id, hint);
}

bool select_rules(struct rules *rules, const char *const *profiles, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < rules->n; i++)
        rules->items[i].selected = rules->items[i].extra;
    for (size_t i = 0; profiles[i] != NULL; i++) {
        struct picking k = {rules, select_profile(rules, profiles[i]), a,
                            ARENA_ARRAY(a, bool, rules->n)};

        if (k.profile == NULL)
            return no_profile(rules, profiles[i], a, e);
        if (!pick_all(&k, e))
            return false;
        for (size_t n = 0; n < rules->n; n++)
            rules->items[n].selected = rules->items[n].selected || k.picked[n];
    }
    return true;
}
