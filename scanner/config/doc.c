/* What the readers of all kinds share. */
#include "scanner/config/doc.h"

#include <stdarg.h>
#include <string.h>

#include "base/limits.h"

#define SHOWN_BYTES 120

struct value_at doc_at(const struct value *v)
{
    struct value_at at = {.offset = ERR_NO_OFFSET, .line = 0};

    if (v != NULL && v->line != 0) {
        at.offset = v->offset;
        at.line = v->line;
    }
    return at;
}

int doc_cut(struct slice s)
{
    size_t n = s.len;

    if (n <= SHOWN_BYTES)
        return (int)n;
    n = SHOWN_BYTES;
    while (n > 0 && (s.data[n] & 0xc0u) == 0x80u)
        n--;
    return (int)n;
}

bool doc_each(struct doc *d, size_t n, const struct doc_teller *t, struct err *e)
{
    struct arena own, *const whole = d->arena;
    bool ok = true;

    arena_init(&own);
    d->arena = &own;
    for (size_t i = 0; ok && i < n && !d->sink->failed; i++) {
        ok = t->tell(t->ctx, i, e);
        arena_clear(&own);
    }
    d->arena = whole;
    arena_release(&own);
    return ok;
}

void doc_fact(struct doc *d, const struct doc_fact *f)
{
    const struct value_at at = doc_at(f->at);
    const struct fact fact = {
        .source = f->source,
        .type = f->type,
        .address = f->address,
        .name = f->name != NULL ? f->name : f->address,
        .subject = d->sink->subject_name,
        .at = {.input = d->sink->input_name, .path = d->path, .line = at.line, .offset = at.offset},
        .attributes = f->attributes,
    };

    sink_fact(d->sink, &fact);
}

/* Room for a text and an ending that says it was cut. */
static void __attribute__((format(printf, 3, 0)))
format(char *out, size_t n, const char *fmt, va_list ap)
{
    const int len = vsnprintf(out, n, fmt, ap);

    if (len < 0)
        out[0] = '\0';
}

static void note(struct doc *d, const struct value *v, const char *text)
{
    const struct value_at at = doc_at(v);

    if (d->nnotices++ < LIMIT_DIAGNOSTICS)
        sink_note(d->sink, at.line, at.offset, d->path, "%s", text);
}

void doc_note(struct doc *d, const struct value *at, const char *fmt, ...)
{
    char text[DOC_TEXT_BYTES];
    va_list ap;

    va_start(ap, fmt);
    format(text, sizeof(text), fmt, ap);
    va_end(ap);
    note(d, at, text);
}

void doc_gap(struct doc *d, const struct value *at, const char *fmt, ...)
{
    char text[DOC_TEXT_BYTES];
    va_list ap;

    va_start(ap, fmt);
    format(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (d->ngaps++ == 0) {
        memcpy(d->gap, text, sizeof(d->gap));
        d->gap_at = doc_at(at);
    }
    note(d, at, text);
}

void doc_finish(struct doc *d)
{
    if (d->nnotices > LIMIT_DIAGNOSTICS)
        sink_note(d->sink, 0, ERR_NO_OFFSET, d->path, "%zu more remarks are not shown",
                  d->nnotices - LIMIT_DIAGNOSTICS);
}

void doc_fail(struct err *e, enum err_code code, const struct value *v, const char *fmt, ...)
{
    const struct value_at at = doc_at(v);
    char text[DOC_TEXT_BYTES];
    va_list ap;

    va_start(ap, fmt);
    format(text, sizeof(text), fmt, ap);
    va_end(ap);
    err_set_place(e, code, at.line, at.offset, "%s", text);
}

bool doc_name(const struct value *v, const char *what, const char **out, struct err *e)
{
    const struct slice s = value_text(v);

    if (!value_is(v, VALUE_STRING))
        return doc_error(e, v, "%s must be a string, found %s", what,
                         v == NULL ? "nothing" : value_kind_name((enum value_kind)v->kind));
    if (s.len == 0)
        return doc_error(e, v, "%s is empty", what);
    if (memchr(s.data, '\0', s.len) != NULL)
        return doc_error(e, v, "%s holds a NUL character", what);
    if (s.len > LIMIT_NAME_BYTES) {
        doc_fail(e, ERR_LIMIT, v, "%s is longer than LIMIT_NAME_BYTES (%d bytes)", what,
                 LIMIT_NAME_BYTES);
        return false;
    }
    *out = (const char *)s.data;
    return true;
}
