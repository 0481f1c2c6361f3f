#include "scanner/worker/crew.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

/* bytes: a thread hashes; its buffers are on the heap */
#define STACK ((size_t)256 << 10)

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t given, asleep;
    unsigned sleeping, promised; /* `promised`: tasks not yet taken */
    struct task {
        void (*fn)(void *arg);
        void *arg;
    } tasks[CREW_MAX];
};

struct crew *crew_new(void)
{
    struct crew *c = calloc(1, sizeof(*c));

    if (c == NULL)
        abort();
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->given, NULL);
    (void)pthread_cond_init(&c->asleep, NULL);
    return c;
}

static void *member(void *arg)
{
    struct crew *c = arg;
    struct task t;

    pthread_mutex_lock(&c->lock);
    c->sleeping++;
    pthread_cond_signal(&c->asleep);
    while (c->promised == 0)
        pthread_cond_wait(&c->given, &c->lock);
    t = c->tasks[--c->promised];
    pthread_mutex_unlock(&c->lock);
    t.fn(t.arg);
    return NULL;
}

void crew_raise(struct crew *c, unsigned n)
{
    pthread_attr_t attr;
    pthread_t thread;
    unsigned made = 0;

    if (n == 0 || pthread_attr_init(&attr) != 0)
        return;
    /* One heap: each other one would take 128 MiB of the address space that is capped. */
    (void)mallopt(M_ARENA_MAX, 1);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, STACK);
    while (made < n && made < CREW_MAX && pthread_create(&thread, &attr, member, c) == 0)
        made++;
    (void)pthread_attr_destroy(&attr);
    pthread_mutex_lock(&c->lock);
    while (c->sleeping < made)
        pthread_cond_wait(&c->asleep, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

bool crew_give(struct crew *c, void (*fn)(void *arg), void *arg)
{
    bool ok;

    pthread_mutex_lock(&c->lock);
    ok = c->sleeping > 0;
    if (ok) {
        c->sleeping--;
        c->tasks[c->promised++] = (struct task){fn, arg};
        pthread_cond_signal(&c->given);
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}
