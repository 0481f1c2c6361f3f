#include "scanner/formats/zip/zip_extra.h"

#include "scanner/formats/zip/zip_member.h"

#define ID_ZIP64 0x0001
#define ID_UNICODE_PATH 0x7075

/* A value that is all ones in the header stands in the field. */
static bool widen(struct reader *field, uint64_t *value, bool *used)
{
    if (*value != UINT32_MAX)
        return true;
    *used = true;
    return reader_u64le(field, value);
}

/* SPEC: APPNOTE 4.5.3: only the values that are all ones, in this order. */
static void read_zip64(struct reader field, struct zip_member *m, const struct zip_extra *x)
{
    struct reader all = field;
    uint64_t size, packed;
    bool used = false;

    m->wide = true;
    if (!widen(&field, &m->size, &used) || !widen(&field, &m->packed, &used) ||
        (x->header_at != NULL && !widen(&field, x->header_at, &used))) {
        zip_member_flag(m, ZIP_EXTRA);
        return;
    }
    /* Writers that always add the field repeat the values; others read them all the same. A local
     * header before a descriptor may hold zeros or what was known by then. */
    if (used || (x->header_at == NULL && (m->flags & 8) != 0))
        return;
    if (reader_u64le(&all, &size) && reader_u64le(&all, &packed) &&
        (size != m->size || packed != m->packed))
        zip_member_flag(m, ZIP_EXTRA);
}

/* The next byte of a name that any code page keeps; false at its end. Info-ZIP writes what its
 * locale cannot say as '?' or as '#U' and four digits, '#L' and six. */
static bool plain(struct slice *s, uint8_t *out)
{
    while (s->len > 0) {
        const uint8_t c = s->data[0];

        if (c == '#' && s->len >= 6 && s->data[1] == 'U') {
            *s = slice_from(*s, 6);
        } else if (c == '#' && s->len >= 8 && s->data[1] == 'L') {
            *s = slice_from(*s, 8);
        } else {
            *s = slice_from(*s, 1);
            if (c < 0x80 && c != '?') {
                *out = c;
                return true;
            }
        }
    }
    return false;
}

static void read_unicode_path(struct reader field, struct zip_member *m)
{
    struct slice name = m->name, other;
    uint8_t version, a, b;
    uint32_t crc;

    if (!reader_u8(&field, &version) || !reader_u32le(&field, &crc) ||
        !reader_bytes(&field, field.left, &other)) {
        zip_member_flag(m, ZIP_EXTRA);
        return;
    }
    for (;;) {
        const bool more = plain(&name, &a), too = plain(&other, &b);

        if (more != too || (more && a != b)) {
            zip_member_flag(m, ZIP_UNICODE_NAME);
            return;
        }
        if (!more)
            return;
    }
}

void zip_extra_read(struct reader extra, struct zip_member *m, const struct zip_extra *x)
{
    unsigned wide = 0, paths = 0;
    struct reader field;
    uint16_t id, len;

    while (extra.left >= 4) { /* fewer bytes are padding, as zipalign leaves it */
        if (!reader_u16le(&extra, &id) || !reader_u16le(&extra, &len) ||
            !reader_sub(&extra, len, &field)) {
            zip_member_flag(m, ZIP_EXTRA);
            return;
        }
        if (id == ID_ZIP64 && wide++ == 0)
            read_zip64(field, m, x);
        if (id == ID_UNICODE_PATH && paths++ == 0)
            read_unicode_path(field, m);
    }
    if (wide > 1 || paths > 1)
        zip_member_flag(m, ZIP_EXTRA);
}
