#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/format.h"
#include "scanner/formats/pdf/pdf_dict.h"

#define HEADER 8 /* bytes: %PDF-1.7 */
#define WORD "endstream"

/* What makes a reader do more than show. SPEC: ISO 32000-1, sections 12.6, 7.11.4, 12.7, 13.6 */
static const char *const told[] = {
    "JavaScript",    "JS",         "Launch",         "OpenAction", "AA",    "EmbeddedFile",
    "EmbeddedFiles", "SubmitForm", "ImportData",     "GoToE",      "GoToR", "URI",
    "RichMedia",     "XFA",        "FileAttachment", "Encrypt",
};
enum { ENCRYPT = ARRAY_LEN(told) - 1 };

/* What was passed so far, and when the last %%EOF stood there. */
struct mark {
    uint64_t opaque, dark, at;
};

struct pdf {
    const struct format_input *in;
    struct pdf_lex lex;
    struct pdf_dict dict;
    uint64_t counts[ARRAY_LEN(told)];
    uint64_t objects, streams, object_streams, unread_streams, updates, embedded;
    uint64_t *places; /* of objects and tables, in the order of the file */
    size_t nplaces;
    uint64_t number_at, before_at; /* of the last two numbers, when they are the last two tokens */
    bool number, before;
    bool points; /* the last word is "startxref" */
    uint64_t start;
    uint64_t object_bytes; /* of object streams */
    uint64_t expanded;
    struct mark now, end;
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "%PDF-") && head.len >= HEADER && head.data[5] >= '0' &&
                   head.data[5] <= '9'
               ? FORMAT_CERTAIN
               : 0;
}

static void watch(struct pdf *p, const struct pdf_lex *l)
{
    for (size_t i = 0; l->token == PDF_NAME && i < ARRAY_LEN(told); i++)
        if (slice_is(pdf_lex_text(l), told[i]))
            p->counts[i]++;
}

/* ---- what is in streams ---- */
static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* n bytes that are only data, or what is left of them. */
static bool pass(struct pdf *p, uint64_t n, struct err *e)
{
    struct pdf_lex *l = &p->lex;

    l->state = 0;
    while (n > 0) {
        size_t some;

        if (!feed_more(l->feed, &l->r, 1, e))
            return false;
        if (l->r.left == 0)
            return true;
        some = n < l->r.left ? (size_t)n : l->r.left;
        for (size_t i = 0; i < some; i++)
            pdf_lex_seek(l, l->r.data[i]);
        if (!reader_skip(&l->r, some))
            return false;
        p->now.opaque += some;
        n -= some;
    }
    return true;
}

/* Up to the word, wherever it is. */
static bool pass_to_word(struct pdf *p, struct err *e)
{
    struct pdf_lex *l = &p->lex;
    size_t at;

    for (;;) {
        if (!feed_more(l->feed, &l->r, FEED_NEED, e))
            return false;
        if (slice_find((struct slice){l->r.data, l->r.left}, SLICE_LIT(WORD), &at))
            return pass(p, at, e);
        if (l->r.left < FEED_NEED)
            return pass(p, l->r.left, e);
        if (!pass(p, l->r.left - strlen(WORD), e))
            return false;
    }
}

/* Does the word stand behind n bytes, with a line end at most in front of it? */
static bool ends_behind(struct slice s, size_t n)
{
    struct slice rest = slice_trim_start(slice_from(s, n), " \t\r\n");

    return n <= s.len && slice_starts(rest, WORD);
}

/* The length of the stream that begins here, when it can be held whole: what /Length says, when the
 * word stands there, else up to the first one, as readers do that repair. */
static bool length_of(struct pdf *p, size_t *n, struct err *e)
{
    struct pdf_lex *l = &p->lex;
    struct slice s;

    *n = SIZE_MAX;
    if (!feed_more(l->feed, &l->r, FEED_NEED, e))
        return false;
    s = (struct slice){l->r.data, l->r.left};
    if (p->dict.sized && p->dict.length <= s.len && ends_behind(s, (size_t)p->dict.length)) {
        *n = (size_t)p->dict.length;
        return true;
    }
    if (!slice_find(s, SLICE_LIT(WORD), n)) {
        *n = SIZE_MAX;
        return true;
    }
    if (*n > 0 && s.data[*n - 1] == '\n')
        (*n)--;
    if (*n > 0 && s.data[*n - 1] == '\r')
        (*n)--;
    return true;
}

static bool readable(const struct pdf *p)
{
    return !p->dict.coded && !p->dict.parameters && p->dict.filters <= 1;
}

