#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "scanner/formats/member.h"
#include "scanner/formats/name_set.h"
#include "scanner/input/sevenzip.h"
#include "scanner/input/tar.h"

static int probe(struct slice head, const char *name)
{
    (void)name;
    return head.len >= 6 && memcmp(head.data, "7z\xbc\xaf\x27\x1c", 6) == 0 ? FORMAT_CERTAIN : 0;
}

static void flag_entry(const struct sevenzip_entry *x, bool clean, struct member_flags *f)
{
    if (x->type == '2')
        member_flag(f, "symlink");
    if (x->type == '3')
        member_flag(f, "device");
    if (!clean)
        member_flag(f, "traversal");
    if (x->name.len == 0)
        member_flag(f, "odd-name");
    else if (x->name.data[0] == '/')
        member_flag(f, "absolute");
    if (x->encrypted)
        member_flag(f, "encrypted");
}

/* A member whose contents nobody can read has a ledger line all the same. */
static void tell_encrypted(const struct format_input *in, const char *name)
{
    const struct coverage c = {
        .subject = in->sink->subject_name,
        .input = in->sink->input_name,
        .path = arena_printf(in->scratch, "%s!%s", in->path, name),
        .format = "unknown",
        .status = COVERAGE_UNREADABLE,
        .code = err_code_name(ERR_UNSUPPORTED),
        .reason = "encrypted",
        .offset = ERR_NO_OFFSET,
    };

    sink_cover(in->sink, &c);
}

static bool scan(const struct format_input *in, struct sevenzip *z, const char *name, struct err *e)
{
    struct source *s = sevenzip_contents(z);
    struct format_input inner = format_inner(in, s, name);
    bool ok;

    inner.container = "7z";
    inner.costly = true;
    ok = format_scan(&inner, e);
    source_free(s);
    return ok;
}

static bool one_entry(const struct format_input *in, struct sevenzip *z,
                      const struct sevenzip_entry *x, struct name_set *seen, struct err *e)
{
    struct member_flags f;
    struct slice clean = x->name;
    struct err ignored = {0};
    const bool good = x->name.len > 0 && tar_clean(x->name, in->scratch, &clean, &ignored);
    const char *name = x->name.len > 0 ? member_name(in->scratch, x->name)
                                       : arena_printf(in->scratch, "member-%" PRIu64, x->index);
    const struct slice link =
        x->link.len > 0 ? arena_slice(in->scratch, x->link) : (struct slice){NULL, 0};
    bool ok = true;

    member_begin(&f, in->scratch, "7z");
    flag_entry(x, good || x->name.len == 0, &f);
    if (x->type != '5' && name_set_add(seen, in->scratch, clean))
        member_flag(&f, "duplicate");
    if (x->encrypted)
        tell_encrypted(in, name);
    else if (x->type == '0')
        ok = scan(in, z, name, e);
    member_tell(in, &f, name, ERR_NO_OFFSET, link);
    return ok;
}

static bool walk(const struct format_input *in, struct sevenzip *z, struct err *e)
{
    struct name_set seen = {0};
    struct sevenzip_entry x;
    bool end;

    for (;;) {
        if (!sevenzip_next(z, &x, &end, e))
            return false;
        if (end)
            return true;
        if (!one_entry(in, z, &x, &seen, e))
            return false;
    }
}

/* SPEC: 7zFormat.txt, "SignatureHeader": 32 bytes, then packed streams, then the header that it
 * points to, which is the last. */
static bool check_end(const struct format_input *in, uint64_t len, struct err *e)
{
    uint8_t head[32];
    struct reader r;
    uint64_t offset, size, end;

    if (!source_read(in->bytes, 0, head, sizeof(head), e))
        return false;
    r = reader_over((struct slice){head, sizeof(head)});
    if (!reader_skip(&r, 12) || !reader_u64le(&r, &offset) || !reader_u64le(&r, &size) ||
        !checked_add(offset, size, &end) || !checked_add(end, sizeof(head), &end) || end > len)
        return err_pos(e, ERR_FORMAT, 12, "7z: the header stands behind the end of the file");
    if (end < len)
        return err_pos(e, ERR_FORMAT, end, "%" PRIu64 " bytes behind the 7z archive", len - end);
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct sevenzip *z;
    uint64_t len = source_len(in->bytes);
    bool ok;

    if (len == SOURCE_LEN_UNKNOWN && !source_drain(in->bytes, &len, e))
        return false;
    z = sevenzip_open(in->bytes);
    ok = walk(in, z, e) && check_end(in, len, e);
    sevenzip_free(z);
    if (ok)
        cover->scanned = UINT64_MAX; /* all of it, see format.c */
    return ok;
}

const struct format format_7z = {
    .name = "7z",
    .summary = "7z archives, as some wrap PyTorch files in",
    .spec = "7-Zip 22.01, DOC/7zFormat.txt",
    .begins = "7z\xbc\xaf\x27\x1c",
    .probe = probe,
    .parse = parse,
};
