#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/torch/torch.h"
#include "scanner/formats/zip/zip_kind.h"

/* bytes that members may share in an archive of any length: a small one is read in every way */
#define OVERLAP_FREE (1u << 20)

struct zip_scan {
    const struct format_input *in;
    struct zip zip;
    struct zip_kind kind;
    struct torch_storages storages;
    bool judged;    /* the storages of data.pkl are known */
    uint64_t len;   /* of the archive */
    uint64_t spent; /* bytes of members that were looked at, decompressed */
    uint64_t again; /* compressed bytes that were read for another member, too */
};

static int probe(struct slice head, const char *name)
{
    if (slice_starts(head, "PK\3\4")) /* format_distcp asks this parser where it is but one zip */
        return slice_ends(slice_str(name), ".distcp") ? 0 : FORMAT_CERTAIN;
    return slice_starts(head, "PK\5\6") ? FORMAT_CERTAIN : 0;
}

/* SPEC: APPNOTE 4.4.5. */
static bool codec_of(const struct zip_member *m, enum source_codec *out)
{
    static const struct {
        uint16_t method;
        enum source_codec codec;
    } codecs[] = {
        {0, CODEC_NONE},      {8, CODEC_DEFLATE}, {12, CODEC_BZIP2},
        {14, CODEC_ZIP_LZMA}, {93, CODEC_ZSTD},   {95, CODEC_XZ},
    };

    for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
        if (codecs[i].method == m->method) {
            *out = codecs[i].codec;
            return true;
        }
    return false;
}

/* The contents of a member, decompressed; `packed` is what to free after it. */
static bool open_member(struct zip_scan *z, const struct zip_member *m, struct source **packed,
                        struct source **out, struct err *e)
{
    enum source_codec codec = CODEC_NONE;

    *packed = source_sub(z->in->bytes, m->data_at, m->packed);
    *out = *packed;
    if (!codec_of(m, &codec))
        return err_pos(e, ERR_UNSUPPORTED, m->header_at, "compression method %u", m->method);
    if (codec == CODEC_NONE)
        return true;
    if (!source_decode(*packed, codec, out, e))
        return false;
    source_ratio(*out, LIMIT_ARCHIVE_RATIO);
    return true;
}

static void close_member(struct source *packed, struct source *s)
{
    if (s != packed)
        source_free(s);
    source_free(packed);
}

/* ---- the storages of PyTorch ---- */
/* The key of a storage member: "<prefix>data/<key>"; false for others. */
static bool storage_key(const struct zip_scan *z, const struct zip_member *m, struct slice *key)
{
    static const char *const folders[] = {"data/", "constants/"};
    struct slice rest;

    if (z->kind.data == NULL || m->name.len < z->kind.prefix.len ||
        memcmp(m->name.data, z->kind.prefix.data, z->kind.prefix.len) != 0)
        return false;
    rest = slice_from(m->name, z->kind.prefix.len);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (slice_starts(rest, folders[i])) {
            *key = slice_from(rest, strlen(folders[i]));
            return key->len > 0 && memchr(key->data, '/', key->len) == NULL;
        }
    return false;
}

/* Reads data.pkl before the members are walked, to know the storages it names. */
static void read_storages(struct zip_scan *z)
{
    static const struct pickle_span all = {0, 0};
    struct format_input inner = *z->in;
    struct source *packed, *s;
    struct err ignored = {0};
    struct pickle p;
    struct feed feed;

    if (z->kind.data == NULL || !z->kind.data->readable)
        return;
    if (!open_member(z, z->kind.data, &packed, &s, &ignored)) {
        source_free(packed);
        return;
    }
    feed_init(&feed, s, false);
    inner.bytes = s;
    inner.feed = &feed;
    z->judged = pickle_scan(&inner, &all, &p, &ignored) && !p.broken;
    if (z->judged)
        torch_collect(&p, z->in->scratch, &z->storages);
    pickle_release(&p);
    feed_release(&feed);
    close_member(packed, s);
}

/* ---- members ---- */
static void flag_storage(struct zip_scan *z, const struct zip_member *m, struct slice key,
                         struct member_flags *f)
{
    const struct torch_storage *s = torch_find(&z->storages, key);
    const bool first = slice_starts(slice_from(m->name, z->kind.prefix.len), "data/");

    if (!z->judged || !first)
        return;
    if (s == NULL)
        member_flag(f, "storage-unreferenced");
    else if (s->conflict || !s->sized)
        member_flag(f, "storage-size-unknown");
    else if (s->bytes > m->size)
        member_flag(f, "storage-too-small");
    else if (s->bytes < m->size)
        member_flag(f, "storage-too-large");
}

