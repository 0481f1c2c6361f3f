#include "scanner/sink.h"

#include <stdarg.h>
#include <stdio.h>

#define NOTE_TEXT_MAX 1024 /* bytes of one remark; longer ones are cut */

static void to_fact(void *ctx, const struct fact *f)
{
    facts_add(ctx, f);
}

static void to_cover(void *ctx, const struct coverage *c)
{
    facts_cover(ctx, c);
}

static void to_note(void *ctx, const struct notice *n)
{
    facts_note(ctx, n);
}

static void to_subject(void *ctx, const struct subject *s)
{
    facts_subject(ctx, s);
}

void sink_to_facts(struct sink *s, struct facts *f)
{
    *s = (struct sink){
        .fact = to_fact, .cover = to_cover, .note = to_note, .subject = to_subject, .ctx = f};
}

bool sink_ok(const struct sink *s)
{
    return !s->failed;
}

void sink_fact(struct sink *s, const struct fact *f)
{
    if (!s->failed)
        s->fact(s->ctx, f);
}

void sink_cover(struct sink *s, const struct coverage *c)
{
    if (!s->failed)
        s->cover(s->ctx, c);
}

void sink_note(struct sink *s, uint32_t line, uint64_t offset, const char *path, const char *fmt,
               ...)
{
    char text[NOTE_TEXT_MAX];
    struct notice n = {
        .subject = s->subject_name, .at = {s->input_name, path, line, offset}, .text = text};
    va_list ap;

    if (s->failed)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    s->note(s->ctx, &n);
}

void sink_subject(struct sink *s, const struct subject *subject)
{
    if (!s->failed)
        s->subject(s->ctx, subject);
}

void sink_gap(struct sink *s, const struct coverage *c, const struct err *e)
{
    struct coverage gap = *c;

    if (gap.subject == NULL)
        gap.subject = s->subject_name;
    if (gap.input == NULL)
        gap.input = s->input_name;
    if (gap.parsed == 0 && gap.scanned == 0 && gap.opaque == 0)
        gap.unread = gap.bytes;
    gap.status = gap.unread == gap.bytes ? COVERAGE_UNREADABLE : COVERAGE_PARTIAL;
    gap.code = err_code_name(e->code);
    gap.reason = e->text;
    gap.line = e->line;
    gap.offset = e->offset;
    sink_cover(s, &gap);
}
