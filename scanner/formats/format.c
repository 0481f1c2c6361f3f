#include "scanner/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/hdf5/hdf5_super.h"
#include "scanner/formats/magic.h"
#include "scanner/formats/names.h"
#include "scanner/formats/packed.h"
#include "scanner/formats/pickle/pickle_vm.h"
#include "scanner/formats/zarr/grid.h"
#include "scanner/formats/zip/zip.h"

#define FORMAT(name) extern const struct format format_##name;
#include "scanner/formats/formats.def"
#undef FORMAT

const struct format *const format_table[] = {
#define FORMAT(name) &format_##name,
#include "scanner/formats/formats.def"
#undef FORMAT
    NULL,
};

#define BIDS_MAX 32
#define TOLD_NAME 256

struct bid {
    const struct format *format;
    int score;
};

/* One stream under examination. */
struct scan {
    struct format_input in; /* as the parsers see it */
    const char *name;       /* lower-case file name */
    struct slice head;
    struct bid bids[BIDS_MAX];
    size_t nbids;
    const char *formats[BIDS_MAX]; /* accepted readings; the first is the primary one */
    size_t nformats;
    struct format_cover cover; /* of the primary reading */
    struct err error;          /* of the primary reading */
    bool unsupported;
    struct feed feed;
    uint64_t len;
    bool whole;   /* all was read, or need not be: `len` holds */
    bool covered; /* raw data that the digest of the container covers: not read */
    bool hashed;  /* `digest` holds */
    struct digest digest;
    uint32_t crc;
};

static enum format_hash hash_of(const struct scan *s)
{
    return s->in.run != NULL ? s->in.run->hash : FORMAT_HASH_FILES;
}

struct format_input format_inner(const struct format_input *in, struct source *bytes,
                                 const char *name)
{
    struct format_input inner = *in;

    inner.bytes = bytes;
    inner.path = arena_printf(in->scratch, "%s!%s", in->path, name);
    inner.nesting = in->nesting + 1;
    inner.result = NULL;
    inner.storage = false;
    inner.claimed = false;
    inner.reading = NULL;
    inner.stored = false;
    inner.want_crc = false;
    inner.digest = NULL;
    inner.as = NULL;
    inner.feed = NULL;
    inner.attached = 0;
    inner.weak = false;
    return inner;
}

const struct value *format_string(struct arena *a, struct slice text, size_t max)
{
    if (text.len > max)
        text.len = max;
    return value_bytes(a, text, NULL);
}

const struct value *format_names(struct arena *a, const struct names *names, size_t max)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < names->n; i++)
        value_list_add(&b, format_string(a, names->name[i], max));
    return value_list_end(&b, NULL);
}

void format_tell(const struct format_input *in, const char *type, const char *address,
                 uint64_t offset, const struct value *attributes)
{
    const struct fact f = {
        .source = "model",
        .type = type,
        .address = address != NULL ? address : in->path,
        .name = extension_base(in->path),
        .subject = in->sink->subject_name,
        .at = {.input = in->sink->input_name, .path = in->path, .offset = offset},
        .attributes = attributes,
    };

    sink_fact(in->sink, &f);
}

