#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"

/* SPEC: ELF gABI 4.1, e_ident; PE format, signature; Mach-O, mach_header and fat_header. */
static const char *kind_of(struct slice head)
{
    struct reader r = reader_over(head);
    uint32_t magic, at, sig;

    if (head.len < 8 || !reader_u32be(&r, &magic))
        return NULL;
    if (magic == 0x7f454c46)
        return "elf";
    if (magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xcefaedfe || magic == 0xcffaedfe)
        return "macho";
    if (magic == 0xcafebabe && reader_u32be(&r, &at) && at > 0 && at < 40)
        return "macho";
    if (head.data[0] != 'M' || head.data[1] != 'Z')
        return NULL;
    r = reader_over(head);
    if (reader_skip(&r, 60) && reader_u32le(&r, &at) && at >= 64 && at < head.len - 4) {
        r = reader_over(head);
        if (reader_skip(&r, at) && reader_u32be(&r, &sig) && sig == 0x50450000)
            return "pe";
    }
    return slice_starts(head, "MZqFpD") ? "ape" : NULL;
}

static int probe(struct slice head, const char *name)
{
    (void)name;
    return kind_of(head) != NULL ? FORMAT_CERTAIN : 0;
}

/* Machine code is named, hashed and left to the rules. */
static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct reader r = {.offset = 0};
    struct value_builder b;
    struct arena *a = in->scratch;
    const char *kind;

    if (!feed_more(in->feed, &r, FORMAT_PROBE_BYTES, e))
        return false;
    kind =
        kind_of((struct slice){r.data, r.left < FORMAT_PROBE_BYTES ? r.left : FORMAT_PROBE_BYTES});
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "kind", value_str(a, kind != NULL ? kind : "unknown"));
    value_map_add(&b, "container",
                  in->container != NULL ? value_str(a, in->container) : value_null(a, NULL));
    format_tell(in, "model.native", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
    cover->scanned = UINT64_MAX;
    return true;
}

const struct format format_native = {
    .name = "native",
    .summary = "machine code: ELF, PE, Mach-O",
    .spec = "System V gABI 4.1; Microsoft PE format; Mach-O file format reference",
    .probe = probe,
    .parse = parse,
};
