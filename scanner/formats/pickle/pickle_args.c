#include "scanner/formats/pickle/pickle_args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct preview {
    char *text;
    size_t n;
};

static void add(struct preview *p, const char *s)
{
    while (*s != '\0' && p->n < PICKLE_PREVIEW)
        p->text[p->n++] = *s++;
    p->text[p->n] = '\0';
}

/* At most 40 bytes of a text, escaped; what is longer may hold secrets and is cut. */
static void add_text(struct preview *p, struct slice s)
{
    const size_t most = s.len < 40 ? s.len : 40;
    char one[8];

    add(p, "'");
    for (size_t i = 0; i < most; i++) {
        if (s.data[i] >= ' ' && s.data[i] < 0x7f && s.data[i] != '\\' && s.data[i] != '\'')
            snprintf(one, sizeof(one), "%c", s.data[i]);
        else
            snprintf(one, sizeof(one), "\\x%02x", s.data[i]);
        add(p, one);
    }
    add(p, most < s.len ? "'..." : "'");
}

static void add_slot(struct pickle_vm *v, struct preview *p, struct pickle_slot s)
{
    static const char *const names[] = {
        [PICKLE_UNKNOWN] = "?",       [PICKLE_NONE] = "None",       [PICKLE_BOOL] = "<bool>",
        [PICKLE_FLOAT] = "<float>",   [PICKLE_TEXT_AT] = "<str>",   [PICKLE_BYTES] = "<bytes>",
        [PICKLE_TUPLE] = "<tuple>",   [PICKLE_LIST] = "<list>",     [PICKLE_DICT] = "<dict>",
        [PICKLE_SET] = "<set>",       [PICKLE_RESULT] = "<result>", [PICKLE_INSTANCE] = "<object>",
        [PICKLE_PERSID] = "<persid>", [PICKLE_EXT] = "<extension>", [PICKLE_DTYPE] = "<dtype>",
        [PICKLE_BUFFER] = "<buffer>", [PICKLE_VACANT] = "?",
    };
    char number[32];

    if (s.kind == PICKLE_TEXT) {
        add_text(p, pickle_stack_text(&v->stack, s.ref));
    } else if (s.kind == PICKLE_INT) {
        snprintf(number, sizeof(number), "%" PRId64, pickle_stack_int(s));
        add(p, number);
    } else if (s.kind == PICKLE_GLOBAL) {
        add(p, "<import ");
        add_text(p, v->table->items[s.ref].name);
        add(p, ">");
    } else {
        add(p, names[s.kind]);
    }
}

void pickle_args_preview(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    struct preview p = {x->preview, 0};

    if (t == NULL) {
        add_slot(v, &p, args);
        return;
    }
    add(&p, "(");
    for (size_t i = 0; i < t->len && i < PICKLE_CHILDREN; i++) {
        add(&p, i > 0 ? ", " : "");
        add_slot(v, &p, t->child[i]);
    }
    add(&p, t->len > PICKLE_CHILDREN ? ", ...)" : ")");
}

/* ---- numbers ---- */
static void highest(int64_t *most, int64_t n)
{
    *most = n > *most ? n : *most;
}

static void note_number(struct pickle_import *x, int64_t n)
{
    highest(&x->largest, n);
    if (n > 0)
        x->total = x->total > INT64_MAX - n ? INT64_MAX : x->total + n;
}

/* Python reads numbers with blanks around them, low lines between their digits, and the digits of
 * every script. */
static bool is_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/* The number that a text of such digits is; INT64_MAX: nobody can tell, or it is larger. */
static int64_t digits(struct slice s)
{
    int64_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '_')
            continue;
        if (s.data[i] < '0' || s.data[i] > '9' || n > INT64_MAX / 10 - 10)
            return INT64_MAX;
        n = n * 10 + (s.data[i] - '0');
    }
    return n;
}

/* The exponent of a number in a text: a few characters ask for as many digits as it says. */
static void note_exponent(struct pickle_import *x, struct slice text)
{
    const struct slice s = slice_trim(text, " \t\n\r\f\v");
    size_t from = s.len;
    struct slice exponent;

    while (from > 0 && is_digit(s.data[from - 1]))
        from--;
    exponent = slice_from(s, from);
    if (from > 0 && (s.data[from - 1] == '+' || s.data[from - 1] == '-'))
        from--;
    if (from < 2 || exponent.len == 0 || (s.data[from - 1] | 0x20) != 'e' ||
        !(is_digit(s.data[from - 2]) || s.data[from - 2] == '.'))
        return;
    highest(&x->made, digits(exponent));
}

