/* base/err.h */
#include "base/err.h"

#include <errno.h>

#include "tests/lib/cases.h"

static bool fails_at(struct err *e)
{
    const struct reader r = {.offset = 42};

    return err_at(e, ERR_FORMAT, &r, "%d apples", 3);
}

Test(err, first_cause_wins)
{
    struct err e = {0};

    cr_expect_not(fails_at(&e));
    cr_expect_not(err_fail(&e, ERR_LIMIT, "later"));
    errno = EACCES;
    cr_expect_not(err_sys(&e, "later"));
    cr_expect_eq(e.code, ERR_FORMAT);
    cr_expect_eq(e.offset, 42);
    cr_expect_eq(e.line, 0);
    cr_expect_eq(e.sys, 0);
    cr_expect_str_eq(e.text, "3 apples");
}

Test(err, each_way_to_fail)
{
    struct err e = {0};

    cr_expect_not(err_pos(&e, ERR_LIMIT, 7, "a"));
    cr_expect_eq(e.offset, 7);
    err_clear(&e);
    cr_expect_eq(e.code, ERR_NONE);
    cr_expect_not(err_line(&e, ERR_USAGE, 9, "b"));
    cr_expect_eq(e.line, 9);
    cr_expect_eq(e.offset, ERR_NO_OFFSET);
    err_clear(&e);
    errno = ENOENT;
    cr_expect_not(err_sys(&e, "open '%s'", "x"));
    cr_expect_eq(e.code, ERR_IO);
    cr_expect_eq(e.sys, ENOENT);
    cr_expect_str_eq(e.text, "open 'x': No such file or directory");
    err_clear(&e);
    cr_expect_not(err_place(&e, ERR_FORMAT, 3, 17, "%s", "d"));
    cr_expect_not(err_place(&e, ERR_FORMAT, 4, 18, "later"));
    cr_expect_eq(e.line, 3);
    cr_expect_eq(e.offset, 17);
    cr_expect_str_eq(e.text, "d");
    err_clear(&e);
    cr_expect_not(err_fail(&e, ERR_CRYPTO, "c"));
    cr_expect_eq(e.offset, ERR_NO_OFFSET);
}

Test(err, names_go_in_front)
{
    struct err e = {0};

    cr_expect_not(err_in(&e, "nothing"));
    cr_expect_eq(e.code, ERR_NONE, "a name alone is no error");
    cr_expect_not(err_pos(&e, ERR_FORMAT, 5, "bad"));
    cr_expect_not(err_in(&e, "tensor %d", 0));
    cr_expect_not(err_in(&e, "file"));
    cr_expect_str_eq(e.text, "file: tensor 0: bad");
    cr_expect_eq(e.offset, 5);
}

Test(err, text_never_overflows)
{
    char big[2000];
    struct err e = {0};

    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    cr_expect_not(err_fail(&e, ERR_FORMAT, "%s", big));
    cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
    cr_expect_not(err_in(&e, "name"));
    cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
    cr_expect_eq(strncmp(e.text, "name: xxx", 9), 0);
    cr_expect_not(err_in(&e, "%s", big));
    cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
    err_clear(&e);
    errno = ENOENT;
    cr_expect_not(err_sys(&e, "%s", big));
    cr_expect_eq(strlen(e.text), ERR_TEXT_MAX - 1);
}

Test(err, names_of_codes_are_distinct)
{
    for (int a = ERR_NONE; a <= ERR_TRANSIENT; a++)
        for (int b = ERR_NONE; b < a; b++)
            cr_expect_str_neq(err_code_name((enum err_code)a), err_code_name((enum err_code)b));
    cr_expect_str_eq(err_code_name(ERR_LIMIT), "limit");
}

Test(err, nobody_listens)
{
    cr_expect_not(err_fail(NULL, ERR_FORMAT, "x"));
    cr_expect_not(err_in(NULL, "x"));
    err_clear(NULL);
}
