#include "base/place.h"

#include "tests/lib/cases.h"

static const struct {
    const char *what, *input, *path, *below;
} places[] = {
    {"a file on its own", "m.pkl", "m.pkl", ""},
    {"with its folder", "models/m.pkl", "m.pkl", ""},
    {"with its kind", "file:m.pkl", "m.pkl", ""},
    {"a member of it", "models/m.tar.gz", "m.tar.gz!m.tar!m.pkl", "m.tar!m.pkl"},
    {"a file of a folder", "models", "m.pkl", "m.pkl"},
    {"a name that begins alike", "m", "m.pkl", "m.pkl"},
    {"a shorter name", "m.pkl.gz", "m.pkl", "m.pkl"},
    {"no path", "m", "", ""},
    {"no input", "", "m", "m"},
    {"an input that ends in a slash", "dir/", "m", "m"},
};
CASES(place, a_name_is_not_said_twice, places)
{
    const struct slice below =
        place_below(slice_str(places[*case_index].input), slice_str(places[*case_index].path));

    cr_expect(slice_is(below, places[*case_index].below), "%s: '%.*s'", places[*case_index].what,
              (int)below.len, (const char *)below.data);
}