/* ---- identification ---- */
static char *lower(struct arena *a, const char *s)
{
    char *out = arena_strdup(a, s);

    for (char *p = out; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return out;
}

/* A pickle without magic that calls something, or is whole: whoever loads the file by its name does
 * not ask the model beside it. */
static bool runs(const struct bid *b)
{
    return b->format == &format_pickle && b->score >= FORMAT_CLAIM + (int)PICKLE_CALLS;
}

/* What a bid must be at least. */
static int least_of(const struct format_input *in)
{
    if (in->claimed)
        return FORMAT_SURE;
    return in->storage ? FORMAT_CERTAIN : FORMAT_WEAK;
}

/* Is it the one who is known to read it? */
static bool led(const struct scan *s, size_t i)
{
    return s->in.reading != NULL && s->bids[i].format == s->in.reading->first;
}

/* Everyone who bids, highest first; equal bids keep the order of formats.def. Who is known to read
 * it comes before all of them. */
static void ask(struct scan *s, int least)
{
    const struct grid_reading *known = s->in.reading;

    if (known != NULL && known->first != NULL)
        s->bids[s->nbids++] = (struct bid){known->first, FORMAT_CERTAIN};
    for (size_t i = 0; format_table[i] != NULL && s->nbids < BIDS_MAX; i++) {
        const struct bid b = {format_table[i], format_table[i]->probe(s->head, s->name)};
        size_t at = s->nbids;

        if (b.score < least && !(s->in.claimed && runs(&b)))
            continue;
        if (known != NULL && (b.format == known->first || (known->coded && packed_is(b.format))))
            continue;
        for (; at > 0 && s->bids[at - 1].score < b.score && !led(s, at - 1); at--)
            s->bids[at] = s->bids[at - 1];
        s->bids[at] = b;
        s->nbids++;
    }
}

/* ---- parsing ---- */
/* One reading; the first that is accepted is the primary one. */
static void read_as(struct scan *s, const struct format *f, bool weak)
{
    struct format_cover cover = {0};
    struct err e = {0};
    struct feed own;
    bool ok;

    s->in.weak = weak;
    s->in.feed = &s->feed;
    if (s->nformats > 0 || s->feed.buf != NULL) {
        feed_init(&own, s->in.bytes, false);
        s->in.feed = &own;
    }
    ok = f->parse(&s->in, &cover, &e);
    if (s->in.feed == &own)
        feed_release(&own);
    if (cover.declined)
        return;
    if (s->nformats == 0) {
        s->cover = cover;
        if (!ok)
            s->error = e;
    } else if (!ok) {
        sink_note(s->in.sink, 0, e.offset, s->in.path, "read as %s too: %s", f->name, e.text);
    }
    s->formats[s->nformats++] = cover.format != NULL ? cover.format : f->name;
}

static void parse_all(struct scan *s)
{
    const char *known;

    for (size_t i = 0; i < s->nbids; i++) {
        if (s->bids[i].score >= FORMAT_CLAIM)
            read_as(s, s->bids[i].format, s->bids[i].score < FORMAT_SURE);
        if (s->bids[i].score >= FORMAT_ALONE)
            break;
    }
    if (s->nformats > 0)
        return;
    if (s->in.storage) {
        s->formats[s->nformats++] = "tensor-data";
        s->cover.opaque = UINT64_MAX; /* all of it; the length comes later */
        return;
    }
    known = magic_name(s->head);
    /* those that claimed it have declined */
    for (size_t i = 0; known == NULL && s->nformats == 0 && i < s->nbids; i++)
        if (s->bids[i].score < FORMAT_CLAIM)
            read_as(s, s->bids[i].format, true);
    if (s->nformats > 0)
        return;
    s->formats[s->nformats++] = known != NULL ? known : "unknown";
    s->unsupported = true;
    if (known != NULL)
        err_set(&s->error, ERR_UNSUPPORTED, 0, "%s is recognised, but not read", known);
    else
        err_set(&s->error, ERR_UNSUPPORTED, 0, "no known format");
}

/* Nobody claims the data of a storage, and its bytes are those of the container: hashing them
 * again would say nothing new. */
static bool is_covered(const struct scan *s)
{
    return s->in.storage && s->in.stored && hash_of(s) != FORMAT_HASH_MEMBERS && !s->unsupported &&
           s->cover.opaque == UINT64_MAX && source_len(s->in.bytes) != SOURCE_LEN_UNKNOWN;
}

/* A zip counts from its end: it may hide behind anything. */
static void look_behind(struct scan *s)
{
    struct slice tail;

    for (size_t i = 0; i < s->nformats; i++)
        if (strcmp(s->formats[i], "tar") == 0) /* each of its bytes is told already */
            return;
    for (size_t i = 0; i < s->nbids; i++)
        if ((s->bids[i].format == &format_zip || s->bids[i].format == &format_distcp) &&
            s->bids[i].score >= FORMAT_CLAIM)
            return;
    tail = feed_tail(&s->feed);
    if (!s->whole || !zip_ends(s->in.bytes, s->len, tail))
        return;
    if (s->unsupported && strcmp(s->formats[0], "unknown") == 0) {
        s->nformats = 0;
        s->unsupported = false;
        err_clear(&s->error);
    }
    s->in.attached = s->cover.attachment;
    read_as(s, &format_zip, false);
    s->in.attached = 0;
}

/* HDF5 may begin at 4096 times a power of two too, behind anything. SPEC: HDF5 3.0, section II.A */
static void look_ahead(struct scan *s)
{
    bool found = false;
    struct err e = {0};

    for (size_t i = 0; i < s->nformats; i++)
        if (strcmp(s->formats[i], "tar") == 0 || strcmp(s->formats[i], "hdf5") == 0)
            return;
    if (s->in.costly) /* the bytes went by */
        found = s->feed.hdf5;
    else if (!s->whole || !hdf5_super_behind(s->in.bytes, FEED_HDF5, &found, &e))
        return;
    if (!s->whole || !found)
        return;
    if (s->unsupported) {
        s->nformats = 0;
        s->unsupported = false;
        err_clear(&s->error);
    }
    read_as(s, &format_hdf5, false);
}

/* ---- telling ---- */
static const char *status_of(const struct scan *s)
{
    if (s->unsupported || s->error.code == ERR_UNSUPPORTED)
        return "unsupported";
    if (!s->whole || s->error.code == ERR_LIMIT || s->error.code == ERR_IO)
        return "truncated";
    return s->error.code != ERR_NONE ? "malformed" : "read";
}

/* Counts a stream that was read; what was not read is no weight, whatever it looks like. */
static void count_format(struct format_run *run, const char *name)
{
    size_t i = 0;

    while (i < run->nseen && strcmp(run->seen[i].name, name) != 0)
        i++;
    if (i == FORMAT_SEEN_MAX || strlen(name) >= sizeof(run->seen[i].name))
        return;
    if (i == run->nseen) {
        memcpy(run->seen[i].name, name, strlen(name) + 1);
        run->nseen++;
    }
    run->seen[i].n++;
}

/* Where the digest of the stream is to be found. */
static const char *digest_word(const struct scan *s)
{
    if (s->hashed)
        return "own";
    if (s->whole && hash_of(s) == FORMAT_HASH_NONE)
        return "not-asked";
    return s->whole && s->covered ? "container" : "none";
}

static void tell_file(struct scan *s, const char *digest)
{
    const bool failed = s->error.code != ERR_NONE;
    struct arena *a = s->in.scratch;
    struct value_builder b, formats;

    value_list_begin(&formats, a);
    for (size_t i = 0; i < s->nformats; i++)
        value_list_add(&formats, value_str(a, s->formats[i]));
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(s->in.path), LIMIT_NAME_BYTES));
    value_map_add(&b, "format", value_str(a, s->formats[0]));
    value_map_add(&b, "formats", value_list_end(&formats, NULL));
    if (s->cover.attachment > 0)
        value_map_add(&b, "attachment", value_int(a, (int64_t)s->cover.attachment, NULL));
    value_map_add(&b, "extension", format_string(a, slice_str(extension_of(s->name)), TOLD_NAME));
    value_map_add(&b, "extension_mismatch",
                  value_bool(a, extension_mismatch(s->name, s->formats[0]), NULL));
    value_map_add(&b, "bytes", value_int(a, (int64_t)s->len, NULL));
    value_map_add(&b, "sha256", digest != NULL ? value_str(a, digest) : value_null(a, NULL));
    value_map_add(&b, "digest", value_str(a, digest_word(s)));
    value_map_add(&b, "status", value_str(a, status_of(s)));
    value_map_add(&b, "reason",
                  failed ? format_string(a, slice_str(s->error.text), ERR_TEXT_MAX)
                         : value_null(a, NULL));
    value_map_add(&b, "nesting", value_int(a, s->in.nesting, NULL));
    value_map_add(&b, "container",
                  s->in.container != NULL ? value_str(a, s->in.container) : value_null(a, NULL));
    format_tell(&s->in, "model.file", NULL, failed ? s->error.offset : ERR_NO_OFFSET,
                value_map_end(&b, NULL));
    if (s->in.run != NULL && s->len > 0 && strcmp(status_of(s), "read") == 0)
        count_format(s->in.run, s->formats[0]);
}

