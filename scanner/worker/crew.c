#include "scanner/worker/crew.h"

#include <malloc.h>
#include <pthread.h>

/* bytes: a thread hashes; its buffers are on the heap */
#define STACK ((size_t)256 << 10)

/* The only one of a process: threads cannot be made later, and nobody else may have any. */
static struct crew {
    pthread_mutex_t lock;
    pthread_cond_t given, asleep;
    unsigned sleeping, promised; /* `promised`: tasks not yet taken */
    struct task {
        void (*fn)(void *arg);
        void *arg;
    } tasks[CREW_MAX];
} crew = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .given = PTHREAD_COND_INITIALIZER,
          .asleep = PTHREAD_COND_INITIALIZER};

static void *member(void *arg)
{
    struct task t;

    (void)arg;
    pthread_mutex_lock(&crew.lock);
    crew.sleeping++;
    pthread_cond_signal(&crew.asleep);
    while (crew.promised == 0)
        pthread_cond_wait(&crew.given, &crew.lock);
    t = crew.tasks[--crew.promised];
    pthread_mutex_unlock(&crew.lock);
    t.fn(t.arg);
    return NULL;
}

void crew_raise(unsigned n)
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
    while (made < n && made < CREW_MAX && pthread_create(&thread, &attr, member, NULL) == 0)
        made++;
    (void)pthread_attr_destroy(&attr);
    pthread_mutex_lock(&crew.lock);
    while (crew.sleeping < made)
        pthread_cond_wait(&crew.asleep, &crew.lock);
    pthread_mutex_unlock(&crew.lock);
}

bool crew_give(void (*fn)(void *arg), void *arg)
{
    bool ok;

    pthread_mutex_lock(&crew.lock);
    ok = crew.sleeping > 0;
    if (ok) {
        crew.sleeping--;
        crew.tasks[crew.promised++] = (struct task){fn, arg};
        pthread_cond_signal(&crew.given);
    }
    pthread_mutex_unlock(&crew.lock);
    return ok;
}
