#include "scanner/input/tar.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/input/source_impl.h"
#include "scanner/input/tar_header.h"

/* What the headers in front of one entry said about it. */
struct overrides {
    bool pax, has_size, has_uid, has_gid, has_mtime;
    struct slice path, link;           /* pax; data NULL when not given */
    struct slice long_path, long_link; /* GNU */
    uint64_t size, uid, gid;
    int64_t mtime;
    struct tar_xattr *xattrs;
    size_t nxattrs;
};

struct tar {
    struct source *source; /* borrowed */
    uint64_t at;           /* of the next header */
    bool ended;
    bool has_mtime; /* from a global pax header */
    int64_t mtime;
    struct arena arena; /* of the entry last given */
    struct overrides over;
};

struct tar *tar_open(struct source *s)
{
    struct tar *t = source_alloc(sizeof(*t));

    t->source = s;
    arena_init(&t->arena);
    return t;
}

void tar_free(struct tar *t)
{
    if (t == NULL)
        return;
    arena_release(&t->arena);
    free(t);
}

/* ---- pax ---- */
/* SPEC: POSIX.1-2017 pax, "pax Header File Times": decimal seconds, maybe negative,
 * maybe with a fraction, which is dropped. */
static bool pax_time(struct slice v, int64_t *out)
{
    struct slice whole = v, part = {NULL, 0};
    size_t dot;

    if (slice_find(v, SLICE_LIT("."), &dot)) {
        whole.len = dot;
        part = slice_from(v, dot + 1);
    }
    for (size_t i = 0; i < part.len; i++)
        if (part.data[i] < '0' || part.data[i] > '9')
            return false;
    return checked_i64(whole, out);
}

static bool has_nul(struct slice s)
{
    return s.len > 0 && memchr(s.data, 0, s.len) != NULL;
}

static bool pax_name(struct slice value, struct slice *out, uint64_t at, struct err *e)
{
    if (has_nul(value))
        return err_pos(e, ERR_FORMAT, at, "a name in a pax header holds a NUL");
    *out = value;
    return true;
}

static bool pax_number(struct slice value, uint64_t *out, bool *has, uint64_t at, struct err *e)
{
    if (!checked_u64(value, INT64_MAX, out))
        return err_pos(e, ERR_FORMAT, at, "a number in a pax header is not decimal or too large");
    *has = true;
    return true;
}

static bool pax_mtime(struct slice value, int64_t *out, bool *has, uint64_t at, struct err *e)
{
    if (!pax_time(value, out))
        return err_pos(e, ERR_FORMAT, at, "the mtime in a pax header is not a number");
    *has = true;
    return true;
}

static void pax_xattr(struct tar *t, struct slice name, struct slice value)
{
    struct tar_xattr *x = NULL;

    for (size_t i = 0; i < t->over.nxattrs; i++)
        if (slice_eq(t->over.xattrs[i].name, name))
            x = &t->over.xattrs[i];
    if (x == NULL)
        x = ARENA_PUSH(&t->arena, &t->over.xattrs, &t->over.nxattrs);
    x->name = name;
    x->data = value;
}

/* One keyword of an extended header. SPEC: POSIX.1-2017 pax, "pax Extended Header": the last of
 * equal keywords counts, an empty value leaves the field of the ustar header in force. */
static bool pax_keyword(struct tar *t, struct slice key, struct slice value, uint64_t at,
                        struct err *e)
{
    static const char xattr[] = "SCHILY.xattr.";
    struct overrides *o = &t->over;

    if (slice_starts(key, "GNU.sparse."))
        return err_pos(e, ERR_UNSUPPORTED, at, "a sparse file: its content is not its bytes");
    if (slice_starts(key, xattr)) {
        pax_xattr(t, slice_from(key, sizeof(xattr) - 1), value);
        return true;
    }
    if (slice_is(key, "path"))
        return pax_name(value, &o->path, at, e);
    if (slice_is(key, "linkpath"))
        return pax_name(value, &o->link, at, e);
    if (slice_is(key, "size") && (o->has_size = false, value.len > 0))
        return pax_number(value, &o->size, &o->has_size, at, e);
    if (slice_is(key, "uid") && (o->has_uid = false, value.len > 0))
        return pax_number(value, &o->uid, &o->has_uid, at, e);
    if (slice_is(key, "gid") && (o->has_gid = false, value.len > 0))
        return pax_number(value, &o->gid, &o->has_gid, at, e);
    if (slice_is(key, "mtime") && (o->has_mtime = false, value.len > 0))
        return pax_mtime(value, &o->mtime, &o->has_mtime, at, e);
    return true;
}

