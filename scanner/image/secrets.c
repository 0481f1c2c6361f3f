#include "scanner/image/secrets.h"

#include <assert.h>
#include <hs/hs_runtime.h>
#include <string.h>

#include "scanner/image/pattern.h"
#include "scanner/image/secret_check.h"

#define BEHIND PATTERN_MAX_BYTES     /* bytes before the end of a hit that its match may use */
#define AHEAD 2048u                  /* bytes behind it: the rest of a token, the body of a key */
#define TAIL_BYTES (BEHIND + AHEAD)  /* kept of what went before a chunk */
#define PENDING_MAX 512              /* hits that wait for the next chunk */
#define CHUNK_MAX ((size_t)1u << 30) /* bytes; the library counts chunks in 32 bits */

struct pending {
    uint64_t to; /* end of the hit in its stream */
    uint32_t id, line;
};

struct secrets {
    hs_database_t *db;
    hs_stream_t *stream;
    hs_scratch_t *scratch;
    const struct pattern **patterns;
    uint64_t *told_to; /* by detector: everything before is told or refused */
    secrets_found_fn *found;
    void *ctx;
    struct slice chunk;
    uint64_t chunk_at;                /* of `chunk` in the stream */
    size_t tail_len, npending, lined; /* `lined`: bytes of the first chunk that `line` counts */
    uint32_t line;
    struct pending pending[PENDING_MAX];
    uint8_t tail[TAIL_BYTES]; /* ends where `chunk` begins */
    uint8_t window[TAIL_BYTES];
};

static bool load(struct secrets *s, struct err *e)
{
    const size_t len = (uintptr_t)detectors_db_end - (uintptr_t)detectors_db;

    if (hs_deserialize_database((const char *)detectors_db, len, &s->db) != HS_SUCCESS)
        return err_fail(e, ERR_UNSUPPORTED, "the secrets database does not fit this libhs or CPU");
    if (hs_alloc_scratch(s->db, &s->scratch) != HS_SUCCESS ||
        hs_open_stream(s->db, 0, &s->stream) != HS_SUCCESS)
        return err_fail(e, ERR_UNSUPPORTED, "the secrets database cannot be opened");
    return true;
}

bool secrets_open(struct arena *a, secrets_found_fn *found, void *ctx, struct secrets **out,
                  struct err *e)
{
    struct secrets *s = calloc(1, sizeof(*s));

    if (s == NULL)
        abort();
    s->found = found;
    s->ctx = ctx;
    s->patterns = ARENA_ARRAY(a, const struct pattern *, detectors_nsecrets);
    s->told_to = ARENA_ARRAY(a, uint64_t, detectors_nsecrets);
    for (size_t i = 0; i < detectors_nsecrets; i++)
        if (!pattern_compile(detectors_secret[i].pattern, a, &s->patterns[i], e)) {
            secrets_free(s);
            return err_in(e, "detector %s", detectors_secret[i].id);
        }
    if (!load(s, e)) {
        secrets_free(s);
        return false;
    }
    *out = s;
    return true;
}

void secrets_free(struct secrets *s)
{
    if (s == NULL)
        return;
    if (s->stream != NULL)
        hs_close_stream(s->stream, s->scratch, NULL, NULL);
    hs_free_scratch(s->scratch);
    hs_free_database(s->db);
    free(s);
}

void secrets_begin(struct secrets *s)
{
    hs_reset_stream(s->stream, 0, s->scratch, NULL, NULL);
    memset(s->told_to, 0, detectors_nsecrets * sizeof(*s->told_to));
    s->chunk = (struct slice){NULL, 0};
    s->chunk_at = 0;
    s->tail_len = s->npending = s->lined = 0;
    s->line = 1;
}

static uint64_t seen(const struct secrets *s)
{
    return s->chunk_at + s->chunk.len;
}

/* The bytes [from, to) of the stream; they lie in the tail and the chunk. */
static struct slice window(struct secrets *s, uint64_t from, uint64_t to)
{
    size_t n = 0;