static bool scan_member(struct zip_scan *z, const struct zip_member *m, const char *name,
                        struct member_flags *f, struct err *e)
{
    struct format_input inner;
    struct format_result result = {0};
    struct source *packed, *s;
    struct slice key;
    bool ok;

    if (!open_member(z, m, &packed, &s, e)) {
        source_free(packed);
        return false;
    }
    inner = format_inner(z->in, s, name);
    inner.container = z->kind.name;
    inner.result = &result;
    inner.want_crc = true;
    inner.storage = storage_key(z, m, &key);
    inner.stored = m->method == 0 && m->counted && m->packed == m->size;
    if (!inner.storage)
        inner.storage = zip_kind_raw(&z->kind, m);
    else
        flag_storage(z, m, key, f);
    ok = format_scan(&inner, e);
    z->spent += result.bytes;
    f->status = result.status;
    if (result.whole && ((result.summed && result.crc != m->crc) || result.bytes != m->size))
        member_flag(f, zip_flag_name(ZIP_CRC));
    close_member(packed, s);
    return ok;
}

/* A member that cannot be read has a ledger line all the same. */
static void gap(struct zip_scan *z, const struct zip_member *m, const char *name, const char *why)
{
    const struct coverage c = {
        .subject = z->in->sink->subject_name,
        .input = z->in->sink->input_name,
        .path = arena_printf(z->in->scratch, "%s!%s", z->in->path, name),
        .format = "unknown",
        .bytes = m->packed,
        .unread = m->packed,
        .status = COVERAGE_UNREADABLE,
        .code = err_code_name(ERR_FORMAT),
        .reason = why,
        .offset = m->header_at,
    };

    sink_cover(z->in->sink, &c);
}

/* What many members expand to, and members that share bytes, ends somewhere. */
static bool within_limits(struct zip_scan *z, const struct zip_member *m, struct err *e)
{
    uint64_t most;

    if (!checked_mul(z->len, LIMIT_ARCHIVE_RATIO, &most) || most < LIMIT_RATIO_FREE)
        most = LIMIT_RATIO_FREE;
    if (z->spent > most)
        return err_pos(e, ERR_LIMIT, m->header_at,
                       "the members expand to more than %d bytes for each byte of the archive "
                       "(LIMIT_ARCHIVE_RATIO)",
                       LIMIT_ARCHIVE_RATIO);
    if (m->counted || !m->readable)
        return true;
    if (z->in->run != NULL && z->in->run->shared++ >= LIMIT_ZIP_SHARED)
        return err_pos(e, ERR_LIMIT, m->header_at,
                       "more than %d members that share bytes in one model (LIMIT_ZIP_SHARED)",
                       LIMIT_ZIP_SHARED);
    if (z->again > z->len + OVERLAP_FREE)
        return err_pos(e, ERR_LIMIT, m->header_at,
                       "members that share bytes are read as often as the archive is long "
                       "(%" PRIu64 " bytes)",
                       z->len);
    z->again += m->packed;
    return true;
}

/* The path of a member; one that only a local header knows is told by its place, too. */
static const char *path_of(struct zip_scan *z, const struct zip_member *m)
{
    const char *name = member_name(z->in->scratch, m->name);

    return m->second ? arena_printf(z->in->scratch, "@%" PRIu64 "/%s", m->header_at, name) : name;
}

/* SPEC: Keras 3.12, src/saving/saving_lib.py: the members that it writes */
static bool of_keras(struct slice name)
{
    return slice_is(name, "config.json") || slice_is(name, "metadata.json") ||
           slice_is(name, "model.weights.json") || slice_starts(name, "assets/") ||
           (slice_starts(name, "model") && slice_ends(name, ".weights.h5") &&
            memchr(name.data, '/', name.len) == NULL);
}

static void tell_other(struct zip_scan *z, const struct zip_member *m, const char *name)
{
    struct arena *a = z->in->scratch;
    struct value_builder b;

    if (z->kind.name == NULL || strcmp(z->kind.name, "keras") != 0 || of_keras(m->name))
        return;
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(z->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "name", value_str(a, name));
    format_tell(z->in, "model.keras_member", arena_printf(a, "%s!%s", z->in->path, name),
                m->header_at, value_map_end(&b, NULL));
}

static bool one_member(struct zip_scan *z, const struct zip_member *m, struct format_cover *cover,
                       struct err *e)
{
    struct member_flags f;
    const char *name = path_of(z, m);
    enum source_codec codec;
    const bool known = codec_of(m, &codec);
    bool ok = true;