/* One keyword of a global header. Container runtimes pass over global headers, POSIX readers obey
 * them: what would make them see different files is refused. */
static bool pax_global(struct tar *t, struct slice key, struct slice value, uint64_t at,
                       struct err *e)
{
    static const char *const decisive[] = {"path", "linkpath", "size", "uid", "gid"};
    bool bad = slice_starts(key, "SCHILY.") || slice_starts(key, "GNU.sparse.");

    for (size_t i = 0; i < ARRAY_LEN(decisive); i++)
        bad = bad || slice_is(key, decisive[i]);
    if (bad && value.len > 0)
        return err_pos(e, ERR_FORMAT, at,
                       "a global pax header sets what readers disagree on: path, linkpath, size, "
                       "uid, gid or an attribute");
    if (slice_is(key, "mtime") && (t->has_mtime = false, value.len > 0))
        return pax_mtime(value, &t->mtime, &t->has_mtime, at, e);
    return true;
}

/* Splits one record "LENGTH KEY=VALUE\n" off `r`; LENGTH counts all of it. */
static bool pax_record(struct reader *r, struct slice *key, struct slice *value, struct err *e)
{
    const struct reader at = *r;
    struct slice all = {r->data, r->left}, body;
    size_t blank, equals;
    uint64_t len;

    if (!slice_find(all, SLICE_LIT(" "), &blank) || blank == 0 || blank > 10 ||
        all.data[0] == '0' ||
        !checked_u64((struct slice){all.data, blank}, LIMIT_TAR_PAX_BYTES, &len) ||
        len <= blank + 1)
        return err_at(e, ERR_FORMAT, &at, "a pax record does not begin with its length");
    if (!reader_bytes(r, len, &all))
        return err_at(e, ERR_FORMAT, &at, "a pax record is longer than its header");
    if (all.data[all.len - 1] != '\n')
        return err_at(e, ERR_FORMAT, &at, "a pax record does not end with a newline");
    body = slice_from((struct slice){all.data, all.len - 1}, blank + 1);
    if (!slice_find(body, SLICE_LIT("="), &equals) || equals == 0)
        return err_at(e, ERR_FORMAT, &at, "a pax record has no keyword");
    *key = (struct slice){body.data, equals};
    *value = slice_from(body, equals + 1);
    if (has_nul(*key))
        return err_at(e, ERR_FORMAT, &at, "a pax keyword holds a NUL");
    return true;
}

/* The content of an extension header, in the arena of the entry. */
static bool read_extension(struct tar *t, const struct tar_header *h, uint64_t at,
                           struct slice *out, struct err *e)
{
    uint8_t *bytes;

    if (h->size > LIMIT_TAR_PAX_BYTES)
        return err_pos(e, ERR_LIMIT, at,
                       "an extension header of %" PRIu64
                       " bytes, at most %u are read (LIMIT_TAR_PAX_BYTES)",
                       h->size, LIMIT_TAR_PAX_BYTES);
    bytes = arena_alloc(&t->arena, (size_t)h->size + 1);
    if (!source_read(t->source, at + TAR_BLOCK, bytes, (size_t)h->size, e))
        return err_in(e, "extension header");
    *out = (struct slice){bytes, (size_t)h->size};
    return true;
}

static bool read_pax(struct tar *t, const struct tar_header *h, uint64_t at, struct err *e)
{
    struct slice all, key, value;
    struct reader r;

    if (h->type == 'x' && t->over.pax)
        return err_pos(e, ERR_FORMAT, at, "two pax headers before one member");
    if (!read_extension(t, h, at, &all, e))
        return false;
    t->over.pax = t->over.pax || h->type == 'x';
    r = reader_at(all, at + TAR_BLOCK);
    while (r.left > 0) {
        const uint64_t record_at = r.offset;

        if (!pax_record(&r, &key, &value, e))
            return false;
        if (h->type == 'x' ? !pax_keyword(t, key, value, record_at, e)
                           : !pax_global(t, key, value, record_at, e))
            return false;
    }
    return true;
}

