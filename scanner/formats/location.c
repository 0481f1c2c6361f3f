#include "scanner/formats/location.h"

#include <inttypes.h>

#include "base/limits.h"

static const char *const names[LOCATION_PROBLEMS] = {"absolute", "dotdot", "backslash", "url",
                                                     "empty",    "drive",  "nul"};

const char *location_name(enum location_problem p)
{
    return names[p];
}

/* Both kinds of separators, since some systems take either. */
static bool dotdot(struct slice s)
{
    size_t from = 0;

    for (size_t i = 0; i <= s.len; i++) {
        if (i < s.len && s.data[i] != '/' && s.data[i] != '\\')
            continue;
        if (i - from == 2 && s.data[from] == '.' && s.data[from + 1] == '.')
            return true;
        from = i + 1;
    }
    return false;
}

static bool letter(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

uint32_t location_problems(struct slice s)
{
    uint32_t found = 0;
    size_t at;

    if (s.len == 0)
        return 1u << LOCATION_EMPTY;
    if (s.data[0] == '/' || s.data[0] == '\\' || s.data[0] == '~')
        found |= 1u << LOCATION_ABSOLUTE;
    if (s.len > 1 && s.data[1] == ':' && letter(s.data[0]))
        found |= 1u << LOCATION_DRIVE;
    if (dotdot(s))
        found |= 1u << LOCATION_DOTDOT;
    if (slice_find(s, SLICE_LIT("\\"), &at))
        found |= 1u << LOCATION_BACKSLASH;
    if (slice_find(s, SLICE_LIT("://"), &at) || slice_starts(s, "file:"))
        found |= 1u << LOCATION_URL;
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] < 0x20 || s.data[i] == 0x7f)
            found |= 1u << LOCATION_NUL;
    return found;
}

const struct value *location_list(struct arena *a, struct slice name, size_t room)
{
    const uint32_t found = location_problems(name);
    struct value_builder b;

    value_list_begin(&b, a);
    for (unsigned i = 0; i < LOCATION_PROBLEMS; i++)
        if ((found >> i & 1) != 0)
            value_list_add(&b, value_str(a, names[i]));
    if (name.len >= room)
        value_list_add(&b, value_str(a, "long"));
    return value_list_end(&b, NULL);
}

void location_tell(const struct format_input *in, const struct location_reference *r)
{
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "framework", value_str(a, r->framework));
    value_map_add(&b, "kind", value_str(a, r->kind));
    value_map_add(&b, "access", value_str(a, r->access));
    value_map_add(&b, "location", format_string(a, r->name, LIMIT_TALLY_BYTES));
    value_map_add(&b, "problem", location_list(a, r->name, LIMIT_TALLY_BYTES));
    value_map_add(&b, "count", value_int(a, 1, NULL));
    format_tell(in, "model.reference", arena_printf(a, "%s#%" PRIu64, in->path, r->at), r->at,
                value_map_end(&b, NULL));
}
