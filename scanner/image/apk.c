#include "scanner/image/apk.h"

#include <string.h>

#include "base/limits.h"

struct block {
    struct apk_package p;
    uint32_t line; /* of its first field; 0: nothing seen */
};

static struct slice *slot(struct apk_package *p, uint8_t letter)
{
    switch (letter) {
    case 'P':
        return &p->name;
    case 'V':
        return &p->version;
    case 'A':
        return &p->architecture;
    case 'o':
        return &p->origin;
    case 'm':
        return &p->maintainer;
    default:
        return NULL;
    }
}

static bool field(struct block *b, struct slice line, uint32_t at, struct err *e)
{
    struct slice *to;

    if (line.len < 2 || line.data[1] != ':')
        return err_line(e, ERR_FORMAT, at, "a line that is not LETTER:value");
    if (b->line == 0)
        b->line = at;
    to = slot(&b->p, line.data[0]);
    if (to == NULL)
        return true;
    if (to->data != NULL)
        return err_line(e, ERR_FORMAT, at, "field %c stands twice", line.data[0]);
    *to = slice_from(line, 2);
    return true;
}

static bool finish(struct block *b, apk_fn *fn, void *ctx, size_t *n, struct err *e)
{
    if (b->line == 0)
        return true;
    if (b->p.name.len == 0 || b->p.version.len == 0)
        return err_line(e, ERR_FORMAT, b->line, "a package without name or version");
    if (++*n > LIMIT_PACKAGES)
        return err_line(e, ERR_LIMIT, b->line, "more than %d packages (LIMIT_PACKAGES)",
                        LIMIT_PACKAGES);
    fn(ctx, &b->p);
    memset(b, 0, sizeof(*b));
    return true;
}

bool apk_parse(struct slice text, apk_fn *fn, void *ctx, struct err *e)
{
    struct reader r = reader_over(text);
    struct block b = {0};
    struct slice line;
    size_t n = 0;

    if (slice_starts(text, "ADB"))
        return err_fail(e, ERR_UNSUPPORTED, "a database of apk version 3");
    for (uint32_t at = 1; reader_line(&r, &line); at++) {
        if (line.len == 0) {
            if (!finish(&b, fn, ctx, &n, e))
                return false;
        } else if (!field(&b, line, at, e)) {
            return false;
        }
    }
    return finish(&b, fn, ctx, &n, e);
}