/* SPEC: GNU tar manual, "Basic Tar Format": types L and K hold the name, ended by a NUL. */
static bool read_long(struct tar *t, const struct tar_header *h, uint64_t at, struct err *e)
{
    struct slice *to = h->type == 'L' ? &t->over.long_path : &t->over.long_link;
    struct slice all;
    size_t len;

    if (to->data != NULL)
        return err_pos(e, ERR_FORMAT, at, "two GNU long names before one member");
    if (!read_extension(t, h, at, &all, e))
        return false;
    len = strnlen((const char *)all.data, all.len);
    for (size_t i = len; i < all.len; i++)
        if (all.data[i] != 0)
            return err_pos(e, ERR_FORMAT, at + TAR_BLOCK + len, "a GNU long name holds a NUL");
    if (len == 0)
        return err_pos(e, ERR_FORMAT, at, "an empty GNU long name");
    *to = (struct slice){all.data, len};
    return true;
}

/* ---- entries ---- */
/* The name from the one place that gives it. `what` is "name" or "link target". */
static bool pick_name(struct slice pax, struct slice gnu, struct slice *name, uint64_t at,
                      struct err *e)
{
    if (pax.len > 0 && gnu.data != NULL && !slice_eq(pax, gnu))
        return err_pos(e, ERR_FORMAT, at, "a pax header and a GNU long name give different names");
    if (pax.len > 0)
        *name = pax;
    else if (gnu.data != NULL)
        *name = gnu;
    if (name->len > LIMIT_NAME_BYTES)
        return err_pos(e, ERR_LIMIT, at,
                       "a name of %zu bytes, at most %d are read (LIMIT_NAME_BYTES)", name->len,
                       LIMIT_NAME_BYTES);
    return true;
}

/* Readers of tar disagree on these; whoever signs must not guess which one will run. */
static bool check_kind(struct tar_entry *en, char type, uint64_t at, struct err *e)
{
    const bool slash = slice_ends(en->path, "/");

    /* SPEC: POSIX.1-2017 pax, "ustar Interchange Format": typeflag NUL with a trailing slash is a
     * directory */
    if (type == 0 && slash)
        en->type = '5';
    else if (type == 0)
        en->type = '0';
    if (en->type == '0' && slash)
        return err_pos(e, ERR_FORMAT, at, "a regular file whose name ends in '/'");
    if (en->type != '0' && en->size != 0)
        return err_pos(e, ERR_FORMAT, at,
                       "a member of type '%c' declares %" PRIu64
                       " bytes of content, it can have none",
                       en->type, en->size);
    if (en->path.len == 0)
        return err_pos(e, ERR_FORMAT, at, "a member without a name");
    if ((en->type == '1' || en->type == '2') && en->link.len == 0)
        return err_pos(e, ERR_FORMAT, at, "a link without a target");
    return true;
}

static bool make_entry(struct tar *t, const struct tar_header *h, struct tar_entry *en,
                       struct err *e)
{
    const struct overrides *o = &t->over;
    const uint64_t len = source_len(t->source), at = t->at;
    struct slice name = h->name;

    if (h->prefix.len > 0)
        name = slice_str(arena_printf(&t->arena, "%.*s/%.*s", (int)h->prefix.len,
                                      (const char *)h->prefix.data, (int)h->name.len,
                                      (const char *)h->name.data));
    en->path = arena_slice(&t->arena, name);
    en->link = arena_slice(&t->arena, h->link);
    if (!pick_name(o->path, o->long_path, &en->path, at, e) ||
        !pick_name(o->link, o->long_link, &en->link, at, e))
        return false;
    en->type = h->type;
    en->size = o->has_size ? o->size : h->size;
    en->at = at + TAR_BLOCK;
    en->mode = h->mode & 07777;
    en->uid = o->has_uid ? o->uid : h->uid;
    en->gid = o->has_gid ? o->gid : h->gid;
    en->mtime = o->has_mtime ? o->mtime : t->has_mtime ? t->mtime : h->mtime;
    en->devmajor = h->devmajor;
    en->devminor = h->devminor;
    en->xattrs = o->xattrs;
    en->nxattrs = o->nxattrs;
    if (!check_kind(en, h->type, at, e))
        return false;
    if (en->size > INT64_MAX || (len != SOURCE_LEN_UNKNOWN && en->size > len - en->at))
        return err_pos(e, ERR_FORMAT, at,
                       "a member of %" PRIu64 " bytes reaches past the end of the archive",
                       en->size);
    return true;
}

