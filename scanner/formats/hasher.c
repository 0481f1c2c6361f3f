#include "scanner/formats/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Bytes read at once: they stay in the second-level cache until they are hashed. */
#define PIECE ((size_t)256 << 10)

struct tools {
    struct digest_ctx sha;
    uint8_t *buf;
};

static void tools_make(struct tools *t)
{
    digest_init(&t->sha, DIGEST_SHA256);
    t->buf = malloc(PIECE);
    if (t->buf == NULL)
        abort();
}

static void tools_free(struct tools *t)
{
    digest_release(&t->sha);
    free(t->buf);
}

bool hasher_stamp(int fd, struct hasher_stamp *out, struct err *e)
{
    struct stat st;

    /* The C library asks by newfstatat, which takes paths and is forbidden in a worker. */
    if (syscall(SYS_fstat, fd, &st) != 0)
        return err_sys(e, "cannot look at the file");
    *out = (struct hasher_stamp){
        .device = st.st_dev,
        .inode = st.st_ino,
        .bytes = (uint64_t)st.st_size,
        .changed_s = st.st_ctim.tv_sec,
        .changed_ns = st.st_ctim.tv_nsec,
        .modified_s = st.st_mtim.tv_sec,
        .modified_ns = st.st_mtim.tv_nsec,
    };
    return true;
}

static bool same(const struct hasher_stamp *a, const struct hasher_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns &&
           a->modified_s == b->modified_s && a->modified_ns == b->modified_ns;
}

static bool read_all(struct tools *t, struct hasher_job *job, struct err *e)
{
    uint64_t at = 0;

    while (at < job->stamp.bytes) {
        const uint64_t left = job->stamp.bytes - at;
        const ssize_t got = pread(job->fd, t->buf, left < PIECE ? (size_t)left : PIECE, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_set_sys(e, errno, "cannot read");
            return false;
        }
        if (got == 0)
            return err_pos(e, ERR_IO, at,
                           "the file ends at byte %" PRIu64 ", it had %" PRIu64
                           " bytes when it was opened",
                           at, job->stamp.bytes);
        digest_update(&t->sha, (struct slice){t->buf, (size_t)got});
        at += (uint64_t)got;
    }
    return true;
}

static void work(struct tools *t, struct hasher_job *job)
{
    (void)syscall(SYS_fadvise64, job->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    job->ok = read_all(t, job, &job->error);
    digest_final(&t->sha, &job->digest); /* also to be ready for the next file */
}

/* ---- threads ---- */
/* Under the lock: the next file, or NULL. */
static struct hasher_job *take(struct hasher *h)
{
    struct hasher_job *job = h->first;

    if (job != NULL)
        h->first = job->next;
    if (h->first == NULL)
        h->last = NULL;
    return job;
}

static void serve(void *arg)
{
    struct hasher *h = arg;
    struct hasher_job *job;
    struct tools t;

    tools_make(&t);
    pthread_mutex_lock(&h->lock);
    for (;;) {
        while ((job = take(h)) == NULL && !h->ended)
            pthread_cond_wait(&h->some, &h->lock);
        if (job == NULL)
            break;
        pthread_mutex_unlock(&h->lock);
        work(&t, job);
        pthread_mutex_lock(&h->lock);
        job->done = true;
        pthread_cond_broadcast(&h->done);
    }
    h->threads--;
    pthread_cond_broadcast(&h->done);
    pthread_mutex_unlock(&h->lock);
    tools_free(&t);
}

void hasher_start(struct hasher *h, const struct hasher_crew *crew, size_t max)
{
    *h = (struct hasher){.first = NULL};
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_cond_init(&h->some, NULL);
    (void)pthread_cond_init(&h->done, NULL);
    if (crew->thread == NULL)
        return;
    pthread_mutex_lock(&h->lock); /* nobody leaves before all are counted */
    while (h->threads < max && crew->thread(crew->ctx, serve, h))
        h->threads++;
    pthread_mutex_unlock(&h->lock);
}

void hasher_end(struct hasher *h)
{
    pthread_mutex_lock(&h->lock);
    h->ended = true;
    h->first = h->last = NULL;
    pthread_cond_broadcast(&h->some);
    while (h->threads > 0)
        pthread_cond_wait(&h->done, &h->lock);
    pthread_mutex_unlock(&h->lock);
}

/* ---- one file ---- */
bool hasher_add(struct hasher *h, int fd, struct hasher_job *job, struct err *e)
{
    *job = (struct hasher_job){.fd = fd};
    if (!hasher_stamp(fd, &job->stamp, e))
        return false;
    pthread_mutex_lock(&h->lock);
    if (h->threads > 0) {
        *(h->last != NULL ? &h->last->next : &h->first) = job;
        h->last = job;
        pthread_cond_signal(&h->some);
    }
    pthread_mutex_unlock(&h->lock);
    return true;
}

static void finish(struct hasher *h, struct hasher_job *job)
{
    struct tools t;
    bool mine;

    pthread_mutex_lock(&h->lock);
    mine = h->threads == 0;
    while (!mine && !job->done)
        pthread_cond_wait(&h->done, &h->lock);
    pthread_mutex_unlock(&h->lock);
    if (!mine)
        return;
    tools_make(&t);
    work(&t, job);
    tools_free(&t);
}

bool hasher_wait(struct hasher *h, struct hasher_job *job, struct err *e)
{
    struct hasher_stamp now;

    finish(h, job);
    if (!job->ok) {
        *e = job->error;
        return false;
    }
    if (!hasher_stamp(job->fd, &now, e))
        return false;
    return same(&job->stamp, &now) || err_fail(e, ERR_IO, "changed while it was read");
}