/* Is it what makes numbers that count something, of texts and other things? */
static bool makes_number(const struct pickle_import *x)
{
    static const char *const names[] = {"int", "long", "Decimal", "Fraction"};

    return slice_among(x->name, names, ARRAY_LEN(names)) ||
           (slice_starts(x->module, "numpy") && !slice_starts(x->module, "numpy.random"));
}

/* In a base of up to 36 a few letters are a large number, too. */
static void note_value(struct pickle_import *x, struct slice text)
{
    const struct slice s = slice_trim(text, " \t\n\r\f\v+-");
    bool decimal = s.len < 10;

    for (size_t i = 0; i < s.len; i++)
        decimal = decimal && is_digit(s.data[i]);
    highest(&x->value, decimal ? digits(s) : INT64_MAX);
}

/* What a result may be as a number, or how many items it may have. */
static int64_t result_of(const struct pickle_import *x)
{
    int64_t most = x->largest;

    highest(&most, x->made);
    highest(&most, x->value);
    return slice_starts(x->module, "numpy") && makes_number(x) ? INT64_MAX : most;
}

/* Decimal((sign, digits, exponent)) */
static void note_inner(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot s)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, s);

    for (size_t i = 0; t != NULL && i < t->len && i < PICKLE_CHILDREN; i++)
        if (makes_number(x) && t->child[i].kind == PICKLE_INT)
            highest(&x->value, pickle_stack_int(t->child[i]));
        else if (makes_number(x) && t->child[i].kind == PICKLE_UNKNOWN)
            x->value = INT64_MAX;
}

static void note_text(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot s)
{
    struct slice text;

    if (!pickle_vm_text(v, s, &text))
        text = SLICE_LIT("");
    note_exponent(x, text);
    if (makes_number(x))
        note_value(x, text);
    if (text.len > PICKLE_TEXT_LEN || text.len == 0) {
        x->more_texts = true;
        return;
    }
    for (size_t i = 0; i < x->ntexts; i++)
        if (slice_eq(x->texts[i], text))
            return;
    if (x->ntexts < PICKLE_TEXTS)
        x->texts[x->ntexts++] = arena_slice(v->arena, text);
    else
        x->more_texts = true;
}

void pickle_args_note(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    enum pickle_payload p;

    if (t == NULL) { /* the result of a call, or too far back: it may be anything */
        x->more_texts = true;
        x->made = INT64_MAX;
    }
    for (size_t i = 0; t != NULL && i < t->len && i < PICKLE_CHILDREN; i++) {
        const struct pickle_slot s = t->child[i];

        if (s.kind == PICKLE_INT)
            note_number(x, pickle_stack_int(s));
        if (s.kind == PICKLE_UNKNOWN) /* an integer of more bits than are kept */
            note_number(x, INT64_MAX);
        if ((s.kind == PICKLE_RESULT || s.kind == PICKLE_INSTANCE) && s.ref < v->table->n)
            highest(&x->made, result_of(&v->table->items[s.ref]));
        note_inner(v, x, s);
        if (s.kind == PICKLE_TEXT || (s.kind == PICKLE_TEXT_AT && !x->called))
            note_text(v, x, s);
    }
    p = pickle_args_payload(v, args);
    if (p != PICKLE_PAYLOAD_NONE && x->payload == PICKLE_PAYLOAD_NONE) {
        x->payload = (uint8_t)p;
        x->payload_offset = v->op_at;
    }
}

enum pickle_payload pickle_args_payload(const struct pickle_vm *v, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    const enum pickle_payload whole = pickle_payload_loaded_any(&v->loaded, &args, 1);

    if (whole != PICKLE_PAYLOAD_NONE || t == NULL)
        return whole;
    return pickle_payload_loaded_any(&v->loaded, t->child,
                                     t->len < PICKLE_CHILDREN ? (size_t)t->len : PICKLE_CHILDREN);
}