/* All tokens of an object stream; false when they could not all be read. */
static bool look_into(struct pdf *p, struct source *bytes, struct err *e)
{
    struct pdf_lex l;
    struct feed feed;
    bool ok;

    feed_init(&feed, bytes, false);
    pdf_lex_init(&l, &feed, 0);
    do {
        ok = pdf_lex_next(&l, e) && l.r.offset <= LIMIT_CAPTURE_BYTES - p->expanded;
        watch(p, &l);
    } while (ok && l.token != PDF_END);
    p->expanded += l.r.offset < LIMIT_CAPTURE_BYTES - p->expanded
                       ? l.r.offset
                       : LIMIT_CAPTURE_BYTES - p->expanded;
    feed_release(&feed);
    return ok;
}

/* The contents of a stream, as a source over `raw`; NULL: it is coded otherwise. */
static struct source *contents(const struct pdf *p, struct source *raw)
{
    struct source *decoded;
    struct err e = {0};

    if (p->dict.filters == 0)
        return raw;
    return source_decode(raw, CODEC_ZLIB, &decoded, &e) ? decoded : NULL;
}

/* An object stream, or a file within this one, of n bytes. False: the system refused. */
static bool inner(struct pdf *p, size_t n, bool *read, struct err *e)
{
    struct source *raw = source_memory((struct slice){p->lex.r.data, n});
    struct source *bytes = readable(p) ? contents(p, raw) : NULL;
    struct format_input in;
    struct err why = {0};
    bool ok = true;

    *read = bytes != NULL;
    if (bytes != NULL && p->dict.objects) {
        *read = look_into(p, bytes, &why);
    } else if (bytes != NULL) {
        in =
            format_inner(p->in, bytes,
                         arena_printf(p->in->scratch, "embedded-%" PRIu64 ".bin", p->lex.r.offset));
        in.container = "pdf";
        in.costly = true;
        ok = format_scan(&in, e);
    }
    if (bytes != raw)
        source_free(bytes);
    source_free(raw);
    return ok;
}

/* Behind the word "stream". */
static bool stream(struct pdf *p, struct err *e)
{
    const bool within = p->dict.objects || p->dict.embedded;
    bool read = false;
    uint64_t from;
    size_t n;

    p->streams++;
    p->object_streams += p->dict.objects;
    p->embedded += p->dict.embedded;
    if (!pdf_lex_line(&p->lex, e) || !length_of(p, &n, e))
        return false;
    if (within && n != SIZE_MAX && !inner(p, n, &read, e))
        return false;
    from = p->now.opaque;
    if (n == SIZE_MAX ? !pass_to_word(p, e) : !pass(p, n, e))
        return false;
    if (!within)
        return true;
    p->object_bytes += p->dict.objects ? p->now.opaque - from : 0;
    p->unread_streams += !read;
    p->now.dark += read ? 0 : p->now.opaque - from;
    p->now.opaque = from; /* read, and so parsed; or nobody knows */
    return true;
}

/* ---- what is around them ---- */
static void place(struct pdf *p, uint64_t at)
{
    uint64_t *to = ARENA_PUSH(p->in->scratch, &p->places, &p->nplaces);

    *to = at;
}

static void numbers(struct pdf *p)
{
    uint64_t n;
    const bool is = pdf_lex_number(&p->lex, &n);

    if (is && p->points)
        p->start = n;
    p->points = pdf_lex_is(&p->lex, "startxref");
    p->before = is && p->number;
    p->before_at = p->number_at;
    p->number = is;
    p->number_at = p->lex.at;
}

static bool word(struct pdf *p, struct err *e)
{
    const bool object = p->number && p->before, behind = p->dict.closed;

    if (pdf_lex_is(&p->lex, "obj") && object) {
        place(p, p->before_at);
        p->objects++;
        p->dict = (struct pdf_dict){.depth = 0};
    }
    if (pdf_lex_is(&p->lex, "xref"))
        place(p, p->lex.at);
    if (pdf_lex_is(&p->lex, "endobj"))
        p->dict = (struct pdf_dict){.depth = 0};
    numbers(p);
    if (pdf_lex_is(&p->lex, "stream") && behind)
        return stream(p, e);
    pdf_dict_take(&p->dict, &p->lex);
    return true;
}

static bool walk(struct pdf *p, struct err *e)
{
    for (;;) {
        if (!pdf_lex_next(&p->lex, e))
            return false;
        if (p->lex.token == PDF_END)
            return true;
        if (p->lex.token == PDF_WORD) {
            if (!word(p, e))
                return false;
            continue;
        }
        p->number = false;
        watch(p, &p->lex);
        pdf_dict_take(&p->dict, &p->lex);
        if (p->lex.token == PDF_EOF) {
            p->updates++;
            p->end = p->now;
            p->end.at = p->lex.r.offset;
        }
    }
}

