#include "scanner/formats/torch/torchscript.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/torch/op_names.h"

struct lexer {
    struct slice text;
    size_t at;
    uint32_t line; /* of `at`, from 1 */
    struct op_names names;
};

/* Is `part` in the name of the member, whatever its case? PyTorch's reader looks names up so. */
static bool within(const struct format_input *in, struct slice part)
{
    const char *member = strrchr(in->path, '!');
    char *folded = arena_strdup(in->scratch, member != NULL ? member : "");
    size_t at;

    for (char *p = folded; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return slice_find(slice_str(folded), part, &at);
}

bool torchscript_is(const struct format_input *in)
{
    if (in->container == NULL)
        return false;
    if (strcmp(in->container, "torchscript") == 0)
        return within(in, SLICE_LIT("/code/"));
    return strcmp(in->container, "pytorch-package") == 0 &&
           within(in, SLICE_LIT("/.data/ts_code/"));
}

/* ---- tokens ---- */
static uint8_t peek(const struct lexer *x, size_t ahead)
{
    return ahead < x->text.len - x->at ? x->text.data[x->at + ahead] : 0;
}

static void step(struct lexer *x)
{
    x->line += x->text.data[x->at] == '\n';
    x->at++;
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void skip_line(struct lexer *x)
{
    while (x->at < x->text.len && x->text.data[x->at] != '\n')
        x->at++;
}

/* A string in one or three quotes, with escapes. One that never ends reaches to the line's end: the
 * loader refuses such code. */
static void skip_string(struct lexer *x)
{
    const uint8_t quote = peek(x, 0);
    const bool three = peek(x, 1) == quote && peek(x, 2) == quote;

    x->at += three ? 3 : 1;
    while (x->at < x->text.len) {
        const uint8_t c = peek(x, 0);

        if (c == '\\' && x->text.len - x->at > 1) {
            step(x);
            step(x);
            continue;
        }
        if (c == quote && (!three || (peek(x, 1) == quote && peek(x, 2) == quote))) {
            x->at += three ? 3 : 1;
            return;
        }
        if (c == '\n' && !three)
            return;
        step(x);
    }
}

/* Blanks, ends of lines and comments, which may stand between a name and its dot. */
static void skip_blanks(struct lexer *x)
{
    while (x->at < x->text.len) {
        const uint8_t c = peek(x, 0);

        if (c == '#')
            skip_line(x);
        else if (c == ' ' || (c >= '\t' && c <= '\r') || c == '\\')
            step(x);
        else
            return;
    }
}

static struct slice word(struct lexer *x)
{
    const size_t from = x->at;

    while (x->at < x->text.len && (letter(peek(x, 0)) || digit(peek(x, 0))))
        x->at++;
    return (struct slice){x->text.data + from, x->at - from};
}

/* ---- names ---- */
/* Joins "torch", ".", "from_file" into one name, whatever stands between; `b` is the room. */
static struct slice chain(struct lexer *x, struct slice first, uint8_t *b, size_t cap)
{
    size_t len = first.len < cap ? first.len : cap;

    memcpy(b, first.data, len);
    for (;;) {
        struct lexer ahead = *x;
        struct slice part;

        skip_blanks(&ahead);
        if (peek(&ahead, 0) != '.')
            break;
        ahead.at++;
        skip_blanks(&ahead);
        if (!letter(peek(&ahead, 0)))
            break;
        part = word(&ahead);
        *x = ahead;
        if (len < cap)
            b[len++] = '.';
        if (part.len > cap - len)
            part.len = cap - len;
        memcpy(b + len, part.data, part.len);
        len += part.len;
    }
    return (struct slice){b, len};
}

/* A name at x->at: an operator, a definition, or the last name of a method call. */
static bool name(struct lexer *x, bool method, bool *defined, struct err *e)
{
    uint8_t room[256];
    struct op_name c = {.offset = x->at, .line = x->line};
    const struct slice first = word(x);
    struct lexer ahead;

    c.name = chain(x, first, room, sizeof(room));
    ahead = *x;
    skip_blanks(&ahead);
    c.called = peek(&ahead, 0) == '(';
    if (*defined) {
        *defined = false;
        c.kind = "definition";
        return !slice_starts(c.name, "__") || op_names_note(&x->names, &c, e);
    }
    *defined = slice_is(c.name, "def");
    if (!method && (slice_starts(c.name, "torch.") || slice_starts(c.name, "ops."))) {
        c.kind = "operator";
        return op_names_note(&x->names, &c, e);
    }
    if (!method && (slice_is(c.name, "torch") || slice_is(c.name, "ops"))) {
        c.kind = "alias"; /* what is reached through another name is a method here */
        return op_names_note(&x->names, &c, e);
    }
    if (!c.called)
        return true;
    if (!method && memchr(c.name.data, '.', c.name.len) == NULL)
        return true; /* a function of this file or of the language */
    while (c.name.len > 0 && memchr(c.name.data, '.', c.name.len) != NULL)
        c.name = slice_from(c.name, 1);
    c.kind = "method";
    return op_names_note(&x->names, &c, e);
}

static bool lex(struct lexer *x, struct err *e)
{
    bool defined = false, method = false;

    while (x->at < x->text.len) {
        const uint8_t c = peek(x, 0);

        if (c == '"' || c == '\'') {
            skip_string(x);
            method = false;
        } else if (c == '#' || c == ' ' || (c >= '\t' && c <= '\r') || c == '\\') {
            skip_blanks(x); /* keeps `method`: a dot may stand apart */
        } else if (letter(c)) {
            if (!name(x, method, &defined, e))
                return false;
            method = false;
        } else if (digit(c)) {
            (void)word(x);
            method = false;
        } else {
            method = c == '.';
            step(x);
        }
    }
    return true;
}

bool torchscript_tell(const struct format_input *in, struct err *e)
{
    struct lexer x = {.line = 1, .names = {.arena = in->scratch}};
    bool ok;

    if (!source_slurp(in->bytes, LIMIT_CAPTURE_BYTES, in->scratch, &x.text, e))
        return false;
    ok = lex(&x, e);
    op_names_tell(&x.names, in);
    return ok;
}
