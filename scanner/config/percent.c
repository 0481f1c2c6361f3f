#include "scanner/config/percent.h"

#include "base/checked.h"

bool percent_decode(struct slice s, struct arena *a, struct slice *out, struct err *e)
{
    uint8_t *bytes = arena_alloc(a, s.len);
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++, n++) {
        if (s.data[i] != '%') {
            bytes[n] = s.data[i];
            continue;
        }
        if (s.len - i < 3 || !checked_hex((struct slice){s.data + i + 1, 2}, &bytes[n], 1))
            return err_fail(e, ERR_FORMAT, "'%%' at byte %zu without two hex digits", i);
        i += 2;
    }
    *out = (struct slice){bytes, n};
    return true;
}