/* Offset behind `size` bytes of content that begin behind the header at `at`. */
static bool step_over(struct tar *t, uint64_t at, uint64_t size, struct err *e)
{
    uint64_t end;

    if (!checked_add(at, TAR_BLOCK + TAR_BLOCK - 1, &end) || !checked_add(end, size, &end))
        return err_pos(e, ERR_FORMAT, at, "a member reaches past 2^64 bytes");
    t->at = end - end % TAR_BLOCK;
    return true;
}

/* The first zero block was read at t->at: a second one or the end of the data must follow. */
static bool end_blocks(struct tar *t, struct err *e)
{
    uint8_t block[TAR_BLOCK];
    size_t got;

    if (!source_some(t->source, t->at + TAR_BLOCK, block, sizeof(block), &got, e))
        return false;
    if (got != 0 && got < sizeof(block))
        return err_pos(e, ERR_FORMAT, t->at + TAR_BLOCK + got, "the archive ends within a block");
    if (got != 0 && !tar_header_zero(block))
        return err_pos(e, ERR_FORMAT, t->at, "a lone zero block between members");
    t->at += TAR_BLOCK + got;
    t->ended = true;
    return true;
}

static bool read_block(struct tar *t, uint8_t block[TAR_BLOCK], struct err *e)
{
    size_t got;

    if (!source_some(t->source, t->at, block, TAR_BLOCK, &got, e))
        return false;
    if (got == TAR_BLOCK)
        return true;
    if (got == 0)
        return err_pos(e, ERR_FORMAT, t->at, "the archive ends without its two zero blocks");
    return err_pos(e, ERR_FORMAT, t->at + got, "the archive ends within a block");
}

/* Reads an extension header or says that `h` is the member itself. */
static bool extension(struct tar *t, const struct tar_header *h, bool *is, struct err *e)
{
    const uint64_t at = t->at;

    *is = true;
    switch (h->type) {
    case 'x':
    case 'g':
        return read_pax(t, h, at, e) && step_over(t, at, h->size, e);
    case 'L':
    case 'K':
        return read_long(t, h, at, e) && step_over(t, at, h->size, e);
    default:
        *is = false;
        return true;
    }
}

bool tar_next(struct tar *t, struct tar_entry *entry, bool *end, struct err *e)
{
    struct tar_entry en = {.header_at = t->at};
    uint8_t block[TAR_BLOCK];
    struct tar_header h;
    bool more = true;

    *end = t->ended;
    if (t->ended)
        return true;
    arena_clear(&t->arena);
    t->over = (struct overrides){0};
    while (more) {
        if (!read_block(t, block, e))
            return false;
        if (tar_header_zero(block)) {
            if (en.header_at != t->at &&
                (t->over.pax || t->over.long_path.data != NULL || t->over.long_link.data != NULL))
                return err_pos(e, ERR_FORMAT, t->at, "extension headers without a member");
            if (!end_blocks(t, e))
                return false;
            *end = true;
            return true;
        }
        if (!tar_header_parse(block, t->at, &h, e) || !extension(t, &h, &more, e))
            return false;
    }
    if (!make_entry(t, &h, &en, e) || !step_over(t, t->at, en.size, e))
        return false;
    *entry = en;
    return true;
}

bool tar_tail(struct tar *t, uint64_t *len, struct err *e)
{
    AUTO_FREE uint8_t *buf = source_alloc(SOURCE_BUFFER);
    uint64_t at = t->at;
    size_t got;

    do {
        if (!source_some(t->source, at, buf, SOURCE_BUFFER, &got, e))
            return false;
        for (size_t i = 0; i < got; i++)
            if (buf[i] != 0)
                return err_pos(e, ERR_FORMAT, at + i, "data behind the end of the archive");
        at += got;
    } while (got > 0);
    *len = at;
    return true;
}

bool tar_clean(struct slice path, struct arena *a, struct slice *out, struct err *e)
{
    uint8_t *to;
    size_t len = 0;

    if (has_nul(path))
        return err_fail(e, ERR_FORMAT, "a path holds a NUL");
    to = arena_alloc(a, path.len + 1);
    while (path.len > 0) {
        struct slice part = path;

        if (!slice_find(path, SLICE_LIT("/"), &part.len))
            part.len = path.len;
        path = slice_from(path, part.len + 1);
        if (part.len == 0 || slice_is(part, "."))
            continue;
        if (slice_is(part, ".."))
            return err_fail(e, ERR_FORMAT, "a path goes up with '..'");
        if (len > 0)
            to[len++] = '/';
        memcpy(to + len, part.data, part.len);
        len += part.len;
    }
    *out = (struct slice){to, len};
    return true;
}
