/*
 * rules_build OUTDIR FILE...: puts the rule files into the program. Writes OUTDIR/rules.S, an
 * assembler file with the bytes of each file and the table that policies/builtin.h declares, and
 * beside it one OUTDIR/N.wire a file: its documents as base/value_wire.h tells values, without the
 * tests of its rules, so that a run reads no YAML.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/value_wire.h"
#include "base/yaml.h"
#include "policies/rule_file.h"

static void die(const char *path, const struct err *e)
{
    fprintf(stderr, "rules_build: %s: line %u: %s\n", path, (unsigned)e->line, e->text);
    exit(1);
}

/* A map as it was, but for one key. */
static const struct value *map_without(const struct value *map, const char *key, struct arena *a)
{
    struct value_member *members = ARENA_ARRAY(a, struct value_member, map->len);
    struct value *out = ARENA_NEW(a, struct value);
    uint32_t n = 0;

    for (uint32_t i = 0; i < map->len; i++)
        if (!slice_is(map->as.members[i].key, key))
            members[n++] = map->as.members[i];
    *out = *map;
    out->len = n;
    out->as.members = members;
    return out;
}

static const struct value *map_with(const struct value *map, const char *key,
                                    const struct value *to, struct arena *a)
{
    struct value_member *members = ARENA_ARRAY(a, struct value_member, map->len);
    struct value *out = ARENA_NEW(a, struct value);

    for (uint32_t i = 0; i < map->len; i++) {
        members[i] = map->as.members[i];
        if (slice_is(members[i].key, key))
            members[i].value = to;
    }
    *out = *map;
    out->as.members = members;
    return out;
}

/* A pack without the tests of its rules; anything else as it is. */
static const struct value *lean(const struct value *doc, struct arena *a)
{
    const struct value *rules = value_get(doc, "rules");
    const struct value **items;
    struct value *list;

    if (!value_is(doc, VALUE_MAP) || !value_is(rules, VALUE_LIST))
        return doc;
    items = ARENA_ARRAY(a, const struct value *, rules->len);
    for (uint32_t i = 0; i < rules->len; i++)
        items[i] = value_is(rules->as.items[i], VALUE_MAP)
                       ? map_without(rules->as.items[i], "tests", a)
                       : rules->as.items[i];
    list = ARENA_NEW(a, struct value);
    *list = *rules;
    list->as.items = items;
    return map_with(doc, "rules", list, a);
}

static const struct value *read_file(const char *path, struct slice text, struct arena *a)
{
    const struct schema_doc doc = {.file = path, .text = text, .arena = a};
    const struct yaml_options plain = {.many = true};
    const struct value *list = NULL;
    const struct value **items;
    struct value *out;
    struct err e = {0};

    /* What the scanner reads is no rule file. */
    if (strstr(path, "/detectors/") != NULL ? !yaml_read(text, &plain, a, &list, &e)
                                            : !rule_file_documents(&doc, &list, &e))
        die(path, &e);
    items = ARENA_ARRAY(a, const struct value *, list->len);
    for (uint32_t i = 0; i < list->len; i++)
        items[i] = lean(list->as.items[i], a);
    out = ARENA_NEW(a, struct value);
    *out = *list;
    out->as.items = items;
    return out;
}

static void put_file(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "wb");

    if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

/* The data of one file, and its row of the table. */
static void add(FILE *s, const char *dir, const char *path, int n)
{
    char wire[4096], digest[DIGEST_TEXT_MAX];
    struct arena a;
    struct slice text;
    struct digest d;
    struct err e = {0};
    struct buf b;

    arena_init(&a);
    buf_init(&b, (size_t)64 << 20);
    if (!file_read(path, LIMIT_POLICY_BYTES, &a, &text, &e))
        die(path, &e);
    value_wire_put(&b, read_file(path, text, &a));
    if (!buf_finish(&b, &e))
        die(path, &e);
    (void)snprintf(wire, sizeof(wire), "%s/%d.wire", dir, n);
    put_file(wire, &b);
    digest_of(text, DIGEST_SHA256, &d);
    digest_text(&d, digest);
    fprintf(s,
            ".balign 16\n.Ldata%d: .incbin \"%s\"\n.Lend%d: .byte 0\n.Lname%d: .asciz \"%s\"\n"
            ".Lsum%d: .asciz \"%s\"\n.balign 16\n.Lwire%d: .incbin \"%s\"\n.Lwired%d:\n",
            n, path, n, n, path, n, digest, n, wire, n);
    buf_release(&b);
    arena_release(&a);
}

int main(int argc, char **argv)
{
    char path[4096];
    FILE *s;

    if (argc < 3)
        return fprintf(stderr, "usage: rules_build OUTDIR FILE...\n"), 2;
    (void)snprintf(path, sizeof(path), "%s/rules.S", argv[1]);
    s = fopen(path, "w");
    if (s == NULL)
        return perror(path), 1;
    fprintf(s, ".section .note.GNU-stack,\"\",@progbits\n.section .rodata\n");
    for (int i = 2; i < argc; i++)
        add(s, argv[1], argv[i], i);
    fprintf(s, ".section .data.rel.ro,\"aw\",@progbits\n.balign 16\n.globl builtin_files\n"
               "builtin_files:\n");
    for (int i = 2; i < argc; i++)
        fprintf(s,
                ".quad .Lname%d, .Ldata%d, .Lend%d - .Ldata%d, .Lsum%d, .Lwire%d, "
                ".Lwired%d - .Lwire%d\n",
                i, i, i, i, i, i, i, i);
    fprintf(s, ".quad 0, 0, 0, 0, 0, 0\n");
    if (fclose(s) != 0)
        return perror(path), 1;
    return 0;
}
