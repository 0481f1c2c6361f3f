#include "policies/iam/aws/iam_actions.h"

#include <string.h>

#include "policies/iam/text/iam_glob.h"
#include "policies/iam/aws/iam_table.h"

static struct slice text(uint32_t at, size_t len)
{
    return (struct slice){(const uint8_t *)iam_table_pool + at, len};
}

static struct slice service_name(size_t i)
{
    return text(iam_table_services[i].name, iam_table_services[i].len);
}

static struct slice action_name(size_t i)
{
    return text(iam_table_actions[i].name, iam_table_actions[i].len);
}

/* Without case, shorter first. */
static int compare(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        const int d = iam_glob_lower(a.data[i]) - iam_glob_lower(b.data[i]);

        if (d != 0)
            return d;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

size_t iam_actions_count(void)
{
    return iam_table_nactions;
}

struct iam_action iam_actions_at(size_t i)
{
    const struct iam_table_action *a = &iam_table_actions[i];

    return (struct iam_action){.service = service_name(a->service),
                               .name = action_name(i),
                               .level = (enum iam_level_of)a->level,
                               .wildcard_only =
                                   iam_table_type_at[a->types] == iam_table_type_at[a->types + 1]};
}

bool iam_actions_service(struct slice prefix, size_t *first, size_t *n)
{
    size_t lo = 0, hi = iam_table_nservices;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int d = compare(service_name(mid), prefix);

        if (d == 0) {
            *first = iam_table_services[mid].first;
            *n = iam_table_services[mid].n;
            return true;
        }
        if (d < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool split(struct slice action, struct slice *service, struct slice *name)
{
    const uint8_t *colon = action.len > 0 ? memchr(action.data, ':', action.len) : NULL;

    if (colon == NULL)
        return false;
    *service = (struct slice){action.data, (size_t)(colon - action.data)};
    *name = slice_from(action, service->len + 1);
    return true;
}

/* The first action of [lo, hi) that is not before `name`. */
static size_t lower_bound(size_t lo, size_t hi, struct slice name)
{
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (compare(action_name(mid), name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool iam_actions_find(struct slice action, size_t *out)
{
    struct slice service, name;
    size_t first, n, at;

    if (!split(action, &service, &name) || !iam_actions_service(service, &first, &n))
        return false;
    at = lower_bound(first, first + n, name);
    if (at == first + n || !iam_glob_same(action_name(at), name))
        return false;
    *out = at;
    return true;
}

struct slice iam_actions_text(size_t i, struct arena *a)
{
    const struct iam_action x = iam_actions_at(i);

    return slice_str(arena_printf(a, "%.*s:%.*s", (int)x.service.len, (const char *)x.service.data,
                                  (int)x.name.len, (const char *)x.name.data));
}

const char *iam_actions_level(enum iam_level_of level)
{
    static const char *const names[] = {"list", "read", "write", "tagging", "permissions"};

    return names[level];
}

/* Bytes of a pattern before its first wildcard. */
static size_t literal(struct slice pattern)
{
    size_t n = 0;

    while (n < pattern.len && pattern.data[n] != '*' && pattern.data[n] != '?')
        n++;
    return n;
}

static size_t each_of(size_t first, size_t n, struct slice name, iam_actions_fn *found, void *ctx)
{
    const struct slice prefix = {name.data, literal(name)};
    size_t at = lower_bound(first, first + n, prefix), count = 0;

    for (; at < first + n; at++) {
        const struct slice x = action_name(at);

        if (x.len < prefix.len || !iam_glob_same((struct slice){x.data, prefix.len}, prefix))
            break;
        if (!iam_glob_match(name, x, true))
            continue;
        found(ctx, at);
        count++;
    }
    return count;
}

size_t iam_actions_each(struct slice pattern, iam_actions_fn *found, void *ctx)
{
    struct slice service, name;
    size_t first, n, count = 0;

    if (slice_is(pattern, "*")) {
        service = name = pattern;
    } else if (!split(pattern, &service, &name)) {
        return 0;
    }
    if (slice_is(service, "*")) {
        for (size_t i = 0; i < iam_table_nservices; i++)
            count +=
                each_of(iam_table_services[i].first, iam_table_services[i].n, name, found, ctx);
        return count;
    }
    return iam_actions_service(service, &first, &n) ? each_of(first, n, name, found, ctx) : 0;
}

struct iam_action_set iam_actions_none(struct arena *a)
{
    const size_t n = (iam_table_nactions + 63) / 64;

    return (struct iam_action_set){ARENA_ARRAY(a, uint64_t, n), n, 0, 0};
}

bool iam_actions_has(const struct iam_action_set *s, size_t i)
{
    return i / 64 >= s->from && i / 64 < s->to && ((s->bits[i / 64] >> (i % 64)) & 1) != 0;
}

size_t iam_actions_next(const struct iam_action_set *s, size_t i)
{
    for (size_t w = i / 64 > s->from ? i / 64 : s->from; w < s->to; w++) {
        const uint64_t bits = w == i / 64 ? s->bits[w] >> (i % 64) << (i % 64) : s->bits[w];

        if (bits != 0)
            return w * 64 + (size_t)__builtin_ctzll(bits);
    }
    return iam_table_nactions;
}

/* Makes room for words [from, to). */
static void stretch(struct iam_action_set *s, size_t from, size_t to)
{
    if (s->from == s->to) {
        s->from = from;
        s->to = to;
    }
    s->from = from < s->from ? from : s->from;
    s->to = to > s->to ? to : s->to;
}

void iam_actions_add(struct iam_action_set *s, size_t i)
{
    stretch(s, i / 64, i / 64 + 1);
    s->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

void iam_actions_remove(struct iam_action_set *s, size_t i)
{
    s->bits[i / 64] &= ~((uint64_t)1 << (i % 64));
}

void iam_actions_join(struct iam_action_set *s, const struct iam_action_set *more)
{
    if (more->from < more->to)
        stretch(s, more->from, more->to);
    for (size_t w = more->from; w < more->to; w++)
        s->bits[w] |= more->bits[w];
}

void iam_actions_invert(struct iam_action_set *s)
{
    s->from = 0;
    s->to = s->nwords;
    for (size_t w = 0; w < s->nwords; w++)
        s->bits[w] = ~s->bits[w];
    for (size_t i = iam_table_nactions; i < s->nwords * 64; i++)
        iam_actions_remove(s, i); /* behind the last action there are none */
}

bool iam_actions_within(const struct iam_action_set *all, const struct iam_action_set *some)
{
    for (size_t w = some->from; w < some->to; w++)
        if ((some->bits[w] & ~all->bits[w]) != 0)
            return false;
    return true;
}

static void add(void *ctx, size_t i)
{
    iam_actions_add(ctx, i);
}

size_t iam_actions_match(struct slice pattern, struct iam_action_set *s)
{
    return iam_actions_each(pattern, add, s);
}

struct iam_texts iam_actions_resources(size_t i, struct arena *a)
{
    const struct iam_table_action *x = &iam_table_actions[i];
    struct slice *items = NULL;
    size_t n = 0;

    for (uint32_t t = iam_table_type_at[x->types]; t < iam_table_type_at[x->types + 1]; t++) {
        const uint16_t list = iam_table_types[iam_table_type_items[t]].arns;

        for (uint32_t k = iam_table_arn_at[list]; k < iam_table_arn_at[list + 1]; k++) {
            const struct iam_table_arn *arn = &iam_table_arns[iam_table_arn_items[k]];

            *(struct slice *)ARENA_PUSH(a, &items, &n) = text(arn->text, arn->len);
        }
    }
    return (struct iam_texts){items, n, false};
}

unsigned iam_actions_shape(size_t i)
{
    return iam_table_actions[i].types;
}

size_t iam_actions_arns(void)
{
    return iam_table_narns;
}

struct slice iam_actions_arn(size_t i)
{
    return text(iam_table_arns[i].text, iam_table_arns[i].len);
}

static bool has_arn(const struct iam_table_type *t, size_t arn)
{
    for (uint32_t k = iam_table_arn_at[t->arns]; k < iam_table_arn_at[t->arns + 1]; k++)
        if (iam_table_arn_items[k] == arn)
            return true;
    return false;
}

bool iam_actions_arn_used(size_t i)
{
    for (size_t a = 0; a < iam_table_nactions; a++) {
        const uint16_t list = iam_table_actions[a].types;

        if (a > 0 && list == iam_table_actions[a - 1].types)
            continue;
        for (uint32_t t = iam_table_type_at[list]; t < iam_table_type_at[list + 1]; t++)
            if (has_arn(&iam_table_types[iam_table_type_items[t]], i))
                return true;
    }
    return false;
}

/* "aws:RequestTag/${TagKey}" is whatever begins with "aws:RequestTag/" and goes on; what stands
 * behind the variable ends the key. */
static bool is_key(const struct iam_table_key *k, struct slice key)
{
    const struct slice name = text(k->name, k->len);
    const uint8_t *from = memchr(name.data, '$', name.len);
    const uint8_t *to = from != NULL ? memrchr(name.data, '}', name.len) : NULL;
    struct slice head, tail;

    if (to == NULL)
        return iam_glob_same(name, key);
    head = (struct slice){name.data, (size_t)(from - name.data)};
    tail = slice_from(name, (size_t)(to - name.data) + 1);
    return key.len > head.len + tail.len &&
           iam_glob_same((struct slice){key.data, head.len}, head) &&
           iam_glob_same(slice_from(key, key.len - tail.len), tail);
}

enum iam_key_type iam_actions_key_type(struct slice key)
{
    for (size_t i = 0; i < iam_table_nkeys; i++)
        if (is_key(&iam_table_keys[i], key))
            return (enum iam_key_type)iam_table_keys[i].type;
    return IAM_KEY_NONE;
}

bool iam_actions_key_global(struct slice key)
{
    for (size_t i = 0; i < iam_table_nkeys; i++)
        if (iam_table_keys[i].global && is_key(&iam_table_keys[i], key))
            return true;
    return false;
}

static bool in_list(uint16_t list, struct slice key)
{
    for (uint32_t k = iam_table_key_at[list]; k < iam_table_key_at[list + 1]; k++)
        if (is_key(&iam_table_keys[iam_table_key_items[k]], key))
            return true;
    return false;
}

bool iam_actions_key_own(size_t i, struct slice key)
{
    const struct iam_table_action *x = &iam_table_actions[i];

    if (in_list(x->keys, key))
        return true;
    for (uint32_t t = iam_table_type_at[x->types]; t < iam_table_type_at[x->types + 1]; t++)
        if (in_list(iam_table_types[iam_table_type_items[t]].keys, key))
            return true;
    return false;
}

bool iam_actions_key(size_t i, struct slice key)
{
    return iam_actions_key_own(i, key) || iam_actions_key_global(key);
}

struct iam_actions_source iam_actions_source(void)
{
    return (struct iam_actions_source){iam_table_version, iam_table_digest};
}
