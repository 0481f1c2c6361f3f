#include "scanner/formats/text.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"

/* The first control, or the length. */
static size_t first_control(struct slice s)
{
    size_t i = 0;

    while (i < s.len &&
           (s.data[i] >= ' ' || (s.data[i] >= '\b' && s.data[i] <= '\r') || s.data[i] == 0x1b))
        i++;
    return i;
}

/* A byte order mark does no harm at the start. */
static struct slice without_mark(struct slice s)
{
    return slice_starts(s, "\xef\xbb\xbf") ? slice_from(s, 3) : s;
}

bool text_prose(const char *name)
{
    static const char *const ends[] = {".md", ".markdown", ".rst", ".txt", ".csv", ".tsv", ".log"};
    static const char *const begins[] = {"readme",  "license", "licence",  "notice",
                                         "copying", "authors", "changelog"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(slice_str(name), ends[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (strncmp(name, begins[i], strlen(begins[i])) == 0 && strchr(name, '.') == NULL)
            return true;
    return false;
}

bool text_plausible_8bit(struct slice head)
{
    return first_control(head) == head.len;
}

bool text_check_8bit(struct feed *f, uint64_t *len, struct err *e)
{
    struct reader r = {.offset = 0};

    for (*len = 0;; *len = r.offset) {
        size_t n;

        if (!feed_more(f, &r, FEED_NEED, e))
            return false;
        if (r.left == 0)
            return true;
        n = first_control((struct slice){r.data, r.left});
        if (n < r.left)
            return err_pos(e, ERR_FORMAT, r.offset + n, "byte 0x%02x does not belong in a text",
                           r.data[n]);
        if (!reader_skip(&r, r.left))
            return false;
    }
}

bool text_plausible(struct slice head)
{
    const struct slice s = without_mark(head);
    size_t bad = s.len;

    if (first_control(s) < s.len)
        return false;
    return slice_utf8(s, &bad) || (head.len == FORMAT_PROBE_BYTES && s.len - bad < 4);
}

bool text_check(struct feed *f, uint64_t *len, struct err *e)
{
    struct reader r = {.offset = 0};
    struct slice part;

    *len = 0;
    for (;;) {
        size_t control, bad = 0, n;

        if (!feed_more(f, &r, FEED_NEED, e))
            return false;
        if (r.left == 0)
            return true;
        part = (struct slice){r.data, r.left < FEED_NEED ? r.left : FEED_NEED};
        control = first_control(part);
        n = part.len;
        if (!slice_utf8(part, &bad))
            n = part.len - bad < 4 && r.left >= FEED_NEED ? bad : n; /* cut within a character */
        else
            bad = part.len;
        if (control < bad)
            bad = control;
        *len = r.offset + bad;
        if (bad < n)
            return err_pos(e, ERR_FORMAT, r.offset + bad, "byte 0x%02x does not belong in a text",
                           part.data[bad]);
        if (!reader_skip(&r, n))
            return false;
    }
}
