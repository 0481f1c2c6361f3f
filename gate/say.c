#include "gate/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/escape.h"

#define SAY_MAX 8192

static void line(const char *prefix, const char *text)
{
    struct buf b;

    buf_init(&b, SAY_MAX);
    buf_str(&b, "sallyport: ");
    buf_str(&b, prefix);
    escape_terminal(&b, slice_str(text));
    buf_u8(&b, '\n');
    (void)!write(STDERR_FILENO, b.data, b.len);
    buf_release(&b);
}

static void PRINTF_LIKE(2, 0) vline(const char *prefix, const char *fmt, va_list ap)
{
    char text[SAY_MAX / 4];

    (void)vsnprintf(text, sizeof(text), fmt, ap);
    line(prefix, text);
}

void say_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vline("", fmt, ap);
    va_end(ap);
}

void say_note(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vline("note: ", fmt, ap);
    va_end(ap);
}

void say_err(const struct err *e, const char *hint)
{
    if (e->line != 0)
        say_error("%s (line %u)", e->text, e->line);
    else if (e->offset != ERR_NO_OFFSET)
        say_error("%s (byte %llu)", e->text, (unsigned long long)e->offset);
    else
        say_error("%s", e->text);
    if (hint != NULL)
        say_note("%s", hint);
}

/* Does the terminal, if it is one, know escape sequences? */
static bool capable(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

bool say_color(int fd)
{
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");

    if (no != NULL && no[0] != 0)
        return false;
    if (force != NULL && force[0] != 0 && strcmp(force, "0") != 0)
        return true;
    return capable(fd);
}

unsigned say_width(int fd)
{
    struct winsize w;

    return ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

bool say_watched(void)
{
    return capable(STDERR_FILENO) && getenv("CI") == NULL;
}

bool say_out(struct slice bytes, struct err *e)
{
    while (bytes.len > 0) {
        const ssize_t n = write(STDOUT_FILENO, bytes.data, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "cannot write to standard output");
        bytes = slice_from(bytes, (size_t)n);
    }
    return true;
}
