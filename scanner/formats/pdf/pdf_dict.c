#include "scanner/formats/pdf/pdf_dict.h"

#include <string.h>

static bool key_is(const struct pdf_dict *d, const char *name)
{
    return slice_is((struct slice){d->key, d->key_len}, name);
}

/* A name that is, or belongs to, the value of the key. */
static void value_name(struct pdf_dict *d, struct slice name)
{
    if (key_is(d, "Type")) {
        d->objects = slice_is(name, "ObjStm");
        d->embedded = slice_is(name, "EmbeddedFile");
    } else if (key_is(d, "Filter")) {
        d->filters++;
        d->coded = d->coded || !slice_is(name, "FlateDecode");
    }
}

static void take_name(struct pdf_dict *d, struct slice name)
{
    if (d->arrays > 0 || d->has_key) {
        value_name(d, name);
        d->has_key = d->arrays > 0;
        return;
    }
    memcpy(d->key, name.data, name.len);
    d->key_len = name.len;
    d->has_key = true;
}

/* A number, a keyword; "12 0 R" is none of the key's own. */
static void take_word(struct pdf_dict *d, const struct pdf_lex *l)
{
    if (d->arrays > 0)
        return;
    if (pdf_lex_is(l, "R") && key_is(d, "Length"))
        d->sized = false;
    if (pdf_lex_is(l, "R") && key_is(d, "Filter"))
        d->coded = true; /* whatever that is */
    if (d->has_key && key_is(d, "Length"))
        d->sized = pdf_lex_number(l, &d->length);
    d->has_key = false;
}

static void take_open(struct pdf_dict *d)
{
    if (d->depth == 0)
        *d = (struct pdf_dict){.depth = 0};
    else if (d->depth == 1)
        d->parameters = d->parameters || key_is(d, "DecodeParms");
    d->depth++;
}

static void take_close(struct pdf_dict *d)
{
    if (d->depth == 0)
        return;
    d->depth--;
    d->closed = d->depth == 0;
    if (d->depth == 1 && d->arrays == 0)
        d->has_key = false;
}

void pdf_dict_take(struct pdf_dict *d, const struct pdf_lex *l)
{
    d->closed = false;
    if (l->token == PDF_OPEN)
        take_open(d);
    else if (l->token == PDF_CLOSE)
        take_close(d);
    else if (d->depth != 1)
        return;
    else if (l->token == PDF_NAME)
        take_name(d, pdf_lex_text(l));
    else if (l->token == PDF_WORD)
        take_word(d, l);
    else if (l->token == PDF_ARRAY)
        d->arrays++;
    else if (l->token == PDF_ARRAY_END && d->arrays > 0)
        d->has_key = --d->arrays > 0;
    else if (l->token == PDF_STRING)
        d->has_key = d->has_key && d->arrays > 0;
}
