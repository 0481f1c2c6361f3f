#include "scanner/image/dpkg.h"

#include <string.h>

#include "base/limits.h"

struct paragraph {
    struct dpkg_package p;
    uint32_t line; /* of its first field; 0: nothing seen */
};

static struct slice trim(struct slice s)
{
    return slice_trim_end(slice_trim_start(s, " \t"), " \t\r");
}

/* "openssl (3.0.11-1)": the version is left out when it is that of the package. */
static void set_source(struct dpkg_package *p, struct slice value)
{
    size_t open;

    p->source = value;
    if (!slice_find(value, SLICE_LIT("("), &open))
        return;
    p->source = trim((struct slice){value.data, open});
    p->source_version = slice_from(value, open + 1);
    if (slice_ends(p->source_version, ")"))
        p->source_version.len--;
    p->source_version = trim(p->source_version);
}

/* Field names do not depend on case. SPEC: deb822(5). */
static bool is_field(struct slice name, const char *lower)
{
    const size_t n = strlen(lower);

    if (name.len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((name.data[i] | 0x20) != (uint8_t)lower[i])
            return false;
    return true;
}

static bool set_once(struct slice *to, struct slice value, const char *name, uint32_t line,
                     struct err *e)
{
    if (to->data != NULL)
        return err_line(e, ERR_FORMAT, line, "field %s stands twice", name);
    *to = value;
    return true;
}

static bool field(struct paragraph *g, struct slice text, uint32_t line, struct err *e)
{
    struct dpkg_package *p = &g->p;
    struct slice name, value;
    size_t colon;

    if (!slice_find(text, SLICE_LIT(":"), &colon) || colon == 0)
        return err_line(e, ERR_FORMAT, line, "a line without a field name");
    name = (struct slice){text.data, colon};
    value = trim(slice_from(text, colon + 1));
    if (g->line == 0)
        g->line = line;
    if (is_field(name, "package"))
        return set_once(&p->name, value, "Package", line, e);
    if (is_field(name, "version"))
        return set_once(&p->version, value, "Version", line, e);
    if (is_field(name, "architecture"))
        return set_once(&p->architecture, value, "Architecture", line, e);
    if (is_field(name, "status"))
        return set_once(&p->status, value, "Status", line, e);
    if (is_field(name, "maintainer"))
        return set_once(&p->maintainer, value, "Maintainer", line, e);
    if (is_field(name, "source"))
        set_source(p, value);
    return true;
}

static bool finish(struct paragraph *g, dpkg_fn *fn, void *ctx, size_t *n, struct err *e)
{
    if (g->line == 0)
        return true;
    if (g->p.name.len == 0)
        return err_line(e, ERR_FORMAT, g->line, "a paragraph without Package");
    if (++*n > LIMIT_PACKAGES)
        return err_line(e, ERR_LIMIT, g->line, "more than %d packages (LIMIT_PACKAGES)",
                        LIMIT_PACKAGES);
    if (g->p.source.len == 0)
        g->p.source = g->p.name;
    if (g->p.source_version.len == 0)
        g->p.source_version = g->p.version;
    fn(ctx, &g->p);
    memset(g, 0, sizeof(*g));
    return true;
}

bool dpkg_parse(struct slice text, dpkg_fn *fn, void *ctx, struct err *e)
{
    struct reader r = reader_over(text);
    struct paragraph g = {0};
    struct slice line;
    size_t n = 0;

    for (uint32_t at = 1; reader_line(&r, &line); at++) {
        if (trim(line).len == 0) {
            if (!finish(&g, fn, ctx, &n, e))
                return false;
        } else if (line.data[0] == ' ' || line.data[0] == '\t') {
            if (g.line == 0)
                return err_line(e, ERR_FORMAT, at, "a continuation of nothing");
        } else if (!field(&g, line, at, e)) {
            return false;
        }
    }
    return finish(&g, fn, ctx, &n, e);
}
