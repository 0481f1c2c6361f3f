#include "policies/cel/cel_lib.h"

const struct cel_lib_entry *cel_lib_find(struct slice name, unsigned style, bool *known)
{
    static const struct cel_lib_entry *const tables[] = {
        cel_lib_core_table, cel_lib_string_table, cel_lib_math_table,     cel_lib_list_table,
        cel_lib_time_table, cel_lib_net_table,    cel_lib_optional_table,
    };

    *known = false;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        for (const struct cel_lib_entry *f = tables[i]; f->name != NULL; f++) {
            if (!slice_is(name, f->name))
                continue;
            *known = true;
            if ((f->styles & style) != 0)
                return f;
        }
    }
    return NULL;
}

bool cel_lib_type(struct slice name, struct cel_value *out)
{
    for (unsigned kind = CEL_NULL; kind < CEL_GAP; kind++) {
        if (slice_is(name, cel_value_type_name(kind))) {
            *out = cel_value_str(cel_value_type_name(kind));
            out->kind = CEL_TYPE;
            return true;
        }
    }
    return false;
}