/* The line end behind the last %%EOF, and blanks; what else stands there is of no document. */
static bool blanks(struct pdf *p, uint64_t len, uint64_t *end, struct err *e)
{
    uint8_t some[64];
    size_t got = 0;

    *end = p->end.at;
    while (*end < len) {
        const size_t n = len - *end < sizeof(some) ? (size_t)(len - *end) : sizeof(some);

        if (!source_some(p->in->bytes, *end, some, n, &got, e))
            return false;
        for (size_t i = 0; i < got; i++, (*end)++)
            if (!is_blank(some[i]) && some[i] != 0)
                return true;
        if (got == 0)
            return true;
    }
    return true;
}

static void tell(const struct pdf *p, struct slice version)
{
    struct arena *a = p->in->scratch;
    struct value_builder b, names;

    value_map_begin(&names, a);
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if (p->counts[i] > 0)
            value_map_add(&names, told[i], value_int(a, (int64_t)p->counts[i], NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(p->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "version", format_string(a, version, HEADER));
    value_map_add(&b, "objects", value_int(a, (int64_t)p->objects, NULL));
    value_map_add(&b, "streams", value_int(a, (int64_t)p->streams, NULL));
    value_map_add(&b, "object_streams", value_int(a, (int64_t)p->object_streams, NULL));
    value_map_add(&b, "unread_streams", value_int(a, (int64_t)p->unread_streams, NULL));
    value_map_add(&b, "embedded", value_int(a, (int64_t)p->embedded, NULL));
    value_map_add(&b, "hidden", value_int(a, (int64_t)p->lex.hidden, NULL));
    value_map_add(&b, "updates", value_int(a, (int64_t)p->updates, NULL));
    value_map_add(&b, "encrypted", value_bool(a, p->counts[ENCRYPT] > 0, NULL));
    value_map_add(&b, "names", value_map_end(&names, NULL));
    format_tell(p->in, "model.pdf", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static bool check(struct pdf *p, uint64_t len, struct err *e)
{
    if (p->objects == 0)
        return err_pos(e, ERR_FORMAT, len, "no objects");
    if (p->end.at == 0)
        return err_pos(e, ERR_FORMAT, len, "no %%%%EOF");
    if (p->nplaces == 0 ||
        bsearch(&p->start, p->places, p->nplaces, sizeof(p->start), by_number) == NULL)
        return err_pos(e, ERR_FORMAT, p->start, "no table of objects stands where startxref says");
    if (p->now.dark > 0 && p->counts[ENCRYPT] > 0)
        return err_fail(e, ERR_UNSUPPORTED,
                        "the document is encrypted: %" PRIu64
                        " streams of objects or files could not be read",
                        p->unread_streams);
    if (p->now.dark > 0)
        return err_fail(e, ERR_UNSUPPORTED,
                        "%" PRIu64 " streams of objects or files are coded in another way than "
                        "FlateDecode, or too long",
                        p->unread_streams);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct pdf p = {.in = in};
    struct reader r = {.offset = 0};
    struct slice version;
    uint64_t len, end;

    if (!feed_more(in->feed, &r, HEADER, e))
        return false;
    version = arena_slice(in->scratch, (struct slice){r.data, r.left < HEADER ? r.left : HEADER});
    pdf_lex_init(&p.lex, in->feed, 0);
    if (!walk(&p, e) || !feed_drain(in->feed, &len, e))
        return false;
    if (p.counts[ENCRYPT] > 0) { /* what was taken for their objects was none */
        p.unread_streams =
            p.object_streams > p.unread_streams ? p.object_streams : p.unread_streams;
        p.end.dark = p.end.dark > p.object_bytes ? p.end.dark : p.object_bytes;
        p.now.dark = p.now.dark > p.object_bytes ? p.now.dark : p.object_bytes;
    }
    tell(&p, slice_from(version, 5));
    if (!blanks(&p, len, &end, e))
        return false;
    cover->opaque = p.end.opaque;
    cover->parsed =
        end - p.end.opaque - (p.end.dark < end - p.end.opaque ? p.end.dark : end - p.end.opaque);
    return check(&p, len, e);
}

const struct format format_pdf = {
    .name = "pdf",
    .summary = "papers that stand beside a model: PDF, and what in it acts; streams opaque",
    .spec = "ISO 32000-1:2008, sections 7.2 to 7.5, 12.6; ISO 32000-2:2020",
    .begins = "%PDF-",
    .probe = probe,
    .parse = parse,
};
