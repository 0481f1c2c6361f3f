#include "scanner/formats/zip/zip_member.h"

#include <isa-l/crc.h>
#include <string.h>

#include "base/limits.h"
#include "scanner/formats/zip/zip_extra.h"
#include "scanner/formats/zip/zip_read.h"

#define CENTRAL_LEN 46
#define LOCAL_LEN 30
/* Bit 0 encrypted, 5 patched, 6 strong encryption, 13 masked headers. SPEC: APPNOTE 4.4.4. */
#define FLAGS_ENCRYPTED 0x2061
#define SHARED_FREE (1u << 20) /* bytes of headers that may be read for several members */
#define FLAG_DESCRIPTOR 0x0008
#define FLAG_UTF8 0x0800
#define FLAGS_LEVEL 0x0006 /* how hard it was compressed: of no meaning to a reader */

void zip_member_flag(struct zip_member *m, enum zip_flag f)
{
    m->anomalies |= 1u << f;
}

/* What the name and the attributes of a member would do to a careless unpacker. */
static void judge_name(struct zip_member *m, uint32_t attributes, bool unix_made)
{
    const struct slice n = m->name;
    const uint32_t kind = unix_made ? attributes >> 16 & 0170000 : 0;

    if (n.len == 0)
        zip_member_flag(m, ZIP_ODD_NAME);
    for (size_t i = 0; i < n.len; i++) {
        const bool starts = i == 0 || n.data[i - 1] == '/' || n.data[i - 1] == '\\';

        if (n.data[i] < ' ' || n.data[i] == 0x7f || n.data[i] == '\\')
            zip_member_flag(m, ZIP_ODD_NAME);
        if (starts && n.len - i >= 2 && n.data[i] == '.' && n.data[i + 1] == '.' &&
            (n.len - i == 2 || n.data[i + 2] == '/' || n.data[i + 2] == '\\'))
            zip_member_flag(m, ZIP_TRAVERSAL);
    }
    if (n.len > 0 && (n.data[0] == '/' || n.data[0] == '\\' || (n.len > 1 && n.data[1] == ':')))
        zip_member_flag(m, ZIP_ABSOLUTE);
    if (kind == 0120000)
        zip_member_flag(m, ZIP_SYMLINK);
    else if (kind == 0020000 || kind == 0060000 || kind == 0140000)
        zip_member_flag(m, ZIP_DEVICE); /* no pipe: Info-ZIP says so of what it read from one */
    m->folder = n.len > 0 && n.data[n.len - 1] == '/';
    if (m->folder && m->size > 0) { /* readers that go by names pass over the contents */
        zip_member_flag(m, ZIP_ODD_NAME);
        m->folder = false;
    }
}

/* What both headers are judged by alone. */
static void judge_header(struct zip_member *m)
{
    if ((m->flags & FLAGS_ENCRYPTED) != 0)
        zip_member_flag(m, ZIP_ENCRYPTED);
    if (m->method != 0 && m->method != 8)
        zip_member_flag(m, ZIP_METHOD);
}

/* Keeps a name; false when too many are kept already. */
static bool keep_name(struct zip_member_in *in, struct slice raw, struct slice *out)
{
    if (raw.len > LIMIT_ZIP_NAMES - in->names)
        return false;
    in->names += raw.len;
    *out = arena_slice(in->a, raw);
    return true;
}

