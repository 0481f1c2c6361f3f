/* Files of the operator. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/buf.h"

#define CHUNK ((size_t)64 << 10)

struct source {
    int fd;
    const char *path;
    size_t max;
};

static bool too_large(const struct source *s, struct err *e)
{
    return err_fail(e, ERR_LIMIT, "%s: larger than its cap of %zu bytes", s->path, s->max);
}

/* Until n bytes or the end. */
static bool read_some(const struct source *s, uint8_t *to, size_t n, size_t *got)
{
    *got = 0;
    while (*got < n) {
        const ssize_t k = read(s->fd, to + *got, n - *got);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return false;
        if (k == 0)
            return true;
        *got += (size_t)k;
    }
    return true;
}

static bool fill(const struct source *s, struct buf *b, struct err *e)
{
    AUTO_FREE uint8_t *chunk = malloc(CHUNK);
    size_t got = CHUNK;

    if (chunk == NULL)
        abort();
    while (got == CHUNK) {
        if (!read_some(s, chunk, CHUNK, &got))
            return err_sys(e, "%s: cannot read", s->path);
        buf_put(b, (struct slice){chunk, got});
        if (b->full)
            return too_large(s, e);
    }
    return true;
}

/* A stream, or a file of /proc, tells its size at its end only. */
static bool read_stream(const struct source *s, struct arena *a, struct slice *out, struct err *e)
{
    struct buf b;
    bool done;

    buf_init(&b, s->max);
    done = fill(s, &b, e);
    if (done)
        *out = arena_slice(a, buf_slice(&b));
    buf_release(&b);
    return done;
}

static bool read_sized(const struct source *s, size_t size, struct arena *a, struct slice *out,
                       struct err *e)
{
    uint8_t *bytes = arena_alloc(a, size + 1);
    uint8_t more;
    size_t got, past = 0;

    if (!read_some(s, bytes, size, &got) || (got == size && !read_some(s, &more, 1, &past)))
        return err_sys(e, "%s: cannot read", s->path);
    if (got != size || past != 0)
        return err_fail(e, ERR_IO, "%s: changed while it was read", s->path);
    *out = (struct slice){bytes, size};
    return true;
}

bool file_read(const char *path, size_t max, struct arena *a, struct slice *out, struct err *e)
{
    AUTO_CLOSE int fd = -1;
    struct source s = {.fd = STDIN_FILENO, .path = path, .max = max};
    struct stat st;

    if (strcmp(path, "-") == 0) {
        s.path = "standard input";
        return read_stream(&s, a, out, e);
    }
    /* Not blocking: else the open of a FIFO waits for its writer. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_sys(e, "%s: cannot open", path);
    if (!S_ISREG(st.st_mode))
        return err_fail(e, ERR_IO, "%s: not a regular file", path);
    s.fd = fd;
    if ((uint64_t)st.st_size > max)
        return too_large(&s, e);
    if (st.st_size == 0)
        return read_stream(&s, a, out, e);
    return read_sized(&s, (size_t)st.st_size, a, out, e);
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        const ssize_t k = write(fd, bytes.data, bytes.len);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return false;
        bytes = slice_from(bytes, (size_t)k);
    }
    return true;
}

struct file_writer {
    char path[PATH_MAX]; /* without symbolic links at its end, when it exists */
    char dir[PATH_MAX];
    char temp[PATH_MAX]; /* empty: a device, which cannot be replaced */
    int fd;
    bool failed;
};

static bool resolve(const char *path, struct file_writer *t, struct err *e)
{
    const char *slash;
    uint64_t salt;
    int n;

    if (realpath(path, t->path) == NULL) {
        if (strlen(path) >= sizeof(t->path))
            return err_fail(e, ERR_IO, "the path is longer than %d bytes", PATH_MAX);
        memcpy(t->path, path, strlen(path) + 1);
    }
    slash = strrchr(t->path, '/');
    if (slash == NULL)
        memcpy(t->dir, ".", 2);
    else if (slash == t->path)
        memcpy(t->dir, "/", 2);
    else
        snprintf(t->dir, sizeof(t->dir), "%.*s", (int)(slash - t->path), t->path);
    if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
        return err_sys(e, "getrandom");
    n = snprintf(t->temp, sizeof(t->temp), "%s/.%016" PRIx64 ".tmp", t->dir, salt);
    if (n < 0 || (size_t)n >= sizeof(t->temp))
        return err_fail(e, ERR_IO, "the path is longer than %d bytes", PATH_MAX);
    return true;
}

