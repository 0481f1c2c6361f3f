#include "scanner/formats/identity.h"

#include <stdlib.h>
#include <string.h>

/* SPEC: section 6.2, the default exclusions: at the top only. */
static const char *const git[] = {".git", ".gitattributes", ".github", ".gitignore"};

static bool is_under(const char *name, const char *path)
{
    const size_t n = strlen(path);

    return strncmp(name, path, n) == 0 && (name[n] == '\0' || name[n] == '/');
}

/* The path that leaves `name` out, or NULL. */
static const char *left_out_by(const struct identity *id, const char *name)
{
    if (!id->folder)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(git); i++)
        if (is_under(name, git[i]))
            return git[i];
    for (size_t i = 0; id->ignore != NULL && id->ignore[i] != NULL; i++)
        if (is_under(name, id->ignore[i]))
            return id->ignore[i];
    return NULL;
}

bool identity_leaves_out(const struct identity *id, const char *name)
{
    return left_out_by(id, name) != NULL;
}

/* SPEC: section 6.4: by code point, which for UTF-8 is by byte. */
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct identity_file *)a)->name, ((const struct identity_file *)b)->name);
}

/* A slash sorts in front of everything: "a/b" before "a.b". */
static int by_component(const void *a, const void *b)
{
    const char *x = ((const struct identity_file *)a)->name;
    const char *y = ((const struct identity_file *)b)->name;

    for (; *x != '\0' && *x == *y; x++)
        y++;
    if (*x == '/' || *y == '/')
        return *x == '\0' || *y == '\0' ? (*x != '\0') - (*y != '\0') : (*y == '/') - (*x == '/');
    return (unsigned char)*x - (unsigned char)*y;
}

static const char *root_of(struct identity *id, struct arena *a,
                           int (*order)(const void *, const void *))
{
    char text[DIGEST_TEXT_MAX];
    struct digest_ctx sha;
    struct digest root;

    if (id->n > 1)
        qsort(id->files, id->n, sizeof(id->files[0]), order);
    digest_init(&sha, DIGEST_SHA256);
    for (size_t i = 0; i < id->n; i++)
        if (!identity_leaves_out(id, id->files[i].name))
            digest_update(&sha, (struct slice){id->files[i].digest.bytes,
                                               digest_len(id->files[i].digest.alg)});
    digest_final(&sha, &root);
    digest_release(&sha);
    digest_text(&root, text);
    return arena_strdup(a, text);
}

static bool in_list(const char *const *list, size_t n, const char *s)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], s) == 0)
            return true;
    return false;
}

/* The paths that left something out, each once, in the order of the names. */
static const struct value *ignored(const struct identity *id, struct arena *a)
{
    const char **seen = NULL;
    struct value_builder list;
    size_t n = 0;

    value_list_begin(&list, a);
    for (size_t i = 0; i < id->n; i++) {
        const char *path = left_out_by(id, id->files[i].name);

        if (path == NULL || in_list((const char *const *)seen, n, path))
            continue;
        *(const char **)ARENA_PUSH(a, &seen, &n) = path;
        value_list_add(&list, value_bytes(a, slice_str(path), NULL));
    }
    return value_list_end(&list, NULL);
}

static const struct value *text_or_null(struct arena *a, const char *s)
{
    return s != NULL ? value_str(a, s) : value_null(a, NULL);
}

const struct value *identity_value(struct identity *id, struct arena *a)
{
    const char *reason = id->symlinks ? "symbolic links are not followed" : id->reason;
    const char *components = NULL, *root = NULL;
    uint64_t bytes = 0, resources = 0;
    struct value_builder b;

    if (reason == NULL)
        components = root_of(id, a, by_component);
    root = root_of(id, a, by_name); /* last: the order that stays */
    for (size_t i = 0; i < id->n; i++)
        if (!identity_leaves_out(id, id->files[i].name)) {
            bytes += id->files[i].bytes; /* each below 2^63, LIMIT_MODEL_BYTES in all */
            resources++;
        }
    value_map_begin(&b, a);
    value_map_add(&b, "method", value_str(a, "files"));
    value_map_add(&b, "hash", value_str(a, "sha256"));
    value_map_add(&b, "folder", value_bool(a, id->folder, NULL));
    value_map_add(&b, "root", text_or_null(a, reason == NULL ? root : NULL));
    value_map_add(&b, "root_by_component", text_or_null(a, components));
    value_map_add(&b, "resources", value_int(a, (int64_t)resources, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)bytes, NULL));
    value_map_add(&b, "ignored", ignored(id, a));
    value_map_add(&b, "symlinks", value_bool(a, id->symlinks, NULL));
    value_map_add(&b, "reason", text_or_null(a, reason));
    return value_map_end(&b, NULL);
}
