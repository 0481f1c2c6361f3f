#include "policies/rule_folder.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "policies/builtin.h"

struct listing {
    struct arena *arena;
    const char **folders; /* still to be read */
    unsigned *depths;
    size_t nfolders;
    const char **files;
    size_t nfiles;
};

static void close_folder(DIR **d)
{
    if (*d != NULL)
        closedir(*d);
}

static bool is_yaml(const char *name)
{
    return slice_ends(slice_str(name), ".yaml") || slice_ends(slice_str(name), ".yml");
}

static void push_folder(struct listing *l, const char *path, unsigned depth)
{
    size_t n = l->nfolders;

    *(const char **)ARENA_PUSH(l->arena, &l->folders, &l->nfolders) = path;
    *(unsigned *)ARENA_PUSH(l->arena, &l->depths, &n) = depth;
}

static bool take_entry(struct listing *l, const char *path, const char *name, unsigned depth,
                       struct err *e)
{
    struct stat st;

    if (name[0] == '.')
        return true;
    if (stat(path, &st) != 0)
        return err_sys(e, "%s", path);
    if (S_ISDIR(st.st_mode)) {
        if (depth == LIMIT_FOLDER_DEPTH)
            return err_fail(e, ERR_LIMIT, "%s: more than %d folders deep (LIMIT_FOLDER_DEPTH)",
                            path, LIMIT_FOLDER_DEPTH);
        push_folder(l, path, depth + 1);
    } else if (is_yaml(name)) {
        if (l->nfiles == LIMIT_POLICY_FILES)
            return err_fail(e, ERR_LIMIT, "%s: more than %d files (LIMIT_POLICY_FILES)", path,
                            LIMIT_POLICY_FILES);
        *(const char **)ARENA_PUSH(l->arena, &l->files, &l->nfiles) = path;
    }
    return true;
}

static bool list_folder(struct listing *l, const char *path, unsigned depth, struct err *e)
{
    __attribute__((cleanup(close_folder))) DIR *d = opendir(path);
    const char *slash = slice_ends(slice_str(path), "/") ? "" : "/";

    if (d == NULL)
        return err_sys(e, "%s", path);
    for (;;) {
        struct dirent *entry;

        errno = 0;
        entry = readdir(d);
        if (entry == NULL)
            return errno == 0 || err_sys(e, "%s", path);
        if (!take_entry(l, arena_printf(l->arena, "%s%s%s", path, slash, entry->d_name),
                        entry->d_name, depth, e))
            return false;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_detectors(const char *inside)
{
    return strncmp(inside, "detectors/", 10) == 0;
}

/* `inside`: the path within the folder. What the scanner is built from lies in detectors/ of the
 * rules; an operator's own folder has no such corner. */
static bool add_bytes(struct rule_loader *l, const char *path, const char *inside,
                      struct slice text, struct err *e)
{
    if (l->extra || !is_detectors(inside))
        return rule_file_add(l, path, text, e);
    rule_file_digest(l, path, text);
    return true;
}

static bool add_file(struct rule_loader *l, const char *path, const char *inside, struct err *e)
{
    struct slice text;

    return file_read(path, LIMIT_POLICY_BYTES, l->arena, &text, e) &&
           add_bytes(l, path, inside, text, e);
}

bool rule_folder_add(struct rule_loader *l, const char *path, struct err *e)
{
    struct listing list = {.arena = l->arena};
    struct stat st;

    if (stat(path, &st) != 0)
        return err_sys(e, "%s", path);
    if (!S_ISDIR(st.st_mode))
        return add_file(l, path, path, e);
    push_folder(&list, path, 0);
    while (list.nfolders > 0) {
        const char *folder = list.folders[list.nfolders - 1];
        unsigned depth = list.depths[list.nfolders - 1];

        list.nfolders--;
        if (!list_folder(&list, folder, depth, e))
            return false;
    }
    if (list.nfiles == 0)
        return err_fail(e, ERR_USAGE, "%s: the folder holds no *.yaml file", path);
    qsort(list.files, list.nfiles, sizeof(list.files[0]), by_name);
    for (size_t i = 0; i < list.nfiles; i++)
        if (!add_file(l, list.files[i],
                      list.files[i] + strlen(path) + (slice_ends(slice_str(path), "/") ? 0 : 1), e))
            return false;
    return true;
}

/* As the build read it. */
static bool add_read(struct rule_loader *l, const struct builtin_file *f, const char *inside,
                     struct err *e)
{
    struct rule_file_read read = {f->name, f->digest, {f->data, f->len}, NULL};

    if (is_detectors(inside)) {
        rule_file_named(l, f->name, f->digest);
        return true;
    }
    return builtin_documents(f, l->arena, &read.documents, e) && rule_file_take(l, &read, e);
}

bool rule_folder_builtin(struct rule_loader *l, struct err *e)
{
    for (const struct builtin_file *f = builtin_files; f->name != NULL; f++) {
        const char *inside = strncmp(f->name, "rules/", 6) == 0 ? f->name + 6 : f->name;

        if (l->lean ? !add_read(l, f, inside, e)
                    : !add_bytes(l, f->name, inside, (struct slice){f->data, f->len}, e))
            return false;
    }
    return true;
}
