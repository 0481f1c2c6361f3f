/* Records of TensorFlow, each between two checksums: examples to train with, and the events that
 * TensorBoard shows. SPEC: tsl/lib/io/record_writer.h; tensorflow/core/util/event.proto. */
#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/crc32c.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/graph/protobuf.h"
#include "scanner/formats/pickle/pickle_payload.h"

#define HEAD 12        /* bytes in front of a record: its length, and the checksum of that */
#define TAIL 4         /* bytes behind it: its checksum */
#define PEEK 64        /* bytes of a record that say what it begins like */
#define VERSION 256    /* bytes of the first event in which its version must stand */
#define FIELD 20       /* bytes of a field's tag and number */
#define PARTS 1000     /* graphs, and records that begin like files */
#define PARTS_COSTLY 8 /* the same where the stream is decompressed again for each */

extern const struct format format_tensorflow;

/* fields of Event */
enum { EVENT_TIME = 1, EVENT_STEP, EVENT_VERSION, EVENT_GRAPH, EVENT_META_GRAPH = 9, EVENT_LAST };

struct part {
    uint64_t at, len;
    const char *end;         /* of its name */
    const struct format *as; /* NULL: what its bytes say */
};

struct tfrecord {
    const struct format_input *in;
    struct reader r;
    uint64_t left; /* bytes of this record's data that were not read */
    uint32_t crc;  /* of those that were */
    uint64_t records, bytes, largest, opaque, graphs;
    bool events;
    struct part *parts;
    size_t nparts;
};

static bool holds(struct slice head)
{
    struct reader r = reader_over(head);
    struct slice length;
    uint32_t sum;

    return reader_bytes(&r, 8, &length) && reader_u32le(&r, &sum) &&
           crc32c_masked(crc32c_more(CRC32C_BEGIN, length)) == sum;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return holds(head) ? FORMAT_CERTAIN : 0;
}

/* ---- the bytes of a record ---- */
/* All of `n` bytes, which are few. */
static bool need(struct tfrecord *t, size_t n, struct err *e)
{
    if (!feed_more(t->in->feed, &t->r, n, e))
        return false;
    return t->r.left >= n || err_at(e, ERR_FORMAT, &t->r, "a record is cut short");
}

static bool pass(struct tfrecord *t, uint64_t n, struct err *e)
{
    while (n > 0) {
        struct slice s;

        if (!need(t, 1, e) || !reader_bytes(&t->r, n < t->r.left ? n : t->r.left, &s))
            return false;
        t->crc = crc32c_more(t->crc, s);
        t->left -= s.len;
        n -= s.len;
    }
    return true;
}

static bool add_part(struct tfrecord *t, uint64_t len, const char *end, const struct format *as,
                     struct err *e)
{
    const size_t most = t->in->costly ? PARTS_COSTLY : PARTS;
    struct part *p;

    if (t->nparts == most)
        return err_at(e, ERR_LIMIT, &t->r, "more than %zu graphs and files in it", most);
    p = ARENA_PUSH(t->in->scratch, &t->parts, &t->nparts);
    *p = (struct part){t->r.offset, len, end, as};
    return true;
}

/* ---- events ---- */
/* The first one says of which version the others are. */
static bool first_event(struct slice head)
{
    struct reader r = reader_over(head);
    struct protobuf_field f;

    while (protobuf_head(&r, &f)) {
        if (f.number == EVENT_VERSION && f.wire == PROTOBUF_BYTES)
            return slice_starts((struct slice){r.data, r.left}, "brain.Event:");
        if (f.wire == PROTOBUF_BYTES && !reader_skip(&r, f.value))
            return false;
    }
    return false;
}

static enum protobuf_wire wire_of(uint32_t number)
{
    return number == EVENT_TIME   ? PROTOBUF_FIXED64
           : number == EVENT_STEP ? PROTOBUF_VARINT
                                  : PROTOBUF_BYTES;
}

static bool one_field(struct tfrecord *t, struct err *e)
{
    const size_t n = t->left < FIELD ? (size_t)t->left : FIELD;
    struct protobuf_field f;
    struct reader r;
    bool graph;

    if (!need(t, n, e))
        return false;
    r = reader_at((struct slice){t->r.data, n}, t->r.offset);
    if (!protobuf_head(&r, &f) || f.number > EVENT_LAST || f.wire != wire_of(f.number))
        return err_at(e, ERR_FORMAT, &t->r, "no field of an event");
    if (!pass(t, r.offset - t->r.offset, e))
        return false;
    if (f.wire != PROTOBUF_BYTES)
        return true;
    if (f.value > t->left)
        return err_at(e, ERR_FORMAT, &t->r, "a field of %" PRIu64 " bytes in %" PRIu64, f.value,
                      t->left);
    graph = f.number == EVENT_GRAPH || f.number == EVENT_META_GRAPH;
    if (graph && !add_part(t, f.value, f.number == EVENT_GRAPH ? "graph.pb" : "graph.meta",
                           &format_tensorflow, e))
        return false;
    t->graphs += graph;
    t->opaque += graph ? 0 : f.value;
    return pass(t, f.value, e);
}