/* The parts must be the length: what a parser did not account for is unread. */
static void balance(struct scan *s)
{
    struct format_cover *c = &s->cover;
    uint64_t left = s->len;

    c->parsed = c->parsed < left ? c->parsed : left;
    left -= c->parsed;
    c->scanned = c->scanned < left ? c->scanned : left;
    left -= c->scanned;
    c->opaque = c->opaque < left ? c->opaque : left;
    c->unread = left - c->opaque;
    if (c->unread > 0 && s->error.code == ERR_NONE)
        err_set(&s->error, ERR_UNSUPPORTED, ERR_NO_OFFSET,
                "%" PRIu64 " bytes that nothing accounts for", c->unread);
}

static void tell(struct scan *s)
{
    char digest[DIGEST_TEXT_MAX];
    struct coverage c = {
        .subject = s->in.sink->subject_name,
        .input = s->in.sink->input_name,
        .path = s->in.path,
        .format = s->formats[0],
        .offset = ERR_NO_OFFSET,
    };

    balance(s);
    c.bytes = s->len;
    c.parsed = s->cover.parsed;
    c.scanned = s->cover.scanned;
    c.opaque = s->cover.opaque;
    c.unread = s->cover.unread;
    if (s->hashed) {
        digest_text(&s->digest, digest);
        c.digest = digest;
    }
    tell_file(s, c.digest);
    if (s->error.code != ERR_NONE) {
        c.status = c.unread == c.bytes && c.bytes > 0 ? COVERAGE_UNREADABLE : COVERAGE_PARTIAL;
        c.code = err_code_name(s->error.code);
        c.reason = s->error.text;
        c.line = s->error.line;
        c.offset = s->error.offset;
    }
    sink_cover(s->in.sink, &c);
}

