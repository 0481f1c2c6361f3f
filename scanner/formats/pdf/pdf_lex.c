#include "scanner/formats/pdf/pdf_lex.h"

#include <string.h>

void pdf_lex_init(struct pdf_lex *l, struct feed *feed, uint64_t offset)
{
    *l = (struct pdf_lex){.feed = feed, .r = {.offset = offset}};
}

/* The byte that comes next, or -1 at the end. */
static bool peek(struct pdf_lex *l, int *c, struct err *e)
{
    if (l->r.left == 0 && !feed_more(l->feed, &l->r, 1, e))
        return false;
    *c = l->r.left == 0 ? -1 : l->r.data[0];
    return true;
}

static bool take(struct pdf_lex *l, int *c, struct err *e)
{
    return peek(l, c, e) && (*c < 0 || reader_skip(&l->r, 1));
}

static bool is_space(int c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_regular(int c)
{
    return c > 0 && !is_space(c) && strchr("()<>[]{}/%", c) == NULL;
}

static void keep(struct pdf_lex *l, int c)
{
    if (l->len < sizeof(l->text))
        l->text[l->len++] = (uint8_t)c;
}

/* States: 1 a number, 2 blanks, 3 a second number, 4 blanks, 5 o, 6 b. */
void pdf_lex_seek(struct pdf_lex *l, uint8_t c)
{
    const unsigned s = l->state;

    if (s == 6 && c == 'j')
        l->hidden++;
    if (c >= '0' && c <= '9')
        l->state = s == 2 || s == 3 || s == 4 ? 3 : 1;
    else if (is_space(c))
        l->state = s == 1 || s == 2 ? 2 : s == 3 || s == 4 ? 4 : 0;
    else
        l->state = (s == 3 || s == 4) && c == 'o' ? 5 : s == 5 && c == 'b' ? 6 : 0;
}

static bool comment(struct pdf_lex *l, struct err *e)
{
    int c;

    l->len = 0;
    l->state = 0;
    for (;;) {
        if (!peek(l, &c, e))
            return false;
        if (c < 0 || c == '\n' || c == '\r')
            break;
        keep(l, c);
        pdf_lex_seek(l, (uint8_t)c);
        if (!take(l, &c, e))
            return false;
        if (l->len == 4 && memcmp(l->text, "%EOF", 4) == 0)
            break; /* what stands behind it on the line is not of the document */
    }
    l->token = l->len == 4 && memcmp(l->text, "%EOF", 4) == 0 ? PDF_EOF : PDF_OTHER;
    return true;
}

static int hex(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* SPEC: section 7.3.5: #xx stands for a byte */
static void decode(struct pdf_lex *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->len; i++) {
        const bool coded = l->text[i] == '#' && l->len - i > 2 && hex(l->text[i + 1]) >= 0 &&
                           hex(l->text[i + 2]) >= 0;

        if (coded) {
            l->text[n++] = (uint8_t)(hex(l->text[i + 1]) << 4 | hex(l->text[i + 2]));
            i += 2;
        } else {
            l->text[n++] = l->text[i];
        }
    }
    l->len = n;
}

static bool regular(struct pdf_lex *l, struct err *e)
{
    int c;

    l->len = 0;
    for (;;) {
        if (!peek(l, &c, e))
            return false;
        if (!is_regular(c))
            return true;
        keep(l, c);
        if (!take(l, &c, e))
            return false;
    }
}

/* SPEC: section 7.3.4.2: brackets in pairs, a backslash takes the next byte */
static bool literal(struct pdf_lex *l, struct err *e)
{
    uint64_t open = 1;
    int c, escaped;

    l->token = PDF_STRING;
    l->state = 0;
    while (open > 0) {
        if (!take(l, &c, e) || (c == '\\' && !take(l, &escaped, e)))
            return false;
        if (c < 0)
            return true;
        pdf_lex_seek(l, (uint8_t)c);
        open = c == '(' ? open + 1 : c == ')' ? open - 1 : open;
    }
    return true;
}

static bool angle(struct pdf_lex *l, struct err *e)
{
    int c;

    if (!peek(l, &c, e))
        return false;
    if (c == '<') {
        l->token = PDF_OPEN;
        return take(l, &c, e);
    }
    l->token = PDF_STRING;
    l->state = 0;
    while (c >= 0 && c != '>') {
        if (!take(l, &c, e))
            return false;
        pdf_lex_seek(l, c < 0 ? 0 : (uint8_t)c);
    }
    return true;
}

static bool closing(struct pdf_lex *l, struct err *e)
{
    int c;

    if (!peek(l, &c, e))
        return false;
    l->token = c == '>' ? PDF_CLOSE : PDF_OTHER;
    return c != '>' || take(l, &c, e);
}

static bool delimited(struct pdf_lex *l, int c, struct err *e)
{
    switch (c) {
    case '/':
        l->token = PDF_NAME;
        if (!regular(l, e))
            return false;
        decode(l);
        return true;
    case '(':
        return literal(l, e);
    case '<':
        return angle(l, e);
    case '>':
        return closing(l, e);
    case '%':
        return comment(l, e);
    case '[':
    case ']':
        l->token = c == '[' ? PDF_ARRAY : PDF_ARRAY_END;
        return true;
    default:
        l->token = PDF_OTHER;
        return true;
    }
}

bool pdf_lex_next(struct pdf_lex *l, struct err *e)
{
    int c;

    do {
        if (!peek(l, &c, e) || (is_space(c) && !reader_skip(&l->r, 1)))
            return false;
    } while (is_space(c));
    l->at = l->r.offset;
    l->len = 0;
    l->token = c < 0 ? PDF_END : PDF_WORD;
    if (c < 0)
        return true;
    if (is_regular(c))
        return regular(l, e);
    return take(l, &c, e) && delimited(l, c, e);
}

struct slice pdf_lex_text(const struct pdf_lex *l)
{
    return (struct slice){l->text, l->len};
}

bool pdf_lex_is(const struct pdf_lex *l, const char *word)
{
    return l->token == PDF_WORD && slice_is(pdf_lex_text(l), word);
}

bool pdf_lex_number(const struct pdf_lex *l, uint64_t *out)
{
    if (l->token != PDF_WORD || l->len > 18 || !slice_digits(pdf_lex_text(l)))
        return false;
    *out = 0;
    for (size_t i = 0; i < l->len; i++)
        *out = *out * 10 + (uint64_t)(l->text[i] - '0');
    return true;
}

/* SPEC: section 7.3.8.1: CR LF or LF; some writers put blanks in front of it, or CR alone */
bool pdf_lex_line(struct pdf_lex *l, struct err *e)
{
    int c;

    do {
        if (!peek(l, &c, e) || ((c == ' ' || c == '\t') && !reader_skip(&l->r, 1)))
            return false;
    } while (c == ' ' || c == '\t');
    if (c == '\r' && !(take(l, &c, e) && peek(l, &c, e)))
        return false;
    return c != '\n' || take(l, &c, e);
}
