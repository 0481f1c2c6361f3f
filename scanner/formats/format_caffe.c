/* Models of Caffe: nets with their numbers (.caffemodel), nets and solvers as text (.prototxt),
 * means of pictures (.binaryproto) and states of solvers (.solverstate). */
#include "scanner/formats/format.h"

#include <string.h>

#include "base/attr.h"
#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/graph/caffe.h"
#include "scanner/formats/graph/pbtxt.h"

#define TYPES_MAX 256 /* numbers of V1LayerParameter.LayerType; 40 are known */

enum kind { KIND_NONE, KIND_NET, KIND_MEAN, KIND_STATE };

static const struct {
    const char *format, *tell, *name; /* `name`: the end of the files' names */
    enum caffe_kind message;
} kinds[] = {
    [KIND_NONE] = {"caffe", "net", "", CAFFE_NET},
    [KIND_NET] = {"caffe", "net", ".caffemodel", CAFFE_NET},
    [KIND_MEAN] = {"caffe-mean", "mean", ".binaryproto", CAFFE_BLOB},
    [KIND_STATE] = {"caffe-solver-state", "state", ".solverstate", CAFFE_STATE},
};

/* ---- what the first bytes say ---- */
/* Text of a name: no blanks of lines, no controls. */
static bool printable(struct slice s)
{
    size_t bad;

    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < ' ' || s.data[i] == 0x7f)
            return false;
    return slice_utf8(s, &bad);
}

static bool word(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const uint8_t c = s.data[i];

        if ((c < '0' || c > '9') && ((c | 0x20) < 'a' || (c | 0x20) > 'z') && c != '_' && c != '-')
            return false;
    }
    return s.len > 0;
}

/* The next field, which the message has; false when it has none such. Bytes that the head holds
 * whole are passed over and lent. */
static bool next(struct reader *r, enum caffe_kind kind, struct protobuf_field *f, struct slice *s)
{
    const struct caffe_field *field;

    *s = (struct slice){0};
    if (!protobuf_head(r, f))
        return false;
    field = caffe_schema_field(kind, f->number);
    if (field == NULL || (field->wires >> f->wire & 1) == 0)
        return false;
    return f->wire != PROTOBUF_BYTES || reader_bytes(r, f->value, s);
}

/* A layer that says its type; it may reach past the head. */
static bool layer_like(struct slice bytes)
{
    struct reader r = reader_over(bytes);
    struct protobuf_field f;
    struct slice s;

    while (next(&r, CAFFE_LAYER, &f, &s)) {
        if (f.number == 2)
            return word(s);
        if ((f.number == 1 || f.number == 3 || f.number == 4) && !printable(s))
            return false;
    }
    return false;
}

static bool v0_like(struct slice bytes)
{
    struct reader r = reader_over(bytes);
    struct protobuf_field f;
    struct slice s;

    return next(&r, CAFFE_V0, &f, &s) && f.number == 1 && printable(s) &&
           next(&r, CAFFE_V0, &f, &s) && f.number == 2 && word(s);
}

static bool v1_like(struct slice bytes)
{
    struct reader r = reader_over(bytes);
    struct protobuf_field f;
    struct slice s;

    while (protobuf_head(&r, &f)) {
        s = (struct slice){r.data, f.value < r.left ? (size_t)f.value : r.left};
        if (f.number == 1 && f.wire == PROTOBUF_BYTES)
            return v0_like(s);
        if (f.number == 5)
            return f.wire == PROTOBUF_VARINT && f.value < TYPES_MAX;
        if (f.number > 4 || f.wire != PROTOBUF_BYTES || !printable(s) || !reader_skip(&r, f.value))
            return false;
    }
    return false;
}

/* A net: a name and inputs, then layers. */
static bool net_like(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;
    struct slice s;

    for (;;) {
        struct reader at = r;

        if (protobuf_head(&at, &f) && f.wire == PROTOBUF_BYTES &&
            (f.number == 100 || f.number == 2)) {
            s = (struct slice){at.data, f.value < at.left ? (size_t)f.value : at.left};
            return f.number == 100 ? layer_like(s) : v1_like(s);
        }
        if (!next(&r, CAFFE_NET, &f, &s) || ((f.number == 1 || f.number == 3) && !printable(s)))
            return false;
    }
}

/* A mean: four sides, then as many numbers. */
static bool mean_like(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;
    uint64_t n = sizeof(float);

    for (uint32_t i = 1; i <= 4; i++)
        if (!protobuf_head(&r, &f) || f.number != i || f.wire != PROTOBUF_VARINT ||
            !checked_mul(n, f.value, &n))
            return false;
    return n > 0 && protobuf_head(&r, &f) && f.number == 5 && f.wire == PROTOBUF_BYTES &&
           f.value == n;
}

