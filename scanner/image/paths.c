#include "scanner/image/paths.h"

#include <string.h>

#define BUCKETS 1024
#define STEPS_MAX 100000 /* of one comparison; ours take fewer than the bytes of the path */

struct glob {
    const char *text;
    size_t detector;
    struct slice whole_prefix; /* literal start of the glob; empty behind a double star */
    struct slice name;         /* literal start of its last name, or all of it */
    struct slice suffix;       /* literal end */
    const struct glob *next;
};

struct paths {
    const struct glob *by_name[BUCKETS]; /* globs that end in a literal name */
    const struct glob *others;
};

static size_t bucket(struct slice name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ name.data[i]) * 16777619u;
    return h % BUCKETS;
}

static bool is_meta(char c)
{
    return c == '*' || c == '?' || c == '[';
}

static size_t literal_len(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0' && !is_meta(s[n]))
        n++;
    return n;
}

static void index_glob(struct paths *p, struct arena *a, const char *text, size_t detector)
{
    const char *last = strrchr(text, '/');
    const char *name = last == NULL ? text : last + 1;
    struct glob *g = ARENA_NEW(a, struct glob);
    size_t end = strlen(text), n;

    g->text = text;
    g->detector = detector;
    g->whole_prefix = (struct slice){(const uint8_t *)text, literal_len(text)};
    n = literal_len(name);
    g->name = (struct slice){(const uint8_t *)name, n};
    if (name[n] == '\0') {
        const size_t b = bucket(g->name);

        g->next = p->by_name[b];
        p->by_name[b] = g;
        return;
    }
    while (end > 0 && !is_meta(text[end - 1]) && text[end - 1] != ']')
        end--;
    g->suffix = slice_str(text + end);
    if (strcmp(name, "**") == 0)
        g->name.len = 0;
    g->next = p->others;
    p->others = g;
}

const struct paths *paths_new(struct arena *a)
{
    struct paths *p = ARENA_NEW(a, struct paths);

    for (size_t i = 0; i < detectors_npaths; i++)
        for (const char *const *g = detectors_path[i].globs; *g != NULL; g++)
            index_glob(p, a, *g, i);
    return p;
}

/* One [class]; `*g` stands behind the '[' and ends behind the ']'. */
static bool class_has(const char **g, uint8_t c)
{
    bool found = false;

    for (; **g != ']' && **g != '\0'; (*g)++) {
        if ((*g)[1] == '-' && (*g)[2] != ']' && (*g)[2] != '\0') {
            found = found || (c >= (uint8_t)(*g)[0] && c <= (uint8_t)(*g)[2]);
            *g += 2;
        } else {
            found = found || c == (uint8_t) * *g;
        }
    }
    if (**g == ']')
        (*g)++;
    return found && c != '/';
}

/* A place to come back to when the rest does not match: behind a star, one byte later. */
struct star {
    const char *glob;
    size_t at;
    bool any; /* a double star: may pass '/' */
};

static bool one(const char **g, struct slice path, size_t *at)
{
    const uint8_t c = path.data[*at];

    (*at)++;
    if (**g == '?') {
        (*g)++;
        return c != '/';
    }
    if (**g == '[') {
        (*g)++;
        return class_has(g, c);
    }
    return (uint8_t) * (*g)++ == c;
}

/* Both kinds of star, with the last of each remembered. */
bool paths_glob(const char *glob, struct slice path)
{
    struct star near = {NULL, 0, false}, far = {NULL, 0, true};
    const char *g = glob;
    size_t at = 0;

    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        if (strncmp(g, "**", 2) == 0) {
            g += g[2] == '/' ? 3 : 2;
            far = (struct star){g, at, true};
            near.glob = NULL;
            continue;
        }
        if (*g == '*') {
            near = (struct star){++g, at, false};
            continue;
        }
        if (*g == '\0' && at == path.len)
            return true;
        if (*g != '\0' && at < path.len && one(&g, path, &at))
            continue;
        if (near.glob != NULL && near.at < path.len && path.data[near.at] != '/') {
            g = near.glob;
            at = ++near.at;
            continue;
        }
        near.glob = NULL;
        if (far.glob == NULL || far.at >= path.len)
            return false;
        /* a double star gives whole names only, but at the end of a glob it takes everything */
        do
            far.at++;
        while (far.at < path.len && *far.glob != '\0' && path.data[far.at - 1] != '/');
        if (far.at >= path.len && *far.glob != '\0')
            return false;
        g = far.glob;
        at = far.at;
    }
    return false;
}

static bool worth_a_look(const struct glob *g, struct slice path, struct slice name)
{
    return path.len >= g->whole_prefix.len && name.len >= g->name.len &&
           memcmp(path.data, g->whole_prefix.data, g->whole_prefix.len) == 0 &&
           memcmp(name.data, g->name.data, g->name.len) == 0 && path.len >= g->suffix.len &&
           memcmp(path.data + path.len - g->suffix.len, g->suffix.data, g->suffix.len) == 0;
}

static size_t add(const struct detectors_path *out[PATHS_MATCHES_MAX], size_t n, size_t detector)
{
    const struct detectors_path *d = &detectors_path[detector];
    size_t at = n;

    while (at > 0 && out[at - 1] >= d)
        at--;
    if ((at < n && out[at] == d) || n == PATHS_MATCHES_MAX)
        return n;
    memmove(out + at + 1, out + at, (n - at) * sizeof(void *));
    out[at] = d;
    return n + 1;
}

size_t paths_match(const struct paths *p, struct slice path,
                   const struct detectors_path *out[PATHS_MATCHES_MAX])
{
    const struct slice name = slice_base_name(path);
    size_t n = 0;

    if (path.len == 0)
        return 0;
    for (const struct glob *g = p->by_name[bucket(name)]; g != NULL; g = g->next)
        if (slice_eq(g->name, name) && paths_glob(g->text, path))
            n = add(out, n, g->detector);
    for (const struct glob *g = p->others; g != NULL; g = g->next)
        if (worth_a_look(g, path, name) && paths_glob(g->text, path))
            n = add(out, n, g->detector);
    return n;
}

const struct value *paths_told(struct arena *a, struct slice path)
{
    uint8_t *text = arena_alloc(a, path.len + 1);

    text[0] = '/';
    if (path.len > 0)
        memcpy(text + 1, path.data, path.len);
    return value_bytes(a, (struct slice){text, path.len + 1}, NULL);
}