bool zip_member_central(struct zip_member_in *in, uint64_t *at, struct zip_member *m, struct err *e)
{
    uint8_t buf[CENTRAL_LEN];
    struct reader r, tail;
    struct slice name;
    struct zip_extra extra = {.header_at = &m->header_at};
    uint16_t made, name_len, extra_len, comment_len, disk;
    uint32_t packed, size, attributes, header_at;

    if (!zip_read_at(in->s, *at, buf, sizeof(buf), &r) || !zip_read_signature(&r, ZIP_READ_CENTRAL))
        return err_pos(e, ERR_FORMAT, *at, "no member header where the zip directory goes on");
    if (!reader_u16le(&r, &made) || !reader_skip(&r, 2) || !reader_u16le(&r, &m->flags) ||
        !reader_u16le(&r, &m->method) || !reader_skip(&r, 4) || !reader_u32le(&r, &m->crc) ||
        !reader_u32le(&r, &packed) || !reader_u32le(&r, &size) || !reader_u16le(&r, &name_len) ||
        !reader_u16le(&r, &extra_len) || !reader_u16le(&r, &comment_len) ||
        !reader_u16le(&r, &disk) || !reader_skip(&r, 2) || !reader_u32le(&r, &attributes) ||
        !reader_u32le(&r, &header_at) ||
        !zip_read_at(in->s, *at + CENTRAL_LEN, in->room, (size_t)name_len + extra_len, &tail) ||
        !reader_bytes(&tail, name_len, &name))
        return err_pos(e, ERR_FORMAT, *at, "a zip directory entry is cut short");
    if (!keep_name(in, name, &m->name))
        return err_pos(e, ERR_LIMIT, *at, "more than %u bytes of member names (LIMIT_ZIP_NAMES)",
                       LIMIT_ZIP_NAMES);
    m->packed = packed;
    m->size = size;
    m->header_at = header_at;
    zip_extra_read(tail, m, &extra);
    if (disk != 0 && disk != UINT16_MAX)
        zip_member_flag(m, ZIP_SPLIT);
    judge_header(m);
    judge_name(m, attributes, made >> 8 == 3 || made >> 8 == 19);
    *at += (uint64_t)CENTRAL_LEN + name_len + extra_len + comment_len;
    return true;
}

/* SPEC: APPNOTE 4.3.9: crc and sizes of 4 or 8 bytes, with or without a signature. */
static uint64_t descriptor_len(struct source *s, struct zip_member *m, bool wide)
{
    static const struct {
        size_t len;
        bool signature, wide;
    } kinds[] = {{16, true, false}, {24, true, true}, {12, false, false}, {20, false, true}};
    const uint64_t at = m->end;
    uint8_t buf[24];
    uint32_t crc, packed32, size32;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        uint64_t packed, size;
        struct reader r;

        if (!zip_read_at(s, at, buf, kinds[i].len, &r) ||
            (kinds[i].signature && !zip_read_signature(&r, ZIP_READ_DESCRIPTOR)) ||
            !reader_u32le(&r, &crc) || crc != m->crc)
            continue;
        if (kinds[i].wide) {
            if (!reader_u64le(&r, &packed) || !reader_u64le(&r, &size))
                continue;
        } else {
            if (!reader_u32le(&r, &packed32) || !reader_u32le(&r, &size32))
                continue;
            packed = packed32;
            size = size32;
        }
        if (packed == m->packed && size == m->size) {
            m->loose = !kinds[i].signature || kinds[i].wide != wide;
            return kinds[i].len;
        }
    }
    m->loose = true;
    return 0;
}

/* The fixed and the variable part of a local header; `*name` lives in in->room. */
static bool read_local(struct zip_member_in *in, uint64_t at, struct zip_member *m,
                       struct slice *name)
{
    uint8_t buf[LOCAL_LEN];
    struct reader r, tail;
    struct zip_extra extra = {.header_at = NULL};
    uint16_t name_len, extra_len;
    uint32_t packed, size;

    /* headers that share no byte are together no longer than the archive */
    if (in->variable > in->len + SHARED_FREE)
        return false;
    m->header_at = at;
    if (!zip_read_at(in->s, at, buf, LOCAL_LEN, &r) || !zip_read_signature(&r, ZIP_READ_LOCAL) ||
        !reader_skip(&r, 2) || !reader_u16le(&r, &m->flags) || !reader_u16le(&r, &m->method) ||
        !reader_skip(&r, 4) || !reader_u32le(&r, &m->crc) || !reader_u32le(&r, &packed) ||
        !reader_u32le(&r, &size) || !reader_u16le(&r, &name_len) || !reader_u16le(&r, &extra_len) ||
        !zip_read_at(in->s, at + LOCAL_LEN, in->room, (size_t)name_len + extra_len, &tail) ||
        !reader_bytes(&tail, name_len, name))
        return false;
    in->variable += (uint64_t)name_len + extra_len;
    m->packed = packed;
    m->size = size;
    m->name = *name;
    m->data_at = at + LOCAL_LEN + name_len + extra_len;
    zip_extra_read(tail, m, &extra);
    return true;
}

static bool ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] >= 0x80)
            return false;
    return true;
}

/* Do the headers give the same name, method and meaning? */
static bool same_kind(const struct zip_member *m, const struct zip_member *local)
{
    uint16_t differ = (uint16_t)((local->flags ^ m->flags) & ~FLAGS_LEVEL);

    if (ascii(m->name)) /* which code page it is in makes no difference */
        differ &= (uint16_t)~FLAG_UTF8;
    return slice_eq(m->name, local->name) && local->method == m->method && differ == 0;
}

