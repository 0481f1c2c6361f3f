#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/torch.h"
#include "scanner/formats/zip.h"

struct zip_scan {
    const struct format_input *in;
    struct zip zip;
    const char *kind;              /* zip, pytorch, torchscript, npz, keras */
    struct slice prefix;           /* "archive/" of a torch file */
    const struct zip_member *data; /* data.pkl */
    struct torch_storages storages;
    bool judged;    /* the storages of data.pkl are known */
    uint64_t spent; /* bytes of members that were looked at */
};

static int probe(struct slice head, const char *name)
{
    (void)name;
    if (head.len >= 4 &&
        (memcmp(head.data, "PK\3\4", 4) == 0 || memcmp(head.data, "PK\5\6", 4) == 0))
        return FORMAT_CERTAIN;
    return 0;
}

/* The contents of a member, decompressed; `packed` is what to free after it. */
static bool open_member(struct zip_scan *z, const struct zip_member *m, struct source **packed,
                        struct source **out, struct err *e)
{
    *packed = source_sub(z->in->bytes, m->data_at, m->packed);
    *out = *packed;
    return m->method == 0 || source_decode(*packed, CODEC_DEFLATE, out, e);
}

static void close_member(struct source *packed, struct source *s)
{
    if (s != packed)
        source_free(s);
    source_free(packed);
}

/* ---- what kind of zip it is ---- */
static bool has(const struct zip_scan *z, const char *name)
{
    for (size_t i = 0; i < z->zip.n; i++)
        if (slice_is(z->zip.members[i].name, name))
            return true;
    return false;
}

/* SPEC: torch/csrc: a file of torch.save has <name>/data.pkl, one of
 * torch.jit.save <name>/constants.pkl too. */
static void find_kind(struct zip_scan *z)
{
    size_t arrays = 0, files = 0;

    z->kind = "zip";
    for (size_t i = 0; i < z->zip.n; i++) {
        const struct zip_member *m = &z->zip.members[i];

        files += !m->folder;
        arrays += slice_ends(m->name, ".npy");
        if (slice_ends(m->name, "/data.pkl") &&
            (z->data == NULL || m->name.len < z->data->name.len))
            z->data = m;
    }
    if (files > 0 && arrays == files)
        z->kind = "npz";
    if (has(z, "config.json") && (has(z, "metadata.json") || has(z, "model.weights.h5")))
        z->kind = "keras";
    if (z->data == NULL)
        return;
    z->kind = "pytorch";
    z->prefix = (struct slice){z->data->name.data, z->data->name.len - (sizeof("data.pkl") - 1)};
    for (size_t i = 0; i < z->zip.n; i++)
        if (slice_ends(z->zip.members[i].name, "/constants.pkl"))
            z->kind = "torchscript";
}

/* The key of a storage member: "<prefix>data/<key>"; false for others. */
static bool storage_key(const struct zip_scan *z, const struct zip_member *m, struct slice *key)
{
    static const char *const folders[] = {"data/", "constants/"};
    struct slice rest;

    if (z->data == NULL || m->name.len < z->prefix.len ||
        memcmp(m->name.data, z->prefix.data, z->prefix.len) != 0)
        return false;
    rest = slice_from(m->name, z->prefix.len);
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

    if (z->data == NULL || !z->data->readable || (z->data->method != 0 && z->data->method != 8))
        return;
    if (!open_member(z, z->data, &packed, &s, &ignored)) {
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
    const bool first = slice_starts(slice_from(m->name, z->prefix.len), "data/");

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
    inner.container = z->kind;
    inner.result = &result;
    inner.want_crc = true;
    inner.storage = storage_key(z, m, &key);
    if (inner.storage)
        flag_storage(z, m, key, f);
    ok = format_scan(&inner, e);
    if (result.whole && (result.crc != m->crc || result.bytes != m->size))
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

    if (strcmp(z->kind, "keras") != 0 || of_keras(m->name))
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
    const char *name = member_name(z->in->scratch, m->name);
    bool ok = true;

    tell_other(z, m, name);
    member_begin(&f, z->in->scratch);
    for (unsigned i = 0; i < ZIP_FLAGS; i++)
        if ((m->anomalies >> i & 1) != 0)
            member_flag(&f, zip_flag_name((enum zip_flag)i));
    if (!m->counted)
        gap(z, m, name, "its bytes overlap others or have no local header");
    else if (m->method != 0 && m->method != 8)
        gap(z, m, name, "a compression method that is not read");
    else if (!m->folder ||
             m->packed > 0) /* torch ignores the encrypted flag: what is there is read */
        ok = scan_member(z, m, name, &f, e);
    if (m->counted && (m->method == 0 || m->method == 8))
        cover->scanned += m->packed;
    member_tell(z->in, &f, name, m->header_at, m->local_name);
    return ok;
}

/* Storages that the pickle names and the archive does not have. */
static void missing_storages(struct zip_scan *z)
{
    size_t missing = 0;

    for (size_t i = 0; i < z->storages.n; i++) {
        struct member_flags f;
        bool found = false;

        for (size_t j = 0; j < z->zip.n && !found; j++) {
            struct slice key;

            found =
                storage_key(z, &z->zip.members[j], &key) && slice_eq(key, z->storages.items[i].key);
        }
        if (found || missing++ >= LIMIT_DIAGNOSTICS)
            continue;
        member_begin(&f, z->in->scratch);
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
    struct member_flags f;

    member_begin(&f, z->in->scratch);
    if (p->directories > 1)
        member_flag(&f, "several-directories");
    if (p->prefixed)
        member_flag(&f, "shifted-offsets");
    if (p->leading)
        member_flag(&f, "leading-bytes");
    if (p->trailing)
        member_flag(&f, "trailing-bytes");
    if (p->gaps)
        member_flag(&f, "gaps");
    if (p->orphans)
        member_flag(&f, "orphan-header");
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
    uint64_t len;

    if (!length(in->bytes, &len, e) || !zip_open(in->bytes, len, in->scratch, &z.zip, e))
        return false;
    cover->parsed = z.zip.structure;
    find_kind(&z);
    cover->format = z.kind;
    read_storages(&z);
    for (size_t i = 0; i < z.zip.n; i++)
        if (!one_member(&z, &z.zip.members[i], cover, e))
            return false;
    missing_storages(&z);
    if (z.judged)
        torch_tell(in, &z.storages);
    if (!tell_archive(&z) && cover->parsed + cover->scanned < len)
        return err_pos(e, ERR_FORMAT, z.zip.end, "%" PRIu64 " bytes of the zip belong to no member",
                       len - cover->parsed - cover->scanned);
    return true;
}

const struct format format_zip = {
    .name = "zip",
    .summary = "zip archives: PyTorch and TorchScript files, .npz, .keras, plain ones",
    .spec = "PKWARE APPNOTE 6.3.10; PyTorch 2.5, torch/serialization.py",
    .probe = probe,
    .parse = parse,
};
