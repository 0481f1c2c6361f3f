#include "reports/report_pen.h"

#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "reports/columns.h"

static const char *const codes[] = {
    [PEN_PLAIN] = "",          [PEN_BOLD] = "\x1b[1m",      [PEN_DIM] = "\x1b[2m",
    [PEN_RED] = "\x1b[1;31m",  [PEN_YELLOW] = "\x1b[1;33m", [PEN_GREEN] = "\x1b[1;32m",
    [PEN_CYAN] = "\x1b[1;36m",
};

static void put_blanks(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_u8(b, ' ');
}

static void put_colored(const struct report_pen *pen, enum report_pen_color color, const char *text)
{
    const bool dressed = pen->color && color != PEN_PLAIN;

    if (dressed)
        buf_str(pen->out, codes[color]);
    buf_str(pen->out, text);
    if (dressed)
        buf_str(pen->out, "\x1b[0m");
}

static struct slice next_word(struct slice *rest)
{
    const uint8_t *blank = memchr(rest->data, ' ', rest->len);
    const size_t n = blank != NULL ? (size_t)(blank - rest->data) : rest->len;
    const struct slice word = {rest->data, n};

    *rest = slice_from(*rest, blank != NULL ? n + 1 : n);
    return word;
}

/*
 * CI servers take orders from the log: a line that begins with "::", and "##[" or "##vso["
 * anywhere in it. Untrusted text gives none.
 */
static void put_word(struct buf *out, struct slice word, bool begins_line)
{
    if (begins_line && slice_starts(word, "::")) {
        buf_str(out, "\\x3a");
        word = slice_from(word, 1);
    }
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] == '#' && i + 1 < word.len && word.data[i + 1] == '#')
            buf_str(out, "\\x23");
        else
            buf_u8(out, word.data[i]);
    }
}

/*
 * Writes escaped text from column `hang` on; a word longer than the line stands alone and runs
 * over.
 */
static void put_wrapped(const struct report_pen *pen, size_t hang, struct slice text)
{
    size_t at = hang;
    bool fresh = true;

    while (text.len > 0) {
        const struct slice word = next_word(&text);
        const size_t n = columns_of(word);

        if (!fresh && at + 1 + n > pen->width) {
            buf_u8(pen->out, '\n');
            put_blanks(pen->out, hang);
            at = hang;
            fresh = true;
        }
        if (!fresh) {
            buf_u8(pen->out, ' ');
            at++;
        }
        put_word(pen->out, word, fresh);
        at += n;
        fresh = false;
    }
}

static void put_line(const struct report_pen *pen, size_t used, struct slice text)
{
    struct buf plain;

    buf_init(&plain, LIMIT_REPORT_BYTES);
    escape_terminal(&plain, text);
    if (plain.full)
        pen->out->full = true;
    put_wrapped(pen, used, buf_slice(&plain));
    buf_u8(pen->out, '\n');
    buf_release(&plain);
}

void report_pen_line(const struct report_pen *pen, unsigned indent, const char *label,
                     struct slice text)
{
    if (text.len == 0 && label[0] == '\0')
        return;
    put_blanks(pen->out, indent);
    buf_str(pen->out, label);
    put_line(pen, indent + columns_of(slice_str(label)), text);
}

void report_pen_colored(const struct report_pen *pen, enum report_pen_color color,
                        const char *label, struct slice text)
{
    buf_str(pen->out, "  ");
    put_colored(pen, color, label);
    buf_u8(pen->out, ' ');
    put_line(pen, 3 + columns_of(slice_str(label)), text);
}

void report_pen_heading(const struct report_pen *pen, enum report_pen_color color, const char *text)
{
    buf_u8(pen->out, '\n');
    put_colored(pen, color, text);
    buf_u8(pen->out, '\n');
}

void report_pen_blank(const struct report_pen *pen)
{
    buf_u8(pen->out, '\n');
}
