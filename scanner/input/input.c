#include "scanner/input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/input/input_list.h"

enum shape { SHAPE_NONE, SHAPE_FOLDER, SHAPE_FILE };

struct kind {
    const char *name;
    enum shape shape;
    bool has_ref;
};

static const struct kind kinds[] = {
#define INPUT(name, shape, has_ref, summary) {name, shape, has_ref},
#include "scanner/input/inputs.def"
#undef INPUT
};

const struct input_scheme input_schemes[] = {
#define INPUT(name, shape, has_ref, summary) {name, summary},
#include "scanner/input/inputs.def"
#undef INPUT
    {NULL, NULL},
};

static const struct kind *kind_named(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
            return &kinds[i];
    return NULL;
}

/* What stands at the operator's path; links of the operator are followed. Of nothing, errno says
 * why. */
static enum shape shape_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return SHAPE_NONE;
    return S_ISDIR(st.st_mode) ? SHAPE_FOLDER : SHAPE_FILE;
}

/* ---- guessing ---- */
static bool all_hex(const char *s, size_t n)
{
    return strspn(s, "0123456789abcdef") >= n;
}

/* The kind of archive that has a member of this name among its first ones, or NULL. */
static const char *archive_with(const char *name)
{
    static const char *const oci[] = {"oci-layout", "index.json", "blobs", "blobs/"};
    static const char *const docker[] = {"manifest.json", "repositories"};

    if (strncmp(name, "./", 2) == 0)
        name += 2;
    if (strncmp(name, "blobs/sha", 9) == 0)
        return "oci-archive";
    for (size_t i = 0; i < ARRAY_LEN(oci); i++)
        if (strcmp(name, oci[i]) == 0)
            return "oci-archive";
    for (size_t i = 0; i < ARRAY_LEN(docker); i++)
        if (strcmp(name, docker[i]) == 0)
            return "docker-archive";
    if (all_hex(name, 64) &&
        (name[64] == '/' || strcmp(name + 64, ".tar") == 0 || strcmp(name + 64, ".json") == 0))
        return "docker-archive";
    return NULL;
}

/* A look at fixed places of the first blocks: folders have no content, so their headers follow one
 * another. Nothing is parsed; a wrong guess is told to the operator and fails in the worker. */
static const char *guess_file(int fd)
{
    char block[8][512];
    char name[101] = {0};
    ssize_t got = pread(fd, block, sizeof(block), 0);

    for (size_t i = 0; i < 8 && got >= (ssize_t)((i + 1) * 512); i++) {
        const char *found;

        if (memcmp(block[i] + 257, "ustar", 5) != 0)
            break;
        memcpy(name, block[i], 100);
        found = archive_with(name);
        if (found != NULL)
            return found;
        if (block[i][156] != '5')
            break;
    }
    return "file";
}

static const char *guess(const char *path, enum shape shape)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (shape == SHAPE_FOLDER)
        return fd >= 0 && fstatat(fd, "oci-layout", &st, AT_SYMLINK_NOFOLLOW) == 0 ? "oci" : "dir";
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return "file";
    return guess_file(fd);
}

/* ---- the operator's words ---- */
/* Splits "PATH:REF" or "PATH@ALG:HEX" at the last place that leaves something of the right
 * shape in front (SHAPE_NONE: anything). */
static bool split_ref(const char *text, enum shape shape, struct arena *a, struct input *in)
{
    for (size_t i = strlen(text); i-- > 1;) {
        char *path;

        if ((text[i] != ':' && text[i] != '@') || text[i + 1] == '\0')
            continue;
        path = arena_strndup(a, (struct slice){(const uint8_t *)text, i});
        if (shape_of(path) == SHAPE_NONE || (shape != SHAPE_NONE && shape_of(path) != shape))
            continue;
        in->path = path;
        in->ref = arena_strdup(a, text + i + 1);
        return true;
    }
    return false;
}

static bool parse_bare(const char *spec, struct arena *a, struct input *in, struct err *e)
{
    const char *given = spec;

    in->guessed = true;
    if (shape_of(spec) != SHAPE_NONE)
        in->path = arena_strdup(a, spec);
    else if (errno != ENOENT && errno != ENOTDIR)
        return err_sys(e, "cannot look at it");
    else if (!split_ref(spec, SHAPE_NONE, a, in))
        return err_fail(e, ERR_IO, "no such file or folder");
    in->scheme = guess(in->path, shape_of(in->path));
    if (in->ref != NULL && !kind_named(in->scheme, strlen(in->scheme))->has_ref)
        return err_fail(e, ERR_IO, "no such file or folder");
    in->spec = arena_printf(a, "%s:%s", in->scheme, given);
    return true;
}

static bool one_of(const char *const *names, size_t n, const char *spec, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) == len && memcmp(names[i], spec, len) == 0)
            return true;
    return false;
}

/* Does `spec` begin like "docker://" or "https://", a transport that others know? Then `e` says how
 * to come by what it names. */
