#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/*
 * An arena owns everything allocated from it and frees all of it at once. Allocation cannot fail:
 * when the system has no memory, the process aborts. Untrusted sizes are tested against
 * base/limits.h before they come here. Not thread-safe.
 */
#include "base/attr.h"
#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used; /* bytes handed out, for limits and for reports of peak memory */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);
/* arena_clear is arena_release and arena_init, but keeps the memory of a
 * small arena for the next round. */
void arena_clear(struct arena *a);

/* arena_alloc(a, n) gives n zeroed bytes, aligned to 16, valid until arena_release. n may be 0. */
void *arena_alloc(struct arena *a, size_t n);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
/* arena_array aborts when n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Copies; the result also has a NUL behind it, for the libraries that want one. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, struct slice s);
struct slice arena_slice(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* arena_push(a, &items, &n, size) appends room for one item of `size` bytes to a
 * growing array (capacity is the next power of two from 8) and returns it, zeroed. The
 * old array stays in the arena when it grows. */
void *arena_push_raw(struct arena *a, void **items, size_t *n, size_t size);
#define ARENA_PUSH(a, items, n) arena_push_raw((a), (void **)(items), (n), sizeof(**(items)))
/* The same for an array that also shrinks (a stack): `room` is its capacity, 0 at first. Growing
 * follows from it, so that going up and down over a power of two allocates nothing. */
void *arena_push_stack(struct arena *a, void **items, size_t *n, size_t *room, size_t size);
#define ARENA_PUSH_STACK(a, items, n, room)                                                        \
    arena_push_stack((a), (void **)(items), (n), (room), sizeof(**(items)))
#endif
