/* Which characters YAML may hold. */
#include "base/yaml_text.h"

#include "base/escape.h"

static bool printable(uint32_t cp)
{
    if (cp < 0x80)
        return (cp >= 0x20 && cp != 0x7f) || cp == '\t' || cp == '\n' || cp == '\r';
    return cp == 0x85 || (cp >= 0xa0 && cp != 0xfeff && cp != 0xfffe && cp != 0xffff);
}

bool yaml_text_check(struct slice text, struct value_at *bad, const char **why)
{
    struct value_at at = {.offset = 0, .line = 1};
    size_t i = 0;
    uint32_t cp;

    while (i < text.len) {
        at.offset = i;
        escape_next(text, &i, &cp);
        if (cp == UINT32_MAX || !printable(cp)) {
            *bad = at;
            *why = cp == UINT32_MAX ? "a byte that is not utf-8" : "a control character";
            return false;
        }
        at.line += cp == '\n';
    }
    return true;
}