    tell_other(z, m, name);
    member_begin(&f, z->in->scratch, "zip");
    f.container = z->kind.name;
    for (unsigned i = 0; i < ZIP_FLAGS; i++)
        if ((m->anomalies >> i & 1) != 0)
            member_flag(&f, zip_flag_name((enum zip_flag)i));
    if (!m->readable)
        gap(z, m, name, "it has no local header, or ends behind the archive");
    else if (!known)
        gap(z, m, name, "a compression method that is not read");
    else if (!m->folder ||
             m->packed > 0) /* torch ignores the encrypted flag: what is there is read */
        ok = scan_member(z, m, name, &f, e);
    if (m->counted && known)
        cover->scanned += m->packed;
    member_tell(z->in, &f, name, m->header_at, m->local_name);
    return ok;
}

/* Storages that the pickle names and the archive does not have. */
static void missing_storages(struct zip_scan *z)
{
    size_t missing = 0;
    struct slice key;

    for (size_t i = 0; i < z->zip.n; i++)
        if (storage_key(z, &z->zip.members[i], &key))
            torch_mark(&z->storages, key);
    for (size_t i = 0; i < z->storages.n; i++) {
        struct member_flags f;

        if (z->storages.items[i].present || missing++ >= LIMIT_DIAGNOSTICS)
            continue;
        member_begin(&f, z->in->scratch, "zip");
        member_flag(&f, "storage-missing");
        member_tell(z->in, &f,
                    arena_printf(z->in->scratch, "data/%s",
                                 member_name(z->in->scratch, z->storages.items[i].key)),
                    ERR_NO_OFFSET, (struct slice){NULL, 0});
    }
}

/* What is wrong with the archive as a whole, as a member of no name. */
static bool tell_archive(struct zip_scan *z)
{
    const struct zip *p = &z->zip;
    const bool attached =
        z->in->attached > 0 && p->n > 0 && p->members[0].header_at == z->in->attached;
    struct member_flags f;

    member_begin(&f, z->in->scratch, "zip");
    if (p->directories > 1)
        member_flag(&f, "several-directories");
    if (p->prefixed && !attached)
        member_flag(&f, "shifted-offsets");
    if (p->leading && !attached)
        member_flag(&f, "leading-bytes");
    if (p->trailing)
        member_flag(&f, "trailing-bytes");
    if (p->gaps)
        member_flag(&f, "gaps");
    if (p->mismatch)
        member_flag(&f, "end-record-mismatch");
    if (p->orphans)
        member_flag(&f, "orphan-header");
    if (z->kind.several)
        member_flag(&f, "several-kinds");
    member_tell(z->in, &f, NULL, ERR_NO_OFFSET, (struct slice){NULL, 0});
    return !f.any;
}

/* Needs the length: a stream that does not know it is read to its end first. */
static bool length(struct source *s, uint64_t *len, struct err *e)
{
    *len = source_len(s);
    return *len != SOURCE_LEN_UNKNOWN || source_drain(s, len, e);
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct zip_scan z = {.in = in};

    if (!length(in->bytes, &z.len, e) || !zip_open(in->bytes, z.len, in->scratch, &z.zip, e))
        return false;
    cover->parsed = z.zip.structure;
    zip_kind_find(&z.zip, &z.kind);
    cover->format = z.kind.name;
    read_storages(&z);
    for (size_t i = 0; i < z.zip.n; i++)
        if (!within_limits(&z, &z.zip.members[i], e) ||
            !one_member(&z, &z.zip.members[i], cover, e))
            return false;
    missing_storages(&z);
    if (z.judged)
        torch_tell(in, &z.storages);
    if (!tell_archive(&z) && cover->parsed + cover->scanned < z.len && z.zip.error.code == ERR_NONE)
        return err_pos(e, ERR_FORMAT, z.zip.end, "%" PRIu64 " bytes of the zip belong to no member",
                       z.len - cover->parsed - cover->scanned);
    if (z.zip.error.code != ERR_NONE)
        *e = z.zip.error;
    return z.zip.error.code == ERR_NONE;
}

const struct format format_zip = {
    .name = "zip",
    .summary = "zip archives: PyTorch, TorchScript, .pt2 and torch.package files, .mar, .npz, "
               ".keras, plain ones",
    .spec = "PKWARE APPNOTE 6.3.10; PyTorch 2.5, torch/serialization.py",
    .begins = "PK\3\4",
    .probe = probe,
    .parse = parse,
};
