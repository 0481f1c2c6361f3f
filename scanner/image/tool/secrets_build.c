/*
 * Build time only: reads rules/detectors/{secrets,paths}.yaml, compiles the pattern database for
 * plain x86-64 and writes OUT/detectors.c and OUT/detectors_db.S. Usage: secrets_build SECRETS.yaml
 * PATHS.yaml OUT. Any fault ends the build.
 */
#include <hs/hs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DETECTORS_MAX 512
#define PATTERN_TEXT_MAX 1024 /* bytes */

struct document {
    yaml_document_t yaml;
    yaml_node_t *list; /* of `detectors` */
    const char *path;
};

__attribute__((noreturn, format(printf, 2, 3))) static void die(const char *where, const char *fmt,
                                                                ...)
{
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "secrets_build: %s: ", where);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static const char *text_of(const yaml_node_t *n)
{
    return n != NULL && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static yaml_node_t *member(struct document *d, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        die(d->path, "a map was expected");
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *name = text_of(yaml_document_get_node(&d->yaml, p->key));

        if (name != NULL && strcmp(name, key) == 0)
            return yaml_document_get_node(&d->yaml, p->value);
    }
    return NULL;
}

static const char *text(struct document *d, const yaml_node_t *map, const char *key,
                        const char *fallback)
{
    const char *value = text_of(member(d, map, key));

    if (value == NULL)
        value = fallback;
    if (value == NULL)
        die(d->path, "line %zu: no %s", map->start_mark.line + 1, key);
    return value;
}

static void open_document(struct document *d, const char *path)
{
    FILE *f = fopen(path, "rb");
    yaml_parser_t parser;

    d->path = path;
    if (f == NULL || !yaml_parser_initialize(&parser))
        die(path, "cannot be read");
    yaml_parser_set_input_file(&parser, f);
    if (!yaml_parser_load(&parser, &d->yaml))
        die(path, "line %zu: %s", parser.problem_mark.line + 1, parser.problem);
    yaml_parser_delete(&parser);
    fclose(f);
    d->list = member(d, yaml_document_get_root_node(&d->yaml), "detectors");
    if (d->list == NULL || d->list->type != YAML_SEQUENCE_NODE)
        die(path, "no list of detectors");
}

static size_t count(const struct document *d)
{
    const size_t n =
        (size_t)(d->list->data.sequence.items.top - d->list->data.sequence.items.start);

    if (n == 0 || n > DETECTORS_MAX)
        die(d->path, "%zu detectors, 1 to %d allowed", n, DETECTORS_MAX);
    return n;
}

static yaml_node_t *item(struct document *d, size_t i)
{
    return yaml_document_get_node(&d->yaml, d->list->data.sequence.items.start[i]);
}

static void put_text(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s != '\0'; s++)
        if (*s == '"' || *s == '\\' || *s == '?')
            fprintf(f, "\\%c", *s);
        else
            fputc(*s, f);
    fputc('"', f);
}

static const char *check_name(const struct document *d, const char *check)
{
    static const char *const names[][2] = {{"none", "DETECTORS_NONE"},
                                           {"entropy", "DETECTORS_ENTROPY"},
                                           {"generic", "DETECTORS_GENERIC"},
                                           {"pem", "DETECTORS_PEM"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(check, names[i][0]) == 0)
            return names[i][1];
    die(d->path, "unknown check %s", check);
}

/* The beginning of a row: the texts of these members, in that order. */
static void put_members(FILE *f, struct document *d, const yaml_node_t *m, const char *const *names)
{
    fprintf(f, "    {");
    for (; *names != NULL; names++) {
        put_text(f, text(d, m, *names, NULL));
        fprintf(f, ",\n     ");
    }
}

static void put_secrets(FILE *f, struct document *d)
{
    const size_t n = count(d);

    fprintf(f, "const struct detectors_secret detectors_secret[] = {\n");
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *m = item(d, i);
        const char *edges = text(d, m, "edges", "both");

        if (strcmp(edges, "both") != 0 && strcmp(edges, "left") != 0 && strcmp(edges, "none") != 0)
            die(d->path, "edges: %s", edges);
        put_members(f, d, m, (const char *const[]){"id", "title", "severity", "pattern", NULL});
        fprintf(f, "%s, %s, %s, %s},\n", check_name(d, text(d, m, "check", NULL)),
                text(d, m, "entropy", "0"), strcmp(edges, "none") != 0 ? "true" : "false",
                strcmp(edges, "both") == 0 ? "true" : "false");
    }
    fprintf(f, "};\nconst size_t detectors_nsecrets = %zu;\n", n);
}