/* ---- one stream ---- */
/* A short stream that is costly to go back in is kept whole. */
static bool slurp(struct scan *s, uint8_t **kept, struct source **own, struct err *e)
{
    struct feed_room room;
    uint8_t *p;

    if (!s->in.costly)
        return true;
    *kept = malloc(LIMIT_MODEL_SLURP + 1);
    if (*kept == NULL)
        abort();
    room = (struct feed_room){*kept, LIMIT_MODEL_SLURP + 1, 0};
    if (!feed_some(s->in.bytes, 0, &room, e))
        return false;
    if (room.got <= LIMIT_MODEL_SLURP) {
        p = realloc(*kept, room.got + 1);
        *kept = p != NULL ? p : *kept;
        *own = source_memory((struct slice){*kept, room.got});
        s->in.bytes = *own;
        s->in.costly = false;
        return true;
    }
    free(*kept);
    *kept = NULL;
    return true;
}

static bool within_limits(struct scan *s, struct err *e)
{
    struct format_run *run = s->in.run;

    if (s->in.nesting > LIMIT_NESTING)
        return err_fail(e, ERR_LIMIT, "more than %d containers within each other (LIMIT_NESTING)",
                        LIMIT_NESTING);
    if (run == NULL)
        return true;
    if (run->streams >= LIMIT_MODEL_STREAMS)
        return err_fail(e, ERR_LIMIT, "more than %d streams in one model (LIMIT_MODEL_STREAMS)",
                        LIMIT_MODEL_STREAMS);
    run->streams++;
    if (run->bytes >= LIMIT_MODEL_BYTES)
        return err_fail(e, ERR_LIMIT,
                        "more than %llu bytes in the streams of one model "
                        "(LIMIT_MODEL_BYTES)",
                        LIMIT_MODEL_BYTES);
    if (s->in.nesting == 0 && source_len(s->in.bytes) != SOURCE_LEN_UNKNOWN &&
        !checked_add(run->given, source_len(s->in.bytes), &run->given))
        run->given = UINT64_MAX;
    if (run->bytes > LIMIT_RATIO_FREE && run->bytes / LIMIT_ARCHIVE_RATIO > run->given)
        return err_fail(e, ERR_LIMIT,
                        "containers expand to more than %d bytes for each byte of the model "
                        "(LIMIT_ARCHIVE_RATIO)",
                        LIMIT_ARCHIVE_RATIO);
    return true;
}

/* Reads what the parsers left, so that the length, the tail and the CRC are known. */
static bool read_rest(struct scan *s, struct source *outer, bool tapped, struct err *e)
{
    uint64_t len;

    /* A parser that went through the source itself must not be followed by a
     * second pass where that is costly. */
    if (!(s->in.costly && s->feed.buf == NULL && !s->in.want_crc && !s->unsupported) &&
        !feed_drain(&s->feed, &len, e))
        return false;
    s->crc = s->feed.crc;
    s->len = source_len(outer);
    return (!tapped && s->len != SOURCE_LEN_UNKNOWN) || source_drain(outer, &s->len, e);
}

