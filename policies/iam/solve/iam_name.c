#include "policies/iam/solve/iam_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policies/iam/aws/iam_actions.h"

/* Bytes of a name made from a pattern. */
#define NAME_BYTES 4096u
/* Times that a name of the table may come up before we give in. */
#define KNOWN_MAX 16u

static struct slice folded(struct slice text, struct arena *a)
{
    uint8_t *out = arena_alloc(a, text.len);

    for (size_t i = 0; i < text.len; i++)
        out[i] = iam_glob_lower(text.data[i]);
    return (struct slice){out, text.len};
}

static bool split(struct slice text, struct slice *service, struct slice *name)
{
    const uint8_t *colon = text.len > 0 ? memchr(text.data, ':', text.len) : NULL;

    if (colon == NULL)
        return false;
    *service = (struct slice){text.data, (size_t)(colon - text.data)};
    *name = slice_from(text, service->len + 1);
    return true;
}

/* As iam_match_action reads it; false: it matches no action at all. */
static bool entry(struct slice text, struct arena *a, struct iam_name_entry *out)
{
    struct slice name;

    *out = (struct iam_name_entry){.text = text, .wild = iam_glob_wild(text)};
    if (slice_is(text, "*"))
        text = SLICE_LIT("*:*");
    text = folded(text, a);
    if (!split(text, &out->service, &name) || name.len == 0)
        return false;
    if (slice_is(out->service, "*"))
        out->service.len = 0;
    else if (out->service.len == 0 || iam_glob_wild(out->service))
        return false;
    out->pattern = iam_glob_pattern(text, a);
    return true;
}

static int by_service(const void *x, const void *y)
{
    const struct iam_name_entry *a = x, *b = y;
    const int order = slice_cmp(a->service, b->service);

    return order != 0 ? order : slice_cmp(a->pattern, b->pattern);
}

void iam_name_prepare(const struct iam_texts *list, struct arena *a, struct iam_name_list *out)
{
    struct iam_name_entry *entries = ARENA_ARRAY(a, struct iam_name_entry, list->n);

    *out = (struct iam_name_list){entries, 0};
    for (size_t i = 0; i < list->n; i++)
        out->n += entry(list->items[i], a, &entries[out->n]);
    if (out->n > 1)
        qsort(entries, out->n, sizeof(*entries), by_service);
}

/* The entries of one service, without those of any. */
static struct iam_name_list of_service(const struct iam_name_list *l, struct slice service)
{
    size_t from = 0, to = l->n, end;

    while (from < to) {
        const size_t mid = from + (to - from) / 2;

        if (slice_cmp(l->entries[mid].service, service) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (end = from; end < l->n && slice_eq(l->entries[end].service, service);)
        end++;
    return (struct iam_name_list){l->entries + from, end - from};
}

static bool matched(const struct iam_name_list *l, struct slice name)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->entries[i].wild ? iam_glob_match(l->entries[i].pattern, name, false)
                               : slice_eq(l->entries[i].pattern, name))
            return true;
    return false;
}

/* `name` in small letters, of this service. */
static bool listed(const struct iam_name_list *l, struct slice service, struct slice name)
{
    const struct iam_name_list any = of_service(l, (struct slice){NULL, 0});
    const struct iam_name_list own = of_service(l, service);

    return matched(&any, name) || matched(&own, name);
}

/* Is it an action, service:name, that the lists want? */
static bool fits(const struct iam_name_lists *l, struct slice action, struct arena *a)
{
    const struct slice text = folded(action, a);
    struct slice service, name;
    size_t known;

    if (!split(text, &service, &name) || service.len == 0 || name.len == 0 ||
        memchr(name.data, ':', name.len) != NULL)
        return false;
    if (l->kind != IAM_NAME_ANY && iam_actions_find(action, &known))
        return false;
    for (size_t i = 0; i < l->nin; i++)
        if (!listed(l->in[i], service, text))
            return false;
    for (size_t i = 0; i < l->nout; i++)
        if (listed(l->out[i], service, text))
            return false;
    return true;
}

/* A name that says what it is: "s3:Get*" becomes "s3:GetNewAction". */
static bool guess(const struct iam_name_lists *l, struct slice pattern, struct arena *a,
                  struct slice *out)
{
    bool colon = false, ok;
    struct buf b;

