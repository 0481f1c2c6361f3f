#include "scanner/formats/format.h"

#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/name_set.h"
#include "scanner/formats/torch/torch_tar.h"
#include "scanner/input/tar.h"

/* SPEC: POSIX.1-2017 pax, ustar header: magic at 257; older archives have a good checksum only. */
static int probe(struct slice head, const char *name)
{
    uint32_t sum = 0, said = 0;
    size_t digits = 0;

    (void)name;
    if (head.len < 512)
        return 0;
    if (memcmp(head.data + 257, "ustar", 5) == 0)
        return FORMAT_CERTAIN;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : head.data[i];
    for (size_t i = 148; i < 156; i++)
        if (head.data[i] >= '0' && head.data[i] <= '7') {
            said = said << 3 | (uint32_t)(head.data[i] - '0');
            digits++;
        }
    return digits >= 4 && sum == said && head.data[0] != 0 ? FORMAT_CERTAIN : 0;
}

static void flag_entry(const struct tar_entry *t, bool clean, struct member_flags *f)
{
    static const struct {
        char type;
        const char *flag;
    } types[] = {
        {'1', "hardlink"}, {'2', "symlink"}, {'3', "device"}, {'4', "device"}, {'6', "fifo"},
    };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (t->type == types[i].type)
            member_flag(f, types[i].flag);
    if (!clean)
        member_flag(f, "traversal");
    if (t->path.len > 0 && t->path.data[0] == '/')
        member_flag(f, "absolute");
    if ((t->mode & 06000) != 0 && t->type == '0')
        member_flag(f, "set-id");
    for (size_t i = 0; i < t->path.len; i++)
        if (t->path.data[i] < ' ' || t->path.data[i] == '\\') {
            member_flag(f, "odd-name");
            break;
        }
    if (t->link.len > 0 &&
        (t->link.data[0] == '/' || slice_starts(t->link, "../") || slice_is(t->link, "..") ||
         slice_find(t->link, SLICE_LIT("/../"), &(size_t){0})))
        member_flag(f, "link-escapes");
}

struct walk {
    const struct format_input *in;
    struct tar *tar;
    struct format_cover *cover;
    struct name_set seen;
    bool torch; /* torch.load takes it for its own first format */
};

static bool one_entry(struct walk *w, const struct tar_entry *t, struct err *e)
{
    const struct format_input *in = w->in;
    const char *name = member_name(in->scratch, t->path);
    struct member_flags f;
    struct slice clean = t->path;
    struct err ignored = {0};
    const bool ok = tar_clean(t->path, in->scratch, &clean, &ignored);
    bool good = true;

    member_begin(&f, in->scratch, "tar");
    flag_entry(t, ok, &f);
    if (t->type != '5' && name_set_add(&w->seen, in->scratch, ok ? clean : t->path))
        member_flag(&f, "duplicate");
    if (t->type == '0') {
        struct source *s = source_sub(in->bytes, t->at, t->size);
        struct format_input inner = format_inner(in, s, name);

        inner.container = w->torch ? "pytorch-tar" : "tar";
        inner.as = w->torch ? torch_tar_part(t) : NULL;
        good = format_scan(&inner, e);
        source_free(s);
    }
    w->cover->scanned += t->size;
    member_tell(in, &f, name, t->header_at, t->link);
    return good;
}

/* Looks at the names first: what the members mean depends on all of them. */
static bool is_torch(const struct format_input *in)
{
    struct tar *t = tar_open(in->bytes);
    struct tar_entry entry;
    struct err ignored = {0};
    bool end = false, found = false;

    for (unsigned n = 0; n < LIMIT_ENTRIES && !found && tar_next(t, &entry, &end, &ignored) && !end;
         n++)
        found = torch_tar_marks(&entry);
    tar_free(t);
    return found;
}

static bool walk(struct walk *w, struct err *e)
{
    struct format_cover *cover = w->cover;
    struct tar_entry entry;
    uint64_t len;
    bool end = false;

    for (unsigned n = 0;; n++) {
        if (!tar_next(w->tar, &entry, &end, e))
            return false;
        if (end)
            break;
        if (n >= LIMIT_ENTRIES)
            return err_fail(e, ERR_LIMIT, "more than %d members (LIMIT_ENTRIES)", LIMIT_ENTRIES);
        if (!one_entry(w, &entry, e))
            return false;
        cover->parsed = entry.at + entry.size - cover->scanned;
    }
    if (!tar_tail(w->tar, &len, e))
        return false;
    cover->parsed = len - cover->scanned;
    return true;
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct walk w = {.in = in, .cover = cover};
    bool ok;

    /* torch.load reads no compressed tar, and looking twice would decompress twice */
    w.torch = !in->costly && is_torch(in);
    if (w.torch)
        cover->format = "pytorch-tar";
    w.tar = tar_open(in->bytes);
    ok = walk(&w, e);
    tar_free(w.tar);
    return ok;
}

const struct format format_tar = {
    .name = "tar",
    .summary = "tar archives, such as SageMaker's model.tar.gz, and PyTorch's first format",
    .spec = "POSIX.1-2017, pax; GNU tar manual, Basic Tar Format",
    .probe = probe,
    .parse = parse,
};