/* Identifies and parses; with `tap` the digest is taken as the bytes go by. */
static void examine(struct scan *s, struct source *outer, struct digest_ctx *tap)
{
    uint8_t *head = arena_alloc(s->in.scratch, FORMAT_PROBE_BYTES);
    struct err e = {0};
    struct feed_room room = {head, FORMAT_PROBE_BYTES, 0};

    if (feed_some(s->in.bytes, 0, &room, &s->error)) {
        s->head = (struct slice){head, room.got};
        feed_init(&s->feed, s->in.bytes, s->in.costly || s->in.want_crc);
        if (s->in.as != NULL)
            s->bids[s->nbids++] = (struct bid){s->in.as, FORMAT_CERTAIN};
        else
            ask(s, least_of(&s->in));
        parse_all(s);
    } else {
        s->formats[s->nformats++] = "unknown";
    }
    s->covered = s->error.code == ERR_NONE && is_covered(s);
    if (s->covered) {
        s->len = source_len(s->in.bytes);
        s->whole = true;
        return;
    }
    s->whole = read_rest(s, outer, tap != NULL, &e);
    if (!s->whole) {
        s->len = s->feed.at + s->feed.len;
        if (e.code == ERR_LIMIT)
            s->unsupported = false; /* the cap says more than that nothing was recognised */
        if (s->error.code == ERR_NONE || (e.code == ERR_LIMIT && s->error.code == ERR_UNSUPPORTED))
            s->error = e;
        return;
    }
    if (tap != NULL)
        digest_final(tap, &s->digest);
    s->hashed = tap != NULL;
    look_behind(s);
    look_ahead(s);
}

/* The digest that was taken elsewhere. Without it nothing that was told of the bytes holds. */
static void fetch_digest(struct scan *s)
{
    struct err e = {0};

    if (s->in.digest == NULL || !s->whole)
        return;
    s->hashed = s->in.digest(s->in.digest_ctx, &s->digest, &e);
    if (s->hashed)
        return;
    s->whole = false;
    s->error = e;
    s->cover = (struct format_cover){0};
}

static bool run_scan(struct scan *s, struct err *e)
{
    AUTO_FREE uint8_t *kept = NULL;
    struct source *own = NULL, *outer = s->in.bytes;
    const bool tapped = s->in.digest == NULL && hash_of(s) != FORMAT_HASH_NONE;
    struct digest_ctx tap;
    bool ok;

    if (tapped) {
        digest_init(&tap, DIGEST_SHA256);
        source_tap(outer, &tap);
    }
    feed_init(&s->feed, outer, true);
    if (slurp(s, &kept, &own, &s->error)) {
        examine(s, outer, tapped ? &tap : NULL);
    } else {
        s->formats[s->nformats++] = "unknown";
    }
    if (tapped) {
        source_tap(outer, NULL);
        digest_release(&tap);
    }
    fetch_digest(s);
    tell(s);
    if (s->in.run != NULL && !checked_add(s->in.run->bytes, s->len, &s->in.run->bytes))
        s->in.run->bytes = UINT64_MAX;
    feed_release(&s->feed);
    source_free(own);
    ok = s->error.code != ERR_IO && s->error.code != ERR_TRANSIENT;
    if (!ok)
        *e = s->error;
    return ok;
}

bool format_scan(const struct format_input *given, struct err *e)
{
    struct scan s = {.in = *given};
    struct arena scratch;
    struct err limit = {0};
    bool ok = true;

    arena_init(&scratch);
    s.in.scratch = &scratch;
    s.name = lower(&scratch, extension_base(given->path));
    if (given->result != NULL)
        *given->result = (struct format_result){0};
    if (within_limits(&s, &limit)) {
        ok = run_scan(&s, e);
    } else {
        s.formats[s.nformats++] = "unknown";
        s.error = limit;
        s.len = source_len(given->bytes) == SOURCE_LEN_UNKNOWN ? 0 : source_len(given->bytes);
        tell(&s);
    }
    if (given->result != NULL)
        *given->result = (struct format_result){.digest = s.digest,
                                                .bytes = s.len,
                                                .whole = s.whole,
                                                .hashed = s.hashed,
                                                .summed = s.whole && !s.covered,
                                                .crc = s.crc,
                                                .status = ok ? status_of(&s) : NULL};
    arena_release(&scratch);
    return ok;
}
