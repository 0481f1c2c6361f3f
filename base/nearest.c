#include "base/nearest.h"

#include <stdio.h>

static size_t min3(size_t a, size_t b, size_t c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Levenshtein distance of two short words. */
static size_t distance(struct slice a, struct slice b)
{
    size_t row[NEAREST_WORD_MAX + 1];

    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            const size_t above = row[j];

            row[j] = min3(row[j] + 1, row[j - 1] + 1, diagonal + (a.data[i - 1] != b.data[j - 1]));
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *nearest_name(struct slice word, const char *const *names)
{
    const char *best = NULL;
    size_t least = word.len / 3 + 1;

    if (word.len > NEAREST_WORD_MAX)
        return NULL;
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct slice name = slice_str(names[i]);
        const size_t d = name.len > NEAREST_WORD_MAX ? SIZE_MAX : distance(word, name);

        if (d < least || (d == least && best == NULL)) {
            best = names[i];
            least = d;
        }
    }
    return best;
}

const char *nearest_hint(struct slice word, const char *const *names, char out[NEAREST_HINT_MAX])
{
    const char *name = nearest_name(word, names);

    out[0] = '\0';
    if (name != NULL)
        (void)snprintf(out, NEAREST_HINT_MAX, "; did you mean '%s'?", name);
    return out;
}
