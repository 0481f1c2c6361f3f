/* Blocks of 8 KiB that double to 4 MiB; large ones are mapped, aligned for huge pages. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK_FIRST ((size_t)8 << 10) /* most arenas are those of a fact or a small stream */
#define BLOCK_LAST ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20)
#define ALIGN ((size_t)16)

struct arena_block {
    struct arena_block *next;
    size_t size;   /* bytes, with this header */
    size_t used;   /* with this header */
    size_t mapped; /* bytes to unmap; 0: from calloc */
};

#define HEADER ((sizeof(struct arena_block) + ALIGN - 1) / ALIGN * ALIGN)

/* Present under AddressSanitizer only: one byte too far in a block is caught too. */
void arena_asan_poison(void const volatile *p, size_t n) __asm__("__asan_poison_memory_region")
    __attribute__((weak));
void arena_asan_unpoison(void const volatile *p, size_t n) __asm__("__asan_unpoison_memory_region")
    __attribute__((weak));

void arena_init(struct arena *a)
{
    *a = (struct arena){.head = NULL};
}

static void block_free(struct arena_block *b)
{
    if (arena_asan_unpoison != NULL)
        arena_asan_unpoison(b, b->size);
    if (b->mapped != 0)
        munmap(b, b->mapped);
    else
        free(b);
}

void arena_release(struct arena *a)
{
    struct arena_block *next;

    for (struct arena_block *b = a->head; b != NULL; b = next) {
        next = b->next;
        block_free(b);
    }
    arena_init(a);
}

/* Maps `size` bytes (whole huge pages) at a huge-page border, so that the kernel can back them with
 * few faults. */
static struct arena_block *map_aligned(size_t size)
{
    const size_t span = size + HUGE_PAGE;
    uint8_t *raw = mmap(NULL, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t front;

    if (raw == MAP_FAILED)
        abort();
    front = (HUGE_PAGE - (uintptr_t)raw % HUGE_PAGE) % HUGE_PAGE;
    if (front != 0)
        munmap(raw, front);
    if (span - front - size != 0)
        munmap(raw + front + size, span - front - size);
    (void)madvise(raw + front, size, MADV_HUGEPAGE); /* a hint: ordinary pages do as well */
    return (void *)(raw + front);
}

/* A zeroed block with room for n bytes; n has been rounded up. */
static struct arena_block *block_new(size_t size)
{
    struct arena_block *b;
    size_t mapped = 0;

    if (size >= BLOCK_LAST) {
        if (size > SIZE_MAX / 2)
            abort();
        size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        mapped = size;
        b = map_aligned(size);
    } else {
        b = calloc(1, size);
    }
    if (b == NULL)
        abort();
    b->size = size;
    b->used = HEADER;
    b->mapped = mapped;
    if (arena_asan_poison != NULL)
        arena_asan_poison((uint8_t *)b + HEADER, size - HEADER);
    return b;
}

/* A block that holds n more bytes: the next of the series in front, or one of its own behind it. */
static struct arena_block *block_for(struct arena *a, size_t n)
{
    size_t size = a->head == NULL ? BLOCK_FIRST : a->head->size * 2;
    struct arena_block *b;

    if (size > BLOCK_LAST)
        size = BLOCK_LAST;
    if (n > SIZE_MAX / 4)
        abort();
    if (a->head != NULL && n > size / 4) {
        b = block_new(n + HEADER); /* large: the open block stays in use */
        b->next = a->head->next;
        a->head->next = b;
        return b;
    }
    b = block_new(n + HEADER > size ? n + HEADER : size);
    b->next = a->head;
    a->head = b;
    return b;
}

void arena_clear(struct arena *a)
{
    struct arena_block *b = a->head; /* the largest of the series */
    struct arena rest = {.head = b != NULL ? b->next : NULL};

    if (b == NULL || b->mapped != 0) {
        arena_release(a);
        return;
    }
    arena_release(&rest);
    b->next = NULL;
    if (arena_asan_unpoison != NULL)
        arena_asan_unpoison((uint8_t *)b + HEADER, b->size - HEADER);
    memset((uint8_t *)b + HEADER, 0, b->used - HEADER);
    if (arena_asan_poison != NULL)
        arena_asan_poison((uint8_t *)b + HEADER, b->size - HEADER);
    b->used = HEADER;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t gap = arena_asan_poison != NULL ? ALIGN : 0;
    struct arena_block *b = a->head;
    size_t want;
    uint8_t *p;

    if (n > SIZE_MAX / 4)
        abort();
    want = (n + (n == 0) + ALIGN - 1) / ALIGN * ALIGN + gap;
    if (b == NULL || want > b->size - b->used)
        b = block_for(a, want);
    p = (uint8_t *)b + b->used;
    b->used += want;
    a->used += n;
    if (arena_asan_unpoison != NULL)
        arena_asan_unpoison(p, n);
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        abort();
    return arena_alloc(a, bytes);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, slice_str(s));
}

char *arena_strndup(struct arena *a, struct slice s)
{
    char *out = arena_alloc(a, s.len + 1);

    if (s.len > 0)
        memcpy(out, s.data, s.len);
    return out;
}

struct slice arena_slice(struct arena *a, struct slice s)
{
    return (struct slice){(const uint8_t *)arena_strndup(a, s), s.len};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *out;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    out = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(out, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return out;
}

void *arena_push_raw(struct arena *a, void **items, size_t *n, size_t size)
{
    const size_t old = *n;

    /* Full at 0, 8, 16, 32, ...: the capacity follows from the count. */
    if (old == 0) {
        *items = arena_array(a, 8, size);
    } else if (old >= 8 && (old & (old - 1)) == 0) {
        void *grown;

        if (old > SIZE_MAX / 2)
            abort();
        grown = arena_array(a, old * 2, size);
        memcpy(grown, *items, old * size);
        *items = grown;
    }
    *n = old + 1;
    return (uint8_t *)*items + old * size;
}

void *arena_push_stack(struct arena *a, void **items, size_t *n, size_t *room, size_t size)
{
    uint8_t *slot;

    if (*n == *room) {
        const size_t more = *room == 0 ? 8 : *room * 2;
        void *grown;

        if (*room > SIZE_MAX / 2)
            abort();
        grown = arena_array(a, more, size);
        if (*n > 0)
            memcpy(grown, *items, *n * size);
        *items = grown;
        *room = more;
    }
    slot = (uint8_t *)*items + *n * size;
    memset(slot, 0, size);
    (*n)++;
    return slot;
}
