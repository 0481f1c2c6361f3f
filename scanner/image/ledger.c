#include "scanner/image/ledger.h"

static struct coverage start(const struct sink *s, const struct ledger_line *line)
{
    return (struct coverage){.subject = s->subject_name,
                             .input = s->input_name,
                             .path = line->path,
                             .format = line->format,
                             .digest = line->digest,
                             .bytes = line->bytes,
                             .offset = ERR_NO_OFFSET};
}

void ledger_parsed(struct sink *s, const struct ledger_line *line)
{
    struct coverage c = start(s, line);

    c.parsed = c.bytes;
    c.status = COVERAGE_READ;
    sink_cover(s, &c);
}

void ledger_ignored(struct sink *s, const struct ledger_line *line, const char *reason)
{
    struct coverage c = start(s, line);

    c.unread = c.bytes;
    c.status = COVERAGE_IGNORED;
    c.reason = reason;
    sink_cover(s, &c);
}

void ledger_gap(struct sink *s, const struct ledger_line *line, const struct err *e)
{
    struct coverage c = start(s, line);

    c.unread = c.bytes;
    c.status = COVERAGE_UNREADABLE;
    c.code = err_code_name(e->code);
    c.reason = e->text;
    c.line = e->line;
    c.offset = e->offset;
    sink_cover(s, &c);
}