static bool sync_dir(const char *dir, struct err *e)
{
    AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* EINVAL: a file system that cannot sync a folder */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        return err_sys(e, "%s: cannot sync the folder", dir);
    return true;
}

static bool open_device(const char *path, struct file_writer *w, struct err *e)
{
    if (strlen(path) >= sizeof(w->path))
        return err_fail(e, ERR_IO, "the path is longer than %d bytes", PATH_MAX);
    memcpy(w->path, path, strlen(path) + 1);
    w->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return w->fd >= 0 || err_sys(e, "%s: cannot open", path);
}

static bool open_temp(const char *path, unsigned mode, struct file_writer *w, struct err *e)
{
    if (!resolve(path, w, e))
        return false;
    w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    return w->fd >= 0 || err_sys(e, "%s: cannot create a file in that folder", w->dir);
}

bool file_begin(const char *path, unsigned mode, struct file_writer **out, struct err *e)
{
    struct file_writer *w;
    struct stat st;
    const bool there = stat(path, &st) == 0;

    if (there && S_ISDIR(st.st_mode))
        return err_fail(e, ERR_IO, "%s: is a folder", path);
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        abort();
    if (there && !S_ISREG(st.st_mode) ? !open_device(path, w, e) : !open_temp(path, mode, w, e)) {
        free(w);
        return false;
    }
    *out = w;
    return true;
}

bool file_append(struct file_writer *w, struct slice bytes, struct err *e)
{
    if (w->failed)
        return false;
    w->failed = !write_all(w->fd, bytes);
    return !w->failed || err_sys(e, "%s: cannot write", w->path);
}

/* What was written, to the disk and in its place. */
static bool settle(struct file_writer *w, struct err *e)
{
    const bool synced = fsync(w->fd) == 0;

    if (!synced)
        err_set_sys(e, errno, "%s: cannot write", w->path);
    if (close(w->fd) != 0 && synced)
        return err_sys(e, "%s: cannot close", w->path);
    if (!synced)
        return false;
    return rename(w->temp, w->path) == 0 || err_sys(e, "%s: cannot rename to it", w->path);
}

bool file_end(struct file_writer *w, bool keep, struct err *e)
{
    const bool device = w->temp[0] == '\0';
    bool done = keep && !w->failed;

    if (device || !done)
        close(w->fd);
    else
        done = settle(w, e);
    if (!device && !done)
        unlink(w->temp);
    if (!device && done)
        done = sync_dir(w->dir, e);
    free(w);
    return done;
}

bool file_write(const char *path, struct slice bytes, unsigned mode, struct err *e)
{
    struct file_writer *w;

    return file_begin(path, mode, &w, e) && file_end(w, file_append(w, bytes, e), e);
}

static bool make_one(const char *path, struct err *e)
{
    struct stat st;

    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return err_sys(e, "%s: cannot make the folder", path);
    if (stat(path, &st) != 0)
        return err_sys(e, "%s: cannot look at it", path);
    if (!S_ISDIR(st.st_mode))
        return err_fail(e, ERR_IO, "%s: not a folder", path);
    return true;
}

bool file_mkdirs(const char *path, struct err *e)
{
    const size_t len = strlen(path);
    char part[PATH_MAX];

    if (len == 0 || len >= sizeof(part))
        return err_fail(e, ERR_IO, "a folder's name of %zu bytes", len);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (part[i] != '/' || part[i - 1] == '/')
            continue;
        part[i] = '\0';
        if (!make_one(part, e))
            return false;
        part[i] = '/';
    }
    return make_one(part, e);
}
