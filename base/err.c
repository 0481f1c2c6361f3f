/* The error of one operation. */
#include "base/err.h"

#include <stdarg.h>
#include <string.h>

/* False when another cause stands already. */
static bool start(struct err *e, enum err_code code)
{
    if (e == NULL || e->code != ERR_NONE)
        return false;
    *e = (struct err){.code = code, .offset = ERR_NO_OFFSET};
    return true;
}

void err_set(struct err *e, enum err_code code, uint64_t offset, const char *fmt, ...)
{
    va_list ap;

    if (!start(e, code))
        return;
    e->offset = offset;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
}

void err_set_line(struct err *e, enum err_code code, uint32_t line, const char *fmt, ...)
{
    va_list ap;

    if (!start(e, code))
        return;
    e->line = line;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
}

void err_set_place(struct err *e, enum err_code code, uint32_t line, uint64_t offset,
                   const char *fmt, ...)
{
    va_list ap;

    if (!start(e, code))
        return;
    e->line = line;
    e->offset = offset;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
}

/* What does not fit is cut off at the end: names in front stay. */
static void append(char text[ERR_TEXT_MAX], const char *more)
{
    const size_t n = strlen(text);
    const size_t len = strlen(more);
    const size_t room = ERR_TEXT_MAX - 1 - n;
    const size_t take = len < room ? len : room;

    memcpy(text + n, more, take);
    text[n + take] = '\0';
}

void err_set_sys(struct err *e, int sys, const char *fmt, ...)
{
    char why[128];
    va_list ap;

    if (!start(e, ERR_IO))
        return;
    e->sys = sys;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    append(e->text, ": ");
    append(e->text, strerror_r(sys, why, sizeof(why))); /* the GNU variant */
}

void err_prefix(struct err *e, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list ap;

    if (e == NULL || e->code == ERR_NONE)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    append(text, ": ");
    append(text, e->text);
    memcpy(e->text, text, sizeof(text));
}

void err_clear(struct err *e)
{
    if (e != NULL)
        *e = (struct err){.code = ERR_NONE};
}

const char *err_code_name(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return "none";
    case ERR_FORMAT:
        return "format";
    case ERR_LIMIT:
        return "limit";
    case ERR_IO:
        return "io";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_USAGE:
        return "usage";
    case ERR_CRYPTO:
        return "crypto";
    case ERR_SANDBOX:
        return "sandbox";
    case ERR_TRANSIENT:
        return "transient";
    }
    return "none";
}
