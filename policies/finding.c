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

void finding_fingerprint(const struct finding *f, const struct subject *s,
                         char out[FINDING_FINGERPRINT])
{
    char hex[DIGEST_TEXT_MAX];
    struct digest_ctx c;
    struct digest d;

    digest_init(&c, DIGEST_SHA256);
    put(&c, f->rule->id);
    put(&c, s == NULL ? NULL : s->kind);
    put(&c, f->fact == NULL ? NULL : f->fact->subject);
    put(&c, f->fact == NULL ? NULL : f->fact->type);
    put(&c, f->fact == NULL ? NULL : f->fact->address);
    put(&c, f->at.path);
    digest_final(&c, &d);
    digest_release(&c);
    digest_hex(&d, hex);
    memcpy(out, hex, FINDING_FINGERPRINT - 1);
    out[FINDING_FINGERPRINT - 1] = '\0';
}

void finding_fingerprint_in(const struct findings *fs, const struct finding *f,
                            char out[FINDING_FINGERPRINT])
{
    finding_fingerprint(f, f->fact == NULL ? NULL : fs->subjects[f->fact - fs->facts->facts], out);
}

/* ---- how they are kept ---- */

static bool plain(const struct finding *f)
{
    const struct fact_location nowhere = {.offset = ERR_NO_OFFSET};
    const struct fact_location *at = f->fact == NULL ? &nowhere : &f->fact->at;

    return f->message == f->rule->title && f->reason == NULL && f->waiver == NULL &&
           f->at.line == at->line && f->at.offset == at->offset;
}

void finding_set(struct findings *fs, size_t i, const struct finding *f, struct arena *a)
{
    struct finding_row *row = &fs->rows[i];

    row->outcome = f->outcome & 7;
    if (row->more == 0 && !plain(f)) {
        (void)ARENA_PUSH(a, &fs->more, &fs->nmore);
        row->more = fs->nmore & ((1u << 29) - 1);
    }
    if (row->more != 0)
        fs->more[row->more - 1] =
            (struct finding_more){f->message, f->reason, f->waiver, f->at.offset, f->at.line};
}

void finding_put(struct findings *fs, const struct finding *f, struct arena *a)
{
    fs->rows[fs->n] = (struct finding_row){
        .fact = f->fact == NULL ? FINDING_NO_FACT : (uint32_t)(f->fact - fs->facts->facts)};
    finding_set(fs, fs->n, f, a);
    if (fs->nruns == 0 || fs->runs[fs->nruns - 1].rule != f->rule)
        *(struct finding_run *)ARENA_PUSH(a, &fs->runs, &fs->nruns) =
            (struct finding_run){f->rule, fs->n};
    fs->n++;
}

size_t finding_end(const struct findings *fs, size_t run)
{
    return run + 1 < fs->nruns ? fs->runs[run + 1].first : fs->n;
}

size_t finding_run_of(const struct findings *fs, size_t i)
{
    size_t low = 0, high = fs->nruns;

    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;

        if (fs->runs[mid].first <= i)
            low = mid;
        else
            high = mid;
    }
    return low;
}

struct finding finding_at(const struct findings *fs, size_t i)
{
    const struct finding_row *row = &fs->rows[i];
    struct finding f = {.rule = fs->runs[finding_run_of(fs, i)].rule,
                        .outcome = (enum outcome)row->outcome,
                        .at = {.offset = ERR_NO_OFFSET}};

    f.message = f.rule->title;
    if (row->fact != FINDING_NO_FACT) {
        f.fact = &fs->facts->facts[row->fact];
        f.at = f.fact->at;
    }
    if (row->more != 0) {
        const struct finding_more *m = &fs->more[row->more - 1];

        f.message = m->message;
        f.reason = m->reason;
        f.waiver = m->waiver;
        f.at.offset = m->offset;
        f.at.line = m->line;
    }
    return f;
}

/* ---- order ---- */

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

static uint64_t offset_of(const struct findings *fs, const struct finding_row *r,
                          const struct fact *f)
{
    if (r->more != 0)
        return fs->more[r->more - 1].offset;
    return f == NULL ? ERR_NO_OFFSET : f->at.offset;
}

/* Of one rule. */
static int row_cmp(const void *x, const void *y, void *ctx)
{
    const struct findings *fs = ctx;
    const struct finding_row *a = x, *b = y;
    const struct fact *fa = a->fact == FINDING_NO_FACT ? NULL : &fs->facts->facts[a->fact];
    const struct fact *fb = b->fact == FINDING_NO_FACT ? NULL : &fs->facts->facts[b->fact];
    int c = fact_cmp(fa, fb);

    if (c == 0 && fa != NULL && fb != NULL)
        c = text_cmp(fa->at.path, fb->at.path);
    if (c == 0) {
        const uint64_t m = offset_of(fs, a, fa), n = offset_of(fs, b, fb);

        c = (m > n) - (m < n);
    }
    return c != 0 ? c : (fa > fb) - (fa < fb);
}

void finding_sort(struct findings *fs)
{
    const size_t first = fs->nruns == 0 ? 0 : fs->runs[fs->nruns - 1].first;
    bool sorted = true;

    for (size_t i = first + 1; i < fs->n && sorted; i++)
        sorted = row_cmp(&fs->rows[i - 1], &fs->rows[i], fs) <= 0;
    if (!sorted)
        qsort_r(fs->rows + first, fs->n - first, sizeof(fs->rows[0]), row_cmp, fs);
}

const char *finding_outcome_name(enum outcome o)
{
    static const char *const names[] = {"pass", "fail", "unknown", "skip", "error", "waived"};

    return (unsigned)o < ARRAY_LEN(names) ? names[o] : "?";
}
