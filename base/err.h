#ifndef BASE_ERR_H
#define BASE_ERR_H
/*
 * The error of one operation, owned by the caller (zero-initialise it). The first cause wins: later
 * err_set calls change nothing, err_in calls put a name in front. Text is lower case without a full
 * stop: what was found and what was allowed. Nothing below gate/ prints.
 */
#include <errno.h>

#include "base/attr.h"
#include "base/reader.h"

enum err_code {
    ERR_NONE = 0,
    ERR_FORMAT,      /* the bytes break the format's specification */
    ERR_LIMIT,       /* a cap of base/limits.h was reached; the text names the cap */
    ERR_IO,          /* the system refused (err.sys holds errno) */
    ERR_UNSUPPORTED, /* well formed, but a feature we do not read */
    ERR_USAGE,       /* the operator's command line, configuration, policy or waiver is wrong */
    ERR_CRYPTO,      /* a signature, digest or key that does not hold */
    ERR_SANDBOX,     /* the sandbox could not be raised, or a worker broke its bounds */
    ERR_TRANSIENT    /* infrastructure failed; the same call may succeed later */
};

#define ERR_TEXT_MAX 512

struct err {
    enum err_code code;
    int sys;         /* errno, or 0 */
    uint64_t offset; /* bytes from the start of the outermost input, or ERR_NO_OFFSET */
    uint32_t line;   /* from 1; 0 when there is none */
    char text[ERR_TEXT_MAX];
};

#define ERR_NO_OFFSET UINT64_MAX

void err_set(struct err *e, enum err_code code, uint64_t offset, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void err_set_line(struct err *e, enum err_code code, uint32_t line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Both places of one thing. */
void err_set_place(struct err *e, enum err_code code, uint32_t line, uint64_t offset,
                   const char *fmt, ...) PRINTF_LIKE(5, 6);
void err_set_sys(struct err *e, int sys, const char *fmt, ...) PRINTF_LIKE(3, 4);
void err_prefix(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Each is the value false, so that `return err_...;` is one line and the
 * analyzers see the false. */
#define err_fail(e, code, ...) (err_set((e), (code), ERR_NO_OFFSET, __VA_ARGS__), false)
#define err_at(e, code, r, ...) (err_set((e), (code), (r)->offset, __VA_ARGS__), false)
#define err_pos(e, code, off, ...) (err_set((e), (code), (off), __VA_ARGS__), false)
#define err_line(e, code, line, ...) (err_set_line((e), (code), (line), __VA_ARGS__), false)
#define err_place(e, code, line, off, ...)                                                         \
    (err_set_place((e), (code), (line), (off), __VA_ARGS__), false)
#define err_sys(e, ...) (err_set_sys((e), errno, __VA_ARGS__), false)
#define err_in(e, ...) (err_prefix((e), __VA_ARGS__), false)

/* err_clear(e) makes it ready for another operation. */
void err_clear(struct err *e);

/* err_code_name(code): "format", "limit", ...: stable, used in ledgers and reports. */
const char *err_code_name(enum err_code code);
#endif
