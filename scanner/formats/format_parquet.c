#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "scanner/formats/document_walk.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"
#include "scanner/formats/location.h"
#include "scanner/formats/member.h"
#include "scanner/formats/metadata.h"
#include "scanner/formats/table/arrow.h"
#include "scanner/formats/table/parquet.h"
#include "scanner/formats/table/thrift.h"

#define MAGIC 4
#define END 8        /* bytes: the length of the footer, the magic */
#define SIGNATURE 28 /* SPEC: Parquet, Encryption.md, 5.2: behind a footer that is signed only */
#define BLOCK ((size_t)1 << 16)
#define TOLD_TEXT 256

static int probe(struct slice head, const char *name)
{
    (void)name;
    return slice_starts(head, "PAR1") || slice_starts(head, "PARE") ? FORMAT_CERTAIN : 0;
}

/* ---- what no column takes ---- */
static int by_place(const void *a, const void *b)
{
    const struct parquet_range *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* The metadata of a column once more, behind its pages: what writers did until 2023. Gives its
 * length, or 0. SPEC: parquet.thrift, ColumnChunk.file_offset */
static uint64_t copy_len(const struct parquet *p, struct slice block, uint64_t at)
{
    const struct thrift_field whole = {.type = THRIFT_STRUCT};
    struct reader r = reader_at(block, at);
    struct err e = {0};

    if (p->ncopies == 0 || bsearch(&at, p->copies, p->ncopies, sizeof(at), by_number) == NULL ||
        !thrift_skip(&r, &whole, &e))
        return 0;
    return r.offset - at;
}

/* Bytes which no column takes: a copy of its metadata, and zeros, since some writers
 * align row groups. What comes behind another byte stays unread. */
static bool gap(const struct format_input *in, const struct parquet *p,
                const struct parquet_range *range, struct format_cover *cover, struct err *e)
{
    const uint64_t end = range->end;
    AUTO_FREE uint8_t *block = malloc(BLOCK);
    uint64_t at = range->at;
    size_t got = 0, i = 0;
    bool first = true;

    if (block == NULL)
        abort();
    for (; at < end; at += i) {
        const size_t n = end - at < BLOCK ? (size_t)(end - at) : BLOCK;

        if (!source_some(in->bytes, at, block, n, &got, e))
            return false;
        i = first ? (size_t)copy_len(p, (struct slice){block, got}, at) : 0;
        first = false;
        cover->parsed += i;
        if (i > 0)
            continue;
        while (i < got && block[i] == 0)
            i++;
        cover->opaque += i;
        if (i < got || got == 0)
            return true;
    }
    return true;
}

static bool account(const struct format_input *in, struct parquet *p, struct format_cover *cover,
                    struct err *e)
{
    uint64_t at = MAGIC;

    if (p->nranges > 1)
        qsort(p->ranges, p->nranges, sizeof(*p->ranges), by_place);
    if (p->ncopies > 1)
        qsort(p->copies, p->ncopies, sizeof(*p->copies), by_number);
    for (size_t i = 0; i <= p->nranges; i++) {
        const struct parquet_range end = {p->data_end, p->data_end};
        const struct parquet_range *r = i < p->nranges ? &p->ranges[i] : &end;

        const struct parquet_range between = {at, r->at};

        if (r->at > at && !gap(in, p, &between, cover, e))
            return false;
        at = r->at > at ? r->at : at;
        cover->opaque += r->end > at ? r->end - at : 0;
        at = r->end > at ? r->end : at;
    }
    return true;
}

/* ---- telling ---- */
static void tell(const struct format_input *in, const struct parquet *p, const char *encrypted,
                 const struct arrow_seen *seen)
{
    struct arena *a = in->scratch;
    struct value_builder b, keys;

    value_list_begin(&keys, a);
    for (size_t i = 0; i < p->nkeys && i < LIMIT_METADATA_KEYS; i++)
        value_list_add(&keys, format_string(a, p->keys[i].key, TOLD_TEXT));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "format", value_str(a, "parquet"));
    value_map_add(&b, "created_by", format_string(a, p->created_by, TOLD_TEXT));
    value_map_add(&b, "rows", value_int(a, p->rows, NULL));
    value_map_add(&b, "batches", value_int(a, (int64_t)p->groups, NULL));
    value_map_add(&b, "columns", value_int(a, (int64_t)p->leaves, NULL));
    value_map_add(&b, "encrypted", value_str(a, encrypted));
    value_map_add(&b, "elsewhere", value_int(a, (int64_t)p->elsewhere, NULL));
    value_map_add(&b, "keys", value_list_end(&keys, NULL));
    value_map_add(&b, "extensions", arrow_extensions(seen));
    format_tell(in, "model.table", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

/* Columns that lie in other files: a file _metadata speaks of those of its folder. */
static void tell_files(const struct format_input *in, const struct names *files)
{
    struct document_teller teller = {.in = in};
    struct arena *a = in->scratch;

    for (size_t i = 0; i < files->n; i++) {
        const struct document_at at = {.value = value_bytes(a, files->name[i], NULL)};
        const bool out = location_problems(files->name[i]) != 0;
        const char *path = out ? "" : extension_beside(in->path, files->name[i], a);
        struct value_builder b;

        if (out)
            document_walk_loader(&teller, &at, "reference-escape", value_text(at.value), false);
        value_map_begin(&b, a);
        value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
        value_map_add(&b, "framework", value_str(a, "parquet"));
        value_map_add(&b, "target", format_string(a, slice_str(path), LIMIT_NAME_BYTES));
        value_map_add(&b, "tensors", value_int(a, 0, NULL));
        value_map_add(&b, "end", value_int(a, 0, NULL));
        format_tell(in, "model.shard", arena_printf(a, "%s#%zu", in->path, i), ERR_NO_OFFSET,
                    value_map_end(&b, NULL));
    }
}

/* The schema as Arrow has it, in base64. SPEC: Arrow, cpp/src/parquet/arrow/writer.cc */
static bool arrow(struct arrow_seen *seen, struct slice value, struct err *e)
{
    struct slice bytes;

    return (base64_get(value, seen->in->scratch, &bytes, e) &&
            arrow_schema_message(seen, bytes, e)) ||
           err_in(e, "ARROW:schema");
}

static bool judge_keys(struct arrow_seen *seen, const struct parquet *p, struct err *e)
{
    struct arena *a = seen->in->scratch;

    for (size_t i = 0; i < p->nkeys; i++) {
        const struct parquet_key *k = &p->keys[i];

        if (!slice_is(k->key, "ARROW:schema"))
            metadata_text(seen->in, slice_str(member_name(a, k->key)), k->value, k->at);
        else if (!arrow(seen, k->value, e))
            return false;
    }
    return true;
}

/* ---- the footer ---- */
static bool footer_bytes(const struct format_input *in, uint64_t at, uint32_t n, struct slice *out,
                         struct err *e)
{
    const struct slice tail = feed_tail(in->feed);
    uint8_t *bytes;

    if ((uint64_t)n + END <= tail.len) {
        *out = (struct slice){tail.data + tail.len - END - n, n};
        *out = arena_slice(in->scratch, *out);
        return true;
    }
    bytes = arena_alloc(in->scratch, n);
    *out = (struct slice){bytes, n};
    return source_read(in->bytes, at, bytes, n, e);
}

static bool read_footer(const struct format_input *in, struct parquet *p, uint32_t n,
                        struct format_cover *cover, struct err *e)
{
    struct arrow_seen seen;
    struct names files;
    struct slice bytes;
    struct reader r;

    if (!footer_bytes(in, p->data_end, n, &bytes, e))
        return false;
    names_init(&files, in->scratch, LIMIT_DOCUMENT_ITEMS, (size_t)1 << 20);
    p->files = &files;
    r = reader_at(bytes, p->data_end);
    if (!parquet_read(p, &r, e))
        return false;
    if (r.left != 0 && !(p->signed_footer && r.left == SIGNATURE))
        return err_at(e, ERR_FORMAT, &r, "%zu bytes behind the metadata", r.left);
    cover->parsed = MAGIC + (uint64_t)n + END;
    arrow_seen_init(&seen, in);
    if (!account(in, p, cover, e) || !judge_keys(&seen, p, e))
        return false;
    tell(in, p, p->encrypted > 0 ? "columns" : "no", &seen);
    tell_files(in, &files);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct parquet p = {.arena = in->scratch};
    struct reader r = {.offset = 0};
    struct arrow_seen none;
    struct slice tail, head;
    uint64_t len;
    uint32_t n;

    if (!feed_more(in->feed, &r, MAGIC, e))
        return false;
    head = arena_slice(in->scratch, (struct slice){r.data, r.left < MAGIC ? r.left : MAGIC});
    if (!feed_drain(in->feed, &len, e))
        return false;
    tail = feed_tail(in->feed);
    if (len < MAGIC + END || head.len < MAGIC || tail.len < END ||
        memcmp(tail.data + tail.len - MAGIC, head.data, MAGIC) != 0)
        return err_pos(e, ERR_FORMAT, len, "no footer at the end");
    r = reader_over((struct slice){tail.data + tail.len - END, END});
    if (!reader_u32le(&r, &n) || n > len - MAGIC - END)
        return err_pos(e, ERR_FORMAT, len - END, "a footer of %" PRIu32 " bytes", n);
    if (n > LIMIT_CAPTURE_BYTES)
        return err_pos(e, ERR_LIMIT, len - END,
                       "a footer of %" PRIu32 " bytes (LIMIT_CAPTURE_BYTES)", n);
    p.data_end = len - END - n;
    if (slice_is(head, "PARE")) { /* SPEC: Parquet, Encryption.md, 5.1 */
        arrow_seen_init(&none, in);
        tell(in, &p, "footer", &none);
        return err_fail(e, ERR_UNSUPPORTED,
                        "an encrypted footer: what is in the file nobody can tell");
    }
    return read_footer(in, &p, n, cover, e);
}

const struct format format_parquet = {
    .name = "parquet",
    .summary = "tables of Parquet: the footer, where all columns are, metadata; pages opaque",
    .spec = "Apache Parquet 2.11, parquet.thrift, README.md, Encryption.md",
    .begins = "PAR1",
    .probe = probe,
    .parse = parse,
};