static void put_globs(FILE *f, struct document *d, size_t i)
{
    const yaml_node_t *globs = member(d, item(d, i), "globs");

    if (globs == NULL || globs->type != YAML_SEQUENCE_NODE)
        die(d->path, "a detector without globs");
    fprintf(f, "static const char *const globs_%zu[] = {", i);
    for (yaml_node_item_t *g = globs->data.sequence.items.start; g < globs->data.sequence.items.top;
         g++) {
        const char *glob = text_of(yaml_document_get_node(&d->yaml, *g));

        if (glob == NULL || glob[0] == '/' || glob[0] == '\0')
            die(d->path, "a glob is relative and not empty");
        put_text(f, glob);
        fprintf(f, ", ");
    }
    fprintf(f, "NULL};\n");
}

static void put_paths(FILE *f, struct document *d)
{
    const size_t n = count(d);

    for (size_t i = 0; i < n; i++)
        put_globs(f, d, i);
    fprintf(f, "const struct detectors_path detectors_path[] = {\n");
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *m = item(d, i);

        put_members(f, d, m, (const char *const[]){"id", "title", "group", NULL});
        fprintf(f, "%s, globs_%zu},\n", text(d, m, "credential", "false"), i);
    }
    fprintf(f, "};\nconst size_t detectors_npaths = %zu;\n", n);
}

/* The database finds where the shortest form of a match ends, so a trailing {m,n} becomes {m}:
 * fewer calls, and the longest form is found by the exact matcher. */
static void shorten(const char *pattern, char out[PATTERN_TEXT_MAX])
{
    const size_t len = strlen(pattern);
    const char *open = strrchr(pattern, '{'), *comma = strrchr(pattern, ',');

    if (len >= PATTERN_TEXT_MAX)
        die(pattern, "longer than %d bytes", PATTERN_TEXT_MAX);
    memcpy(out, pattern, len + 1);
    if (open == NULL || comma == NULL || comma < open || pattern[len - 1] != '}')
        return;
    out[comma - pattern] = '}';
    out[comma - pattern + 1] = '\0';
}

static hs_database_t *compile(struct document *d)
{
    static char shorter[DETECTORS_MAX][PATTERN_TEXT_MAX];
    static const char *patterns[DETECTORS_MAX];
    static unsigned flags[DETECTORS_MAX], ids[DETECTORS_MAX];
    const hs_platform_info_t plain = {0};
    hs_compile_error_t *why = NULL;
    hs_database_t *db = NULL;
    const size_t n = count(d);

    for (size_t i = 0; i < n; i++) {
        shorten(text(d, item(d, i), "pattern", NULL), shorter[i]);
        patterns[i] = shorter[i];
        flags[i] = HS_FLAG_DOTALL;
        ids[i] = (unsigned)i;
    }
    if (hs_compile_multi(patterns, flags, ids, (unsigned)n, HS_MODE_STREAM, &plain, &db, &why) !=
        HS_SUCCESS)
        die(why->expression >= 0 ? patterns[why->expression] : d->path, "%s", why->message);
    return db;
}

static void write_database(hs_database_t *db, const char *out)
{
    char path[4096];
    char *bytes;
    size_t len;
    FILE *f;

    if (hs_serialize_database(db, &bytes, &len) != HS_SUCCESS)
        die(out, "the database cannot be written");
    snprintf(path, sizeof(path), "%s/detectors_db.S", out);
    f = fopen(path, "wb");
    if (f == NULL)
        die(path, "cannot be written");
    fprintf(f, "    .section .rodata\n    .balign 64\n    .globl detectors_db\ndetectors_db:\n");
    for (size_t i = 0; i < len; i++)
        fprintf(f, "%s%u", i % 32 == 0 ? "\n    .byte " : ",", (unsigned)(unsigned char)bytes[i]);
    fprintf(f, "\n    .globl detectors_db_end\ndetectors_db_end:\n"
               "    .byte 0\n    .section .note.GNU-stack,\"\",@progbits\n");
    if (fclose(f) != 0)
        die(path, "cannot be written");
    free(bytes);
}

int main(int argc, char **argv)
{
    struct document secrets, paths;
    char path[4096];
    FILE *f;

    if (argc != 4)
        die("usage", "SECRETS.yaml PATHS.yaml OUT");
    open_document(&secrets, argv[1]);
    open_document(&paths, argv[2]);
    write_database(compile(&secrets), argv[3]);
    snprintf(path, sizeof(path), "%s/detectors.c", argv[3]);
    f = fopen(path, "wb");
    if (f == NULL)
        die(path, "cannot be written");
    fprintf(f, "/* Made from rules/detectors/ by secrets_build. */\n"
               "#include \"scanner/image/detectors.h\"\n\n");
    put_secrets(f, &secrets);
    put_paths(f, &paths);
    if (fclose(f) != 0)
        die(path, "cannot be written");
    return 0;
}
