#include "scanner/input/input_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/limits.h"

struct walk {
    struct input *in;
    struct arena *arena;
    const char **folders; /* still to be read; relative to the root, "" is the root */
    size_t nfolders;
    size_t seen; /* names of all kinds, folders too */
};

int input_list_open(int root, const char *name, unsigned flags)
{
    const struct open_how how = {.flags = flags | O_CLOEXEC,
                                 .resolve =
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd;

    do
        fd = syscall(SYS_openat2, root, name, &how, sizeof(how));
    while (fd < 0 && errno == EINTR);
    return (int)fd;
}

static void close_folder(DIR **d)
{
    if (*d != NULL)
        closedir(*d);
}

/* One name of a folder becomes an entry or a folder still to be read. */
static bool add(struct walk *w, DIR *dir, const char *folder, const char *name, struct err *e)
{
    struct input_entry *entry;
    const char *path;
    struct stat st;

    if (++w->seen > LIMIT_ENTRIES)
        return err_fail(e, ERR_LIMIT, "more than %d files and folders (LIMIT_ENTRIES)",
                        LIMIT_ENTRIES);
    if (strlen(folder) + 1 + strlen(name) > LIMIT_NAME_BYTES)
        return err_fail(e, ERR_LIMIT, "a path of more than %d bytes (LIMIT_NAME_BYTES)",
                        LIMIT_NAME_BYTES);
    path = folder[0] == '\0' ? arena_strdup(w->arena, name)
                             : arena_printf(w->arena, "%s/%s", folder, name);
    if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return err_sys(e, "cannot look at %s", path);
    if (S_ISDIR(st.st_mode)) {
        const char **to = ARENA_PUSH(w->arena, &w->folders, &w->nfolders);

        *to = path;
        return true;
    }
    entry = ARENA_PUSH(w->arena, &w->in->entries, &w->in->nentries);
    entry->name = path;
    entry->mode = (uint32_t)(st.st_mode & 07777);
    entry->kind = S_ISREG(st.st_mode)   ? ENTRY_FILE
                  : S_ISLNK(st.st_mode) ? ENTRY_SYMLINK
                                        : ENTRY_OTHER;
    entry->size = entry->kind == ENTRY_FILE ? (uint64_t)st.st_size : 0;
    return true;
}

static bool read_folder(struct walk *w, const char *folder, struct err *e)
{
    const char *shown = folder[0] == '\0' ? "." : folder;
    __attribute__((cleanup(close_folder))) DIR *dir = NULL;
    const struct dirent *d;
    int fd = input_list_open(w->in->root, shown, O_RDONLY | O_DIRECTORY);

    if (fd >= 0)
        dir = fdopendir(fd);
    if (dir == NULL) {
        err_set_sys(e, errno, "cannot list folder %s", shown);
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (;;) {
        errno = 0;
        d = readdir(dir);
        if (d == NULL)
            return errno == 0 || err_sys(e, "cannot list folder %s", shown);
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
            !add(w, dir, folder, d->d_name, e))
            return false;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct input_entry *)a)->name, ((const struct input_entry *)b)->name);
}

bool input_list_walk(struct input *in, struct arena *a, struct err *e)
{
    struct walk w = {.in = in, .arena = a};
    const char **to = ARENA_PUSH(a, &w.folders, &w.nfolders);

    *to = "";
    for (size_t i = 0; i < w.nfolders; i++)
        if (!read_folder(&w, w.folders[i], e))
            return false;
    if (in->nentries > 1)
        qsort(in->entries, in->nentries, sizeof(*in->entries), by_name);
    return true;
}
