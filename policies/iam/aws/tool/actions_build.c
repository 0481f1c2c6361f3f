/*
 * actions_build actions.txt OUT.c: the table of actions (iam_table.h) from its text
 * (actions.py says how that is written). A program of the host, run by the build.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policies/iam/aws/iam_table.h"

#define WORDS 512 /* of a line */

static void die(const char *what, const char *text)
{
    fprintf(stderr, "actions_build: %s: %s\n", what, text);
    exit(1);
}

static void *grow(void *p, size_t n, size_t size)
{
    if ((n & (n - 1)) == 0) {
        p = realloc(p, (n == 0 ? 1 : n * 2) * size);
        if (p == NULL)
            die("no memory", "");
    }
    return p;
}

/* Texts, each once. */
struct pool {
    char *bytes;
    size_t len, cap;
    uint32_t *table; /* place + 1 */
    size_t size, n;
};

static size_t slot(const struct pool *p, const char *text)
{
    size_t h = 5381;

    for (const char *c = text; *c != '\0'; c++)
        h = h * 33 ^ (unsigned char)*c;
    for (h %= p->size; p->table[h] != 0; h = (h + 1) % p->size)
        if (strcmp(p->bytes + p->table[h] - 1, text) == 0)
            break;
    return h;
}

static uint32_t intern(struct pool *p, const char *text)
{
    const size_t len = strlen(text) + 1;
    size_t at;

    if (p->size == 0) {
        p->size = 1u << 18;
        p->table = calloc(p->size, sizeof(*p->table));
        p->bytes = malloc(p->cap = 8u << 20);
        if (p->table == NULL || p->bytes == NULL)
            die("no memory", "");
    }
    at = slot(p, text);
    if (p->table[at] != 0)
        return p->table[at] - 1;
    if (p->len + len > p->cap || ++p->n > p->size / 2)
        die("too many names", text);
    memcpy(p->bytes + p->len, text, len);
    p->table[at] = (uint32_t)p->len + 1;
    p->len += len;
    return p->table[at] - 1;
}

/* Lists of numbers, each once. */
struct lists {
    uint32_t *at;
    size_t n;
    uint16_t *items;
    size_t nitems;
};

static uint16_t list(struct lists *l, const uint16_t *items, size_t n)
{
    if (l->n == 0) {
        l->at = grow(l->at, 0, sizeof(*l->at));
        l->at[0] = 0;
    }
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i + 1] - l->at[i] == n &&
            (n == 0 || memcmp(l->items + l->at[i], items, n * sizeof(*items)) == 0))
            return (uint16_t)i;
    for (size_t i = 0; i < n; i++) {
        l->items = grow(l->items, l->nitems, sizeof(*l->items));
        l->items[l->nitems++] = items[i];
    }
    l->at = grow(l->at, l->n + 1, sizeof(*l->at));
    l->at[++l->n] = (uint32_t)l->nitems;
    if (l->n > 65535)
        die("too many lists", "");
    return (uint16_t)(l->n - 1);
}

/* A number of the text, below 65536. */
static unsigned number(const char *text)
{
    unsigned v = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || v > 6553)
            die("a number", text);
        v = v * 10 + (unsigned)(*c - '0');
    }
    return v & 0xffff;
}

struct table {
    struct pool pool;
    struct iam_table_service *services;
    struct iam_table_action *actions;
    struct iam_table_key *keys;
    struct iam_table_type *types;
    struct iam_table_arn *arns;
    size_t nservices, nactions, nkeys, ntypes, narns;
    struct lists key_lists, type_lists, arn_lists;
    size_t first_type;    /* of the service at hand */
    uint16_t sets[65536]; /* of the service at hand: its sets' lists */
    char version[64], digest[128];
};