static bool foreign(const char *spec, size_t len, struct err *e)
{
    static const char *const images[] = {"docker", "docker-daemon", "containers-storage", "ostree",
                                         "sif"};
    static const char *const files[] = {"http", "https", "s3", "gs", "hf"};

    if (one_of(images, ARRAY_LEN(images), spec, len))
        err_set(e, ERR_UNSUPPORTED, ERR_NO_OFFSET,
                "nothing is fetched: copy it to a folder first, as with skopeo copy %s oci:DIR",
                spec);
    else if (one_of(files, ARRAY_LEN(files), spec, len))
        err_set(e, ERR_UNSUPPORTED, ERR_NO_OFFSET, "nothing is fetched: download it first");
    else
        return false;
    return true;
}

static bool parse(const char *spec, struct arena *a, struct input *in, struct err *e)
{
    const char *colon = strchr(spec, ':');
    const size_t len = colon == NULL ? 0 : (size_t)(colon - spec);
    const struct kind *k = colon == NULL ? NULL : kind_named(spec, len);

    if (k == NULL && shape_of(spec) == SHAPE_NONE && foreign(spec, len, e))
        return false;
    if (k == NULL)
        return parse_bare(spec, a, in, e);
    in->spec = arena_strdup(a, spec);
    in->scheme = k->name;
    in->path = arena_strdup(a, colon + 1);
    if (in->path[0] == '\0')
        return err_fail(e, ERR_USAGE, "no path behind the prefix");
    if (k->has_ref && shape_of(in->path) == SHAPE_NONE)
        (void)split_ref(colon + 1, k->shape, a, in);
    return true;
}

/* ---- opening ---- */
/* Opens the operator's path, never as one of the three standard descriptors. */
static int open_root(const char *path, int flags)
{
    AUTO_CLOSE int fd = open(path, flags | O_CLOEXEC);

    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static bool open_folder(struct input *in, struct arena *a, struct err *e)
{
    in->root = open_root(in->path, O_PATH | O_DIRECTORY);
    if (in->root < 0)
        return err_sys(e, "cannot open folder");
    return input_list_walk(in, a, e);
}

/* `fd` must be a regular file of `size` bytes when that is known. */
static bool check_regular(int fd, const struct input_entry *listed, struct stat *st, struct err *e)
{
    if (fstat(fd, st) != 0)
        return err_sys(e, "cannot look at it");
    if (!S_ISREG(st->st_mode))
        return err_fail(e, ERR_IO, "not a regular file");
    if (listed != NULL && (uint64_t)st->st_size != listed->size)
        return err_fail(e, ERR_IO,
                        "the file has %" PRIu64 " bytes, it had %" PRIu64 " when it was listed",
                        (uint64_t)st->st_size, listed->size);
    return true;
}

static bool open_file(struct input *in, struct arena *a, struct err *e)
{
    const char *slash = strrchr(in->path, '/');
    struct input_entry *entry;
    struct stat st;

    /* O_NONBLOCK: a fifo must not hang us */
    in->root = open_root(in->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (in->root < 0)
        return err_sys(e, "cannot open file");
    if (!check_regular(in->root, NULL, &st, e))
        return false;
    entry = ARENA_PUSH(a, &in->entries, &in->nentries);
    entry->name = slash == NULL ? in->path : slash + 1;
    entry->size = (uint64_t)st.st_size;
    entry->kind = ENTRY_FILE;
    entry->mode = (uint32_t)(st.st_mode & 07777);
    return true;
}

bool input_open(const char *spec, struct arena *a, struct input *in, struct err *e)
{
    struct input made = {.root = -1};
    bool ok = parse(spec, a, &made, e);

    if (ok && kind_named(made.scheme, strlen(made.scheme))->shape == SHAPE_FOLDER)
        ok = open_folder(&made, a, e);
    else if (ok)
        ok = open_file(&made, a, e);
    if (!ok) {
        input_release(&made);
        return false;
    }
    *in = made;
    return true;
}

void input_release(struct input *in)
{
    if (in->root > STDERR_FILENO) /* so that a zeroed input may be released too */
        close(in->root);
    in->root = -1;
}

bool input_entry_open(const struct input *in, size_t i, int *fd, struct err *e)
{
    const struct input_entry *entry;
    struct stat st;
    int made;

    if (i >= in->nentries)
        return err_fail(e, ERR_IO, "the input has no entry %zu", i);
    entry = &in->entries[i];
    if (entry->kind == ENTRY_SYMLINK)
        return err_fail(e, ERR_IO, "%s is a symbolic link, links are not followed", entry->name);
    if (entry->kind == ENTRY_OTHER)
        return err_fail(e, ERR_IO, "%s is not a regular file", entry->name);
    if (fstat(in->root, &st) != 0)
        return err_sys(e, "cannot look at the input");
    made = S_ISDIR(st.st_mode)
               ? input_list_open(in->root, entry->name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
               : fcntl(in->root, F_DUPFD_CLOEXEC, 0);
    if (made < 0)
        return err_sys(e, "cannot open %s", entry->name);
    if (!check_regular(made, entry, &st, e)) {
        close(made);
        return err_in(e, "%s", entry->name);
    }
    *fd = made;
    return true;
}
