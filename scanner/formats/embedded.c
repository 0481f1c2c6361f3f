#include "scanner/formats/embedded.h"

#include <string.h>

#include "base/attr.h"

static const struct {
    const char *begin, *kind;
} heads[] = {
    {"\x7f"
     "ELF\1",
     "elf"},
    {"\x7f"
     "ELF\2",
     "elf"},
    {"\xce\xfa\xed\xfe", "macho"},
    {"\xcf\xfa\xed\xfe", "macho"},
    {"PK\3\4", "zip"},
    {"#!/", "script"},
};

const char *embedded_kind(const uint8_t head[EMBEDDED_HEAD])
{
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (memcmp(head, heads[i].begin, strlen(heads[i].begin)) == 0)
            return heads[i].kind;
    return NULL;
}

void embedded_add(struct value_builder *list, const char *what, uint32_t index, uint64_t at,
                  const char *kind)
{
    struct arena *a = list->arena;
    struct value_builder m;

    if (list->n == EMBEDDED_MAX)
        return;
    value_map_begin(&m, a);
    value_map_add(&m, what, value_int(a, index, NULL));
    value_map_add(&m, "offset", value_int(a, (int64_t)at, NULL));
    value_map_add(&m, "kind", value_str(a, kind));
    value_list_add(list, value_map_end(&m, NULL));
}