static uint8_t key_type(const char *name)
{
    static const char *const names[] = {"String",     "ARN",        "Bool",   "Numeric",
                                        "Date",       "IPAddress",  "Binary", "ArrayOfString",
                                        "ArrayOfARN", "ArrayOfBool"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return (uint8_t)i;
    die("a type of key", name);
    return 0;
}

static uint16_t key(struct table *t, const char *name, const char *type, bool global)
{
    const uint32_t at = intern(&t->pool, name);

    for (size_t i = 0; i < t->nkeys; i++)
        if (strcasecmp(t->pool.bytes + t->keys[i].name, name) == 0)
            return (uint16_t)i;
    t->keys = grow(t->keys, t->nkeys, sizeof(*t->keys));
    t->keys[t->nkeys] = (struct iam_table_key){at, (uint16_t)strlen(name), key_type(type), global};
    return (uint16_t)t->nkeys++;
}

static void on_keys(struct table *t, char **w, size_t n)
{
    uint16_t items[WORDS];

    for (size_t i = 2; i < n; i++)
        items[i - 2] = key(t, w[i], "String", false);
    t->sets[number(w[1])] = list(&t->key_lists, items, n - 2);
}

static void on_type(struct table *t, char **w, size_t n)
{
    uint16_t items[WORDS];

    for (size_t i = 3; i < n; i++) {
        t->arns = grow(t->arns, t->narns, sizeof(*t->arns));
        items[i - 3] = (uint16_t)t->narns;
        t->arns[t->narns++] =
            (struct iam_table_arn){intern(&t->pool, w[i]), (uint16_t)strlen(w[i])};
    }
    t->types = grow(t->types, t->ntypes, sizeof(*t->types));
    t->types[t->ntypes++] =
        (struct iam_table_type){intern(&t->pool, w[1]), (uint16_t)strlen(w[1]),
                                t->sets[number(w[2])], list(&t->arn_lists, items, n - 3)};
}

static void on_action(struct table *t, char **w, size_t n)
{
    static const char levels[] = "LRWTP";
    const char *level = strchr(levels, w[2][0]);
    struct iam_table_action *a;
    uint16_t items[WORDS];

    if (level == NULL || t->nservices == 0)
        die("an action", w[1]);
    for (size_t i = 4; i < n; i++) {
        size_t k = t->first_type;

        while (k < t->ntypes && strcasecmp(t->pool.bytes + t->types[k].name, w[i]) != 0)
            k++;
        if (k == t->ntypes)
            die("an action of an unknown type", w[i]);
        items[i - 4] = (uint16_t)k;
    }
    t->actions = grow(t->actions, t->nactions, sizeof(*t->actions));
    a = &t->actions[t->nactions++];
    *a = (struct iam_table_action){intern(&t->pool, w[1]),    (uint8_t)strlen(w[1]),
                                   (uint8_t)(level - levels), (uint16_t)(t->nservices - 1),
                                   t->sets[number(w[3])],     list(&t->type_lists, items, n - 4)};
    t->services[t->nservices - 1].n++;
}

static void on_service(struct table *t, char **w)
{
    t->services = grow(t->services, t->nservices, sizeof(*t->services));
    t->services[t->nservices++] = (struct iam_table_service){
        intern(&t->pool, w[1]), (uint32_t)t->nactions, 0, (uint32_t)strlen(w[1])};
    t->first_type = t->ntypes;
}

static void on_line(struct table *t, char *line)
{
    char *w[WORDS], *p = line;
    size_t n = 0;

    for (p += strspn(p, " \n"); *p != '\0'; p += strspn(p, " \n")) {
        if (n == WORDS)
            die("a line of too many words", w[0]);
        w[n++] = p;
        p += strcspn(p, " \n");
        if (*p != '\0')
            *p++ = '\0';
    }
    if (n == 0 || w[0][0] == '#')
        return;
    if (strcmp(w[0], "version") == 0 && n == 2)
        snprintf(t->version, sizeof(t->version), "%s", w[1]);
    else if (strcmp(w[0], "digest") == 0 && n == 2)
        snprintf(t->digest, sizeof(t->digest), "%s", w[1]);
    else if (strcmp(w[0], "global") == 0 && n == 3)
        (void)key(t, w[1], w[2], true);
    else if (strcmp(w[0], "key") == 0 && n == 3)
        (void)key(t, w[1], w[2], false);
    else if (strcmp(w[0], "keys") == 0 && n >= 2)
        on_keys(t, w, n);
    else if (strcmp(w[0], "service") == 0 && n == 2)
        on_service(t, w);
    else if (strcmp(w[0], "type") == 0 && n >= 4)
        on_type(t, w, n);
    else if (strcmp(w[0], "action") == 0 && n >= 4)
        on_action(t, w, n);
    else
        die("a line", w[0]);
}

static void write_pool(FILE *f, const struct pool *p)
{
    fputs("const char iam_table_pool[] =\n", f);
    for (size_t i = 0; i < p->len; i += strlen(p->bytes + i) + 1)
        fprintf(f, "    \"%s\\0\"\n", p->bytes + i);
    fputs("    \"\";\n", f);
}

static void write_lists(FILE *f, const char *name, const struct lists *l)
{
    fprintf(f, "const uint32_t iam_table_%s_at[] = {", name);
    for (size_t i = 0; i <= l->n; i++)
        fprintf(f, "%u,%s", l->at[i], i % 16 == 15 ? "\n" : " ");
    fprintf(f, "};\nconst uint16_t iam_table_%s_items[] = {", name);
    for (size_t i = 0; i < l->nitems; i++)
        fprintf(f, "%u,%s", l->items[i], i % 16 == 15 ? "\n" : " ");
    fputs("};\n", f);
}

static void write_rows(FILE *f, const struct table *t)
{
    fputs("const struct iam_table_service iam_table_services[] = {\n", f);
    for (size_t i = 0; i < t->nservices; i++)
        fprintf(f, "{%u, %u, %u, %u},\n", t->services[i].name, t->services[i].first,
                t->services[i].n, t->services[i].len);
    fputs("};\nconst struct iam_table_action iam_table_actions[] = {\n", f);
    for (size_t i = 0; i < t->nactions; i++)
        fprintf(f, "{%u, %u, %u, %u, %u, %u},\n", t->actions[i].name, t->actions[i].len,
                t->actions[i].level, t->actions[i].service, t->actions[i].keys,
                t->actions[i].types);
    fputs("};\nconst struct iam_table_key iam_table_keys[] = {\n", f);
    for (size_t i = 0; i < t->nkeys; i++)
        fprintf(f, "{%u, %u, %u, %u},\n", t->keys[i].name, t->keys[i].len, t->keys[i].type,
                t->keys[i].global);
    fputs("};\nconst struct iam_table_type iam_table_types[] = {\n", f);
    for (size_t i = 0; i < t->ntypes; i++)
        fprintf(f, "{%u, %u, %u, %u},\n", t->types[i].name, t->types[i].len, t->types[i].keys,
                t->types[i].arns);
    fputs("};\nconst struct iam_table_arn iam_table_arns[] = {\n", f);
    for (size_t i = 0; i < t->narns; i++)
        fprintf(f, "{%u, %u},\n", t->arns[i].text, t->arns[i].len);
    fputs("};\n", f);
}

int main(int argc, char **argv)
{
    static struct table t; /* large */
    static char line[1 << 16];
    FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
    FILE *f = argc == 3 ? fopen(argv[2], "w") : NULL;

    if (in == NULL || f == NULL)
        die("usage: actions_build TEXT OUT.c", argc > 1 ? argv[1] : "");
    while (fgets(line, sizeof(line), in) != NULL)
        on_line(&t, line);
    fputs("#include \"policies/iam/aws/iam_table.h\"\n", f);
    write_pool(f, &t.pool);
    write_rows(f, &t);
    write_lists(f, "key", &t.key_lists);
    write_lists(f, "type", &t.type_lists);
    write_lists(f, "arn", &t.arn_lists);
    fprintf(f,
            "const uint32_t iam_table_nservices = %zu;\nconst uint32_t iam_table_nactions = %zu;\n",
            t.nservices, t.nactions);
    fprintf(f, "const uint32_t iam_table_nkeys = %zu;\nconst uint32_t iam_table_ntypes = %zu;\n",
            t.nkeys, t.ntypes);
    fprintf(f, "const uint32_t iam_table_narns = %zu;\n", t.narns);
    fprintf(f,
            "const char iam_table_version[] = \"%s\";\nconst char iam_table_digest[] = \"%s\";\n",
            t.version, t.digest);
    fclose(in);
    return fclose(f) == 0 ? 0 : 1;
}
