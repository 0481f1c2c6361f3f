#include "policies/glob.h"

/* Bytes of the character at `at`: a UTF-8 lead byte and what continues it. */
static size_t char_len(struct slice s, size_t at)
{
    size_t n = 1;

    while (n < s.len - at && n < 4 && (s.data[at + n] & 0xc0) == 0x80)
        n++;
    return n;
}

bool glob_match(struct slice pattern, struct slice text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && pattern.data[p] == '?') {
            p++;
            t += char_len(text, t);
        } else if (p < pattern.len && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            resume += char_len(text, resume);
            t = resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}