/* A state: a number, the file of the net, then numbers. */
static bool state_like(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;
    struct slice s;

    return next(&r, CAFFE_STATE, &f, &s) && f.number == 1 && next(&r, CAFFE_STATE, &f, &s) &&
           f.number == 2 && printable(s) &&
           (slice_ends(s, ".caffemodel") || slice_ends(s, ".caffemodel.h5")) &&
           protobuf_head(&r, &f) && f.number == 3 && f.wire == PROTOBUF_BYTES;
}

/* By the name: is the first field one of the message's, as far as it goes? */
static bool begins_like(struct slice head, enum caffe_kind kind)
{
    struct reader r = reader_over(head);
    const struct caffe_field *field;
    struct protobuf_field f;

    if (head.len < 2)
        return head.len == 1;
    if (!protobuf_head(&r, &f))
        return false;
    field = caffe_schema_field(kind, f.number);
    return field != NULL && (field->wires >> f.wire & 1) != 0;
}

static enum kind kind_of(struct slice head, const char *name, bool *sure)
{
    *sure = true;
    if (net_like(head))
        return KIND_NET;
    if (mean_like(head))
        return KIND_MEAN;
    if (state_like(head))
        return KIND_STATE;
    *sure = false;
    for (size_t i = KIND_NET; i < ARRAY_LEN(kinds); i++)
        if (slice_ends(slice_str(name), kinds[i].name) && begins_like(head, kinds[i].message))
            return (enum kind)i;
    return KIND_NONE;
}

static bool promises_text(const char *name)
{
    return slice_ends(slice_str(name), ".prototxt");
}

static int probe(struct slice head, const char *name)
{
    bool sure;

    if (kind_of(head, name, &sure) != KIND_NONE)
        return FORMAT_SURE + (sure ? 10 : 0);
    return caffe_text_like(head, promises_text(name)) ? FORMAT_CLAIM + 5 : 0;
}

/* ---- reading ---- */
static bool whole(const struct caffe *c, enum kind kind, struct err *e)
{
    const uint64_t at = protobuf_offset(&c->p);

    if (kind == KIND_NET && c->layers == 0)
        return err_pos(e, ERR_FORMAT, at, "a net without layers");
    if (kind == KIND_MEAN && (c->bad_blobs > 0 || c->bytes == 0))
        return err_pos(e, ERR_FORMAT, at, "numbers that do not fit their shape");
    if (kind == KIND_STATE && c->blobs == 0)
        return err_pos(e, ERR_FORMAT, at, "the state of a solver without numbers");
    return true;
}

static char *lower_name(const struct format_input *in)
{
    char *name = arena_strdup(in->scratch, extension_base(in->path));

    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return name;
}

static bool parse_text(struct caffe *c, bool promised, struct format_cover *cover, struct err *e)
{
    enum caffe_kind kind;
    struct pbtxt text;
    struct slice all;
    bool ok;

    if (!source_slurp(c->in->bytes, LIMIT_CAPTURE_BYTES, c->in->scratch, &all, e))
        return false;
    kind = caffe_text_kind(c, all, promised);
    if (kind == CAFFE_OTHER) {
        cover->declined = true;
        return true;
    }
    cover->format = kind == CAFFE_NET ? "caffe-text" : "caffe-solver";
    if (!pbtxt_clean(all))
        return err_fail(e, ERR_FORMAT, "control characters in a text");
    pbtxt_init(&text, all, c->names[kind]);
    c->p.text = &text;
    ok = caffe_read_message(c, kind, e);
    cover->parsed = ok ? all.len : text.at;
    caffe_tell(c, kind == CAFFE_NET ? "net" : "solver");
    pbtxt_release(&text);
    return ok;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct caffe *c = ARENA_NEW(in->scratch, struct caffe);
    struct reader *r = &c->p.r;
    const char *name;
    struct slice head;
    enum kind kind;
    bool ok, sure;

    caffe_read_init(c, in);
    if (!feed_more(in->feed, r, FORMAT_PROBE_BYTES, e))
        return false;
    head = (struct slice){r->data, r->left < FORMAT_PROBE_BYTES ? r->left : FORMAT_PROBE_BYTES};
    name = lower_name(in);
    kind = kind_of(head, name, &sure);
    if (kind == KIND_NONE)
        return parse_text(c, promises_text(name), cover, e);
    ok = caffe_read_message(c, kinds[kind].message, e);
    cover->opaque = c->p.opaque;
    cover->parsed = protobuf_offset(&c->p);
    cover->parsed -= c->p.opaque < cover->parsed ? c->p.opaque : cover->parsed;
    cover->format = kinds[kind].format;
    caffe_tell(c, kinds[kind].tell);
    return ok && whole(c, kind, e);
}

const struct format format_caffe = {
    .name = "caffe",
    .summary = "models of Caffe: layers, the files they name, Python, numbers",
    .spec = "Caffe 1.0, src/caffe/proto/caffe.proto",
    .probe = probe,
    .parse = parse,
};
