#include "policies/finding.h"

#include <stdlib.h>
#include <string.h>

static const char *text(const char *s)
{
    return s == NULL ? "" : s;
}

/* A NUL ends each part, so that two parts never read as another two. */
static void put(struct digest_ctx *c, const char *s)
{
    digest_update(c, (struct slice){(const uint8_t *)text(s), strlen(text(s)) + 1});
}

void finding_fingerprint(struct digest_ctx *c, struct finding *f, const struct subject *s)
{
    char hex[DIGEST_TEXT_MAX];
    struct digest d;

    put(c, f->rule->id);
    put(c, s == NULL ? NULL : s->kind);
    put(c, f->fact == NULL ? NULL : f->fact->subject);
    put(c, f->fact == NULL ? NULL : f->fact->type);
    put(c, f->fact == NULL ? NULL : f->fact->address);
    put(c, f->at.path);
    digest_final(c, &d);
    digest_hex(&d, hex);
    memcpy(f->fingerprint, hex, sizeof(f->fingerprint) - 1);
    f->fingerprint[sizeof(f->fingerprint) - 1] = '\0';
}

static int text_cmp(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(text(a), text(b));
}

/* What the finding is about; what is about nothing comes first. */
static int fact_cmp(const struct fact *a, const struct fact *b)
{
    int c = 0;

    if (a == b || a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    c = text_cmp(a->subject, b->subject);
    if (c == 0)
        c = text_cmp(a->source, b->source);
    if (c == 0)
        c = text_cmp(a->type, b->type);
    return c != 0 ? c : text_cmp(a->address, b->address);
}

static int finding_cmp(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int c = text_cmp(a->rule->id, b->rule->id);

    if (c == 0)
        c = fact_cmp(a->fact, b->fact);
    if (c == 0)
        c = text_cmp(a->at.path, b->at.path);
    if (c == 0)
        c = (a->at.offset > b->at.offset) - (a->at.offset < b->at.offset);
    return c != 0 ? c : (a->fact > b->fact) - (a->fact < b->fact);
}

static bool sorted(const struct finding *items, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (finding_cmp(&items[i - 1], &items[i]) > 0)
            return false;
    return true;
}

void finding_sort(struct finding *items, size_t n)
{
    if (!sorted(items, n))
        qsort(items, n, sizeof(items[0]), finding_cmp);
}

const char *finding_outcome_name(enum outcome o)
{
    static const char *const names[] = {"pass", "fail", "unknown", "skip", "error", "waived"};

    return (unsigned)o < ARRAY_LEN(names) ? names[o] : "?";
}
