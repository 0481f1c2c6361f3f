/* base/arena.h */
#include "base/arena.h"

#include <signal.h>

#include "tests/lib/cases.h"

Test(arena, gives_zeroed_aligned_bytes)
{
    struct arena a;
    uint8_t *last = NULL;

    arena_init(&a);
    for (size_t n = 0; n < 3000; n++) {
        uint8_t *p = arena_alloc(&a, n);

        cr_assert_neq(p, last);
        cr_assert_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            cr_assert_eq(p[i], 0);
        memset(p, 0xee, n);
        last = p;
    }
    cr_expect_eq(a.used, 3000u * 2999 / 2);
    arena_release(&a);
    cr_expect_eq(a.used, 0);
    cr_expect_null(a.head);
}

/* Sizes around every border of the series of blocks; neighbours stay whole. */
Test(arena, blocks_of_every_size)
{
    static const size_t sizes[] = {65488,   65520,   65536,   1u << 17, 1u << 20, 4194256,
                                   4194304, 4194305, 5000000, 1,        100,      9000000};
    uint8_t *at[sizeof(sizes) / sizeof(sizes[0])];
    struct arena a;

    arena_init(&a);
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            at[i] = arena_alloc(&a, sizes[i]);
            cr_expect(at[i][0] == 0 && at[i][sizes[i] - 1] == 0);
            memset(at[i], (int)i + 1, sizes[i]);
        }
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        cr_expect(at[i][0] == i + 1 && at[i][sizes[i] - 1] == i + 1, "%zu", i);
    arena_release(&a);
    arena_release(&a);
}

Test(arena, copies)
{
    struct arena a;
    struct slice s;

    arena_init(&a);
    cr_expect_str_eq(arena_strdup(&a, "abc"), "abc");
    cr_expect_str_eq(arena_strdup(&a, ""), "");
    s = arena_slice(&a, SLICE_LIT("a\0b"));
    cr_expect(slice_eq(s, SLICE_LIT("a\0b")));
    cr_expect_eq(s.data[3], 0, "a NUL behind");
    s = arena_slice(&a, (struct slice){NULL, 0});
    cr_expect_eq(s.data[0], 0);
    cr_expect_str_eq(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    cr_expect_eq(strlen(arena_printf(&a, "%0*d", 100000, 1)), 100000);
    arena_release(&a);
}

Test(arena, push_keeps_what_is_there)
{
    struct arena a;
    uint32_t *items = NULL;
    size_t n = 0;

    arena_init(&a);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t *p = ARENA_PUSH(&a, &items, &n);

        cr_assert_eq(*p, 0);
        *p = i;
    }
    cr_expect_eq(n, 100000);
    for (uint32_t i = 0; i < n; i++)
        cr_assert_eq(items[i], i);
    arena_release(&a);
}

Test(arena, a_stack_goes_up_and_down)
{
    struct arena a;
    uint32_t *items = NULL;
    size_t n = 0, room = 0, used;

    arena_init(&a);
    for (uint32_t i = 0; i < 1024; i++)
        *(uint32_t *)ARENA_PUSH_STACK(&a, &items, &n, &room) = i;
    for (uint32_t i = 0; i < n; i++)
        cr_assert_eq(items[i], i);
    used = a.used;
    n = 512; /* here ARENA_PUSH would grow, each time */
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(*(uint32_t *)ARENA_PUSH_STACK(&a, &items, &n, &room), 0, "an old item shows");
        n--;
    }
    cr_expect_eq(a.used, used);
    cr_expect_eq(items[511], 511);
    arena_release(&a);
}

Test(arena, aborts_on_overflow, .signal = SIGABRT)
{
    struct arena a;

    arena_init(&a);
    (void)arena_array(&a, SIZE_MAX / 2, 3);
}

Test(arena, aborts_without_memory, .signal = SIGABRT)
{
    struct arena a;

    arena_init(&a);
    (void)arena_alloc(&a, SIZE_MAX / 8);
}