    if (from >= s->chunk_at)
        return (struct slice){s->chunk.data + (from - s->chunk_at), (size_t)(to - from)};
    n = (size_t)((to < s->chunk_at ? to : s->chunk_at) - from);
    memcpy(s->window, s->tail + (s->tail_len - (size_t)(s->chunk_at - from)), n);
    if (to > s->chunk_at) {
        assert(s->chunk.data != NULL);
        memcpy(s->window + n, s->chunk.data, (size_t)(to - s->chunk_at));
        n += (size_t)(to - s->chunk_at);
    }
    return (struct slice){s->window, n};
}

static void confirm(struct secrets *s, const struct pending *p)
{
    const uint64_t oldest = s->chunk_at - s->tail_len;
    uint64_t from = p->to > BEHIND ? p->to - BEHIND : 0;
    uint64_t to = seen(s) - p->to > AHEAD ? p->to + AHEAD : seen(s);
    struct secrets_hit out;
    struct pattern_hit hit;
    struct slice w;

    if (p->to <= s->told_to[p->id])
        return;
    from = from > oldest ? from : oldest;
    w = window(s, from, to);
    assert(w.data != NULL);
    if (!pattern_find(s->patterns[p->id], w, (size_t)(p->to - from), &hit))
        return;
    s->told_to[p->id] = from + hit.end;
    if (!secret_check(&detectors_secret[p->id], w, &hit, &out))
        return;
    out.offset = from + hit.secret_start;
    out.line = p->line;
    for (size_t i = hit.secret_start; out.line > 1 && i < (size_t)(p->to - from); i++)
        out.line -= w.data[i] == '\n';
    s->found(s->ctx, &out);
}

/* The line on which the byte before `to` stands; told for the first chunk
 * only, which is the whole of most files. */
static uint32_t line_of(struct secrets *s, uint64_t to)
{
    if (s->chunk_at != 0 || to > s->chunk.len)
        return 0;
    if (to < s->lined) {
        s->lined = 0;
        s->line = 1;
    }
    while (s->lined < to) {
        const uint8_t *nl = memchr(s->chunk.data + s->lined, '\n', (size_t)to - s->lined);

        if (nl == NULL)
            break;
        s->line++;
        s->lined = (size_t)(nl - s->chunk.data) + 1;
    }
    s->lined = (size_t)to;
    return s->line;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *ctx)
{
    struct secrets *s = ctx;
    struct pending p = {.to = to, .id = id};

    (void)from;
    (void)flags;
    if (to <= s->told_to[id])
        return 0;
    p.line = line_of(s, to);
    if (seen(s) - to < AHEAD && s->npending < PENDING_MAX)
        s->pending[s->npending++] = p;
    else
        confirm(s, &p);
    return 0;
}

/* Confirms what waited, as far as its window is complete now. */
static void settle(struct secrets *s, bool all)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->npending; i++)
        if (all || seen(s) - s->pending[i].to >= AHEAD)
            confirm(s, &s->pending[i]);
        else
            s->pending[kept++] = s->pending[i];
    s->npending = kept;
}

static void keep_tail(struct secrets *s)
{
    const size_t n = s->chunk.len < TAIL_BYTES ? s->chunk.len : TAIL_BYTES;
    const size_t old = s->tail_len < TAIL_BYTES - n ? s->tail_len : TAIL_BYTES - n;

    memmove(s->tail, s->tail + (s->tail_len - old), old);
    memcpy(s->tail + old, s->chunk.data + (s->chunk.len - n), n);
    s->tail_len = old + n;
}

bool secrets_feed(struct secrets *s, struct slice chunk, struct err *e)
{
    if (chunk.len == 0)
        return true;
    if (chunk.len > CHUNK_MAX)
        return err_fail(e, ERR_LIMIT, "a chunk of %zu bytes", chunk.len);
    s->chunk = chunk;
    settle(s, false);
    if (hs_scan_stream(s->stream, (const char *)chunk.data, (unsigned)chunk.len, 0, s->scratch,
                       on_match, s) != HS_SUCCESS)
        return err_fail(e, ERR_UNSUPPORTED, "the search for secrets failed");
    keep_tail(s);
    s->chunk_at += chunk.len;
    s->chunk = (struct slice){NULL, 0};
    return true;
}

void secrets_end(struct secrets *s)
{
    settle(s, true);
}

bool secrets_text(struct secrets *s, struct slice text, struct err *e)
{
    secrets_begin(s);
    if (!secrets_feed(s, text, e))
        return false;
    secrets_end(s);
    return true;
}