bool zip_member_local(struct zip_member_in *in, struct zip_member *m, struct zip_member *other)
{
    struct zip_member local = {0};
    struct slice name;
    bool follows;

    zip_member_flag(m, ZIP_NO_LOCAL);
    if (!read_local(in, m->header_at, &local, &name))
        return false;
    m->data_at = local.data_at;
    if (m->data_at > in->len || m->packed > in->len - m->data_at)
        return false;
    m->anomalies &= ~(1u << ZIP_NO_LOCAL);
    m->anomalies |= local.anomalies;
    m->end = m->data_at + m->packed;
    m->readable = true;
    if (!same_kind(m, &local))
        zip_member_flag(m, ZIP_LOCAL_MISMATCH);
    if ((local.flags & FLAGS_ENCRYPTED) != 0)
        zip_member_flag(m, ZIP_ENCRYPTED);
    follows = (local.flags & FLAG_DESCRIPTOR) != 0;
    if (follows)
        m->end += descriptor_len(in->s, m, local.wide);
    /* Before a descriptor each of them may be zero. */
    if ((local.crc != m->crc && (!follows || local.crc != 0)) ||
        (local.packed != m->packed && (!follows || local.packed != 0)) ||
        (local.size != m->size && (!follows || local.size != 0)))
        zip_member_flag(m, ZIP_LOCAL_MISMATCH);
    if (m->method == 0 && m->packed != m->size)
        zip_member_flag(m, ZIP_LOCAL_MISMATCH);
    if (!slice_eq(name, m->name) && !keep_name(in, name, &m->local_name))
        m->local_name = SLICE_LIT("?");
    if ((m->anomalies >> ZIP_LOCAL_MISMATCH & 1) == 0 ||
        (local.method == m->method &&
         (local.packed == m->packed || (follows && local.packed == 0))) ||
        local.packed > in->len - m->data_at)
        return false;
    *other = local;
    other->name = m->local_name.len > 0 ? m->local_name : m->name;
    other->local_name = (struct slice){NULL, 0};
    if (follows && local.packed == 0)
        other->packed = m->packed;
    other->end = other->data_at + other->packed;
    other->readable = true;
    other->second = true;
    zip_member_flag(other, ZIP_LOCAL_MISMATCH);
    judge_header(other);
    return true;
}

/* Where a member ends whose header does not know it: at the descriptor that gives its length. */
static bool find_descriptor(struct zip_member_in *in, struct zip_member *m, uint64_t to)
{
    uint64_t at = m->data_at;

    for (uint64_t next; at < to; at = next) {
        const size_t n = to - at < ZIP_MEMBER_ROOM ? (size_t)(to - at) : ZIP_MEMBER_ROOM;
        struct reader r;

        if (n < 16 || !zip_read_at(in->s, at, in->room, n, &r))
            return false;
        for (size_t i = 0; n - i >= 16; i++) {
            const uint64_t len = at + i - m->data_at;
            uint32_t crc, packed, size;

            if (memcmp(in->room + i, "PK\7\10", 4) != 0)
                continue;
            r = reader_at((struct slice){in->room + i + 4, 12}, at + i + 4);
            if (reader_u32le(&r, &crc) && reader_u32le(&r, &packed) && reader_u32le(&r, &size) &&
                packed == (uint32_t)len) {
                m->packed = len;
                m->crc = crc;
                m->size = size;
                m->end = at + i + 16;
                return true;
            }
        }
        next = at + n - 15;
        if (n < ZIP_MEMBER_ROOM)
            return false;
    }
    return false;
}

bool zip_member_orphan(struct zip_member_in *in, uint64_t at, uint64_t to, struct zip_member *m)
{
    struct slice name;

    *m = (struct zip_member){0};
    if (!read_local(in, at, m, &name) || m->data_at > to || !keep_name(in, name, &m->name))
        return false;
    if ((m->flags & FLAG_DESCRIPTOR) != 0 && m->packed == 0 && !find_descriptor(in, m, to))
        m->packed = to - m->data_at;
    if (m->packed > to - m->data_at)
        m->packed = to - m->data_at;
    if (m->end == 0)
        m->end = m->data_at + m->packed;
    m->readable = true;
    m->second = true;
    judge_header(m);
    judge_name(m, 0, false);
    zip_member_flag(m, ZIP_ORPHAN);
    return true;
}