static bool event(struct tfrecord *t, struct err *e)
{
    while (t->left > 0)
        if (!one_field(t, e))
            return false;
    return true;
}

/* ---- records ---- */
/* Data of any form; what begins like a pickle, an archive or a program is judged as a file. */
static bool data(struct tfrecord *t, struct err *e)
{
    const size_t peek = t->left < PEEK ? (size_t)t->left : PEEK;

    if (!need(t, peek, e))
        return false;
    if (pickle_payload_of((struct slice){t->r.data, peek}) == PICKLE_PAYLOAD_NONE)
        t->opaque += t->left;
    else if (!add_part(t, t->left, "bin", NULL, e))
        return false;
    return pass(t, t->left, e);
}

/* TensorBoard takes files of events by their name. */
static bool named(const char *path)
{
    return strstr(extension_base(path), "tfevents") != NULL;
}

static bool begin(struct tfrecord *t, uint64_t length, struct err *e)
{
    const size_t n = length < VERSION ? (size_t)length : VERSION;

    if (!need(t, n, e))
        return false;
    t->events = named(t->in->path) || first_event((struct slice){t->r.data, n});
    return true;
}

/* The data and its checksum, of the record at `at`. What is not there is not judged. */
static bool body(struct tfrecord *t, uint64_t at, struct err *e)
{
    const struct tfrecord before = *t;
    uint32_t sum;

    t->crc = CRC32C_BEGIN;
    if (!(t->events ? event(t, e) : data(t, e))) {
        t->opaque = before.opaque;
        t->graphs = before.graphs;
        t->nparts = before.nparts;
        return false;
    }
    if (!need(t, TAIL, e) || !reader_u32le(&t->r, &sum))
        return false;
    return sum == crc32c_masked(t->crc) ||
           err_pos(e, ERR_FORMAT, at, "the checksum of a record is another");
}

static bool one_record(struct tfrecord *t, struct err *e)
{
    const uint64_t at = t->r.offset;
    uint64_t length;

    if (!need(t, HEAD, e))
        return false;
    if (!holds((struct slice){t->r.data, HEAD}) || !reader_u64le(&t->r, &length) ||
        !reader_skip(&t->r, 4))
        return err_pos(e, ERR_FORMAT, at, "the checksum of the length of a record is another");
    if (length > LIMIT_RECORD_BYTES)
        return err_pos(e, ERR_LIMIT, at, "a record of %" PRIu64 " bytes (LIMIT_RECORD_BYTES)",
                       length);
    if (t->records == 0 && !begin(t, length, e))
        return false;
    t->left = length;
    if (!body(t, at, e))
        return false;
    t->records++;
    t->bytes += length;
    t->largest = length > t->largest ? length : t->largest;
    return true;
}

static bool all_records(struct tfrecord *t, struct err *e)
{
    do {
        if (!one_record(t, e) || !feed_more(t->in->feed, &t->r, 1, e))
            return false;
    } while (t->r.left > 0);
    return true;
}

static void tell(const struct tfrecord *t)
{
    struct arena *a = t->in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(t->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, t->events ? "events" : "records"));
    value_map_add(&b, "records", value_int(a, (int64_t)t->records, NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)t->bytes, NULL));
    value_map_add(&b, "largest", value_int(a, (int64_t)t->largest, NULL));
    value_map_add(&b, "graphs", value_int(a, (int64_t)t->graphs, NULL));
    value_map_add(&b, "files", value_int(a, (int64_t)(t->nparts - t->graphs), NULL));
    format_tell(t->in, "model.tfrecord", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool scan_part(const struct tfrecord *t, const struct part *p, struct err *e)
{
    struct source *s = source_sub(t->in->bytes, p->at, p->len);
    struct format_input inner =
        format_inner(t->in, s,
                     arena_printf(t->in->scratch, "record-%" PRIu64 "%s%s", p->at,
                                  p->as != NULL ? "-" : ".", p->end));
    bool ok;

    inner.container = t->events ? "tfevents" : "tfrecord";
    inner.as = p->as;
    ok = format_scan(&inner, e);
    source_free(s);
    return ok;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct tfrecord t = {.in = in};
    bool ok = all_records(&t, e);

    cover->format = t.events ? "tfevents" : "tfrecord";
    cover->opaque = t.opaque;
    tell(&t);
    for (size_t i = 0; i < t.nparts; i++) {
        struct err failed = {0};

        cover->scanned += t.parts[i].len;
        if (!scan_part(&t, &t.parts[i], &failed)) {
            *e = ok ? failed : *e;
            ok = false;
        }
    }
    cover->parsed = t.r.offset - cover->opaque - cover->scanned;
    return ok;
}

const struct format format_tfrecord = {
    .name = "tfrecord",
    .summary = "records of TensorFlow: examples, and the events that TensorBoard shows",
    .spec = "tsl/lib/io/record_writer.h; tensorflow/core/util/event.proto",
    .probe = probe,
    .parse = parse,
};
