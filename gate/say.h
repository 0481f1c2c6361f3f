#ifndef GATE_SAY_H
#define GATE_SAY_H
/* Talk goes to standard error, one line a call, with every untrusted byte
 * escaped for a terminal. */
#include "base/err.h"

void say_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void say_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Prints the error with its line or byte, and what to do next when `hint` is not NULL. */
void say_err(const struct err *e, const char *hint);

/* May standard output (error) carry colour? NO_COLOR, CLICOLOR_FORCE,
 * TERM=dumb and isatty decide. */
bool say_color(int fd);
/* Columns of the terminal behind fd, or 0. */
unsigned say_width(int fd);
/* Is somebody watching, so that progress makes sense? */
bool say_watched(void);

/* Writes all bytes to standard output; false with `e` when it is closed or full. */
MUST_CHECK bool say_out(struct slice bytes, struct err *e);
#endif