    buf_init(&b, NAME_BYTES);
    if (iam_glob_any(pattern))
        pattern = SLICE_LIT("*:*");
    for (size_t i = 0; i < pattern.len; i++) {
        const uint8_t c = pattern.data[i];

        colon = colon || c == ':';
        if (c == '*')
            buf_str(&b, colon ? "NewAction" : "newservice");
        else
            buf_u8(&b, c == '?' ? 'X' : c);
    }
    ok = !b.full && fits(l, buf_slice(&b), a);
    if (ok)
        *out = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return ok;
}

struct maker {
    struct iam_pattern *patterns;
    size_t n;
    const struct iam_name_entry *item;
    struct arena *arena;
};

static void put(struct maker *m, struct slice pattern, bool matches, unsigned group)
{
    *(struct iam_pattern *)ARENA_PUSH(m->arena, &m->patterns, &m->n) =
        (struct iam_pattern){pattern, IAM_MODE_NOCASE, matches, group};
}

static void add_entries(struct maker *m, const struct iam_name_list *l, bool matches,
                        unsigned group)
{
    for (size_t i = 0; i < l->n; i++)
        if (iam_glob_overlap(l->entries[i].pattern, m->item->pattern))
            put(m, l->entries[i].pattern, matches, group);
}

/* Adds the entries that can meet the item; false: of a list that must match, none. */
static bool add(struct maker *m, const struct iam_name_list *l, bool matches, unsigned group)
{
    const size_t before = m->n;
    const struct iam_name_list any = of_service(l, (struct slice){NULL, 0});
    const struct iam_name_list own = of_service(l, m->item->service);

    if (m->item->service.len == 0) {
        add_entries(m, l, matches, group);
    } else {
        add_entries(m, &any, matches, group);
        add_entries(m, &own, matches, group);
    }
    return !matches || m->n > before;
}

/* Names that an item with wildcards takes. */
static enum iam_answer search(const struct iam_name_lists *l, const struct iam_name_entry *item,
                              struct iam_budget *b, struct arena *a, struct slice *out)
{
    struct maker m = {.arena = a, .item = item};

    if (guess(l, item->text, a, out))
        return IAM_YES;
    put(&m, item->pattern, true, 0);
    put(&m, SLICE_LIT("?*:?*"), true, 0);
    put(&m, SLICE_LIT("*:*:*"), false, 0);
    for (size_t i = 0; i < l->nin; i++)
        if (!add(&m, l->in[i], true, (unsigned)i + 1))
            return IAM_NO;
    for (size_t i = 0; i < l->nout; i++)
        (void)add(&m, l->out[i], false, 0);
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        const enum iam_answer found = iam_automaton_find(m.patterns, m.n, b, a, out);

        if (found != IAM_YES || fits(l, *out, a))
            return found;
        put(&m, iam_glob_pattern(folded(*out, a), a), false, 0);
    }
    return IAM_MAYBE;
}

/* The list with the fewest entries: each name must match one of them. */
static const struct iam_name_list *shortest(const struct iam_name_lists *l)
{
    const struct iam_name_list *best = l->in[0];

    for (size_t i = 1; i < l->nin; i++)
        if (l->in[i]->n < best->n)
            best = l->in[i];
    return best;
}

enum iam_answer iam_name_find(const struct iam_name_lists *l, struct iam_budget *b, struct arena *a,
                              struct slice *name)
{
    static const struct iam_name_entry all[] = {
        {{(const uint8_t *)"*", 1}, {NULL, 0}, {(const uint8_t *)"*:*", 3}, true}};
    const struct iam_name_list everything = {all, 1};
    const struct iam_name_list *list = l->nin > 0 ? shortest(l) : &everything;
    enum iam_answer out = IAM_NO;

    for (size_t i = 0; i < list->n; i++) {
        const struct iam_name_entry *item = &list->entries[i];
        enum iam_answer m = IAM_NO;

        if (item->wild) {
            m = l->kind == IAM_NAME_SPOKEN ? IAM_NO : search(l, item, b, a, name);
        } else if (fits(l, item->text, a)) {
            *name = item->text;
            m = IAM_YES;
        }
        if (m == IAM_YES)
            return IAM_YES;
        out = m > out ? m : out;
    }
    return out;
}
