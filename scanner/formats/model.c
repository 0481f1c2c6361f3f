#include "scanner/formats/model.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/companions.h"
#include "scanner/formats/format.h"
#include "scanner/formats/hasher.h"
#include "scanner/formats/identity.h"
#include "scanner/formats/member.h"

/* Files that are opened and hashed ahead of the one that is parsed: two for each thread. */
#define AHEAD 32

/* A file that was opened, in the ring of those that are ahead. */
struct opened {
    int fd;
    bool ok;
    struct err why; /* not ok */
    struct hasher_job job;
};

struct model {
    const struct model_io *io;
    struct arena arena;
    struct format_run run;
    struct identity identity; /* its files: those that were read whole */
    uint64_t done;
    bool gaps; /* an entry could not be read: there is no digest of the whole */
    struct hasher hasher;
    struct opened ring[AHEAD];
    size_t opened; /* entries that were opened so far */
    size_t ahead;  /* how many may be, beside the one that is parsed */
    size_t *order; /* of the entries: those that name others come first */
    struct companions companions;
};

/* An entry that is not a file, or that cannot be opened. */
static void gap(struct model *m, const struct input_entry *entry, const struct err *why)
{
    const struct coverage c = {
        .subject = m->io->sink->subject_name,
        .input = m->io->sink->input_name,
        .path = entry->name,
        .format = "unknown",
        .bytes = entry->kind == ENTRY_FILE ? entry->size : 0,
        .unread = entry->kind == ENTRY_FILE ? entry->size : 0,
        .status = COVERAGE_UNREADABLE,
        .code = err_code_name(why->code),
        .reason = why->text,
        .offset = ERR_NO_OFFSET,
    };

    m->gaps = true;
    sink_cover(m->io->sink, &c);
}

static void tell_entry(struct model *m, const struct input_entry *entry, const char *flag)
{
    const struct format_input in = {
        .path = member_name(&m->arena, slice_str(entry->name)),
        .sink = m->io->sink,
        .scratch = &m->arena,
    };
    struct member_flags f;

    member_begin(&f, &m->arena, "folder");
    member_flag(&f, flag);
    member_tell(&in, &f, NULL, ERR_NO_OFFSET, (struct slice){NULL, 0});
}

/* ---- one file ---- */
/* Opens the entries up to `last`, and has them hashed. */
static void open_ahead(struct model *m, size_t last)
{
    for (; m->opened < m->io->n && m->opened <= last; m->opened++) {
        struct opened *o = &m->ring[m->opened % AHEAD];

        if (m->io->entry(m->io->ctx, m->order[m->opened])->kind != ENTRY_FILE)
            continue;
        *o = (struct opened){.fd = -1};
        o->ok =
            m->io->open(m->io->ctx, m->order[m->opened], &o->fd, &o->why) &&
            (m->run.hash == FORMAT_HASH_NONE || hasher_add(&m->hasher, o->fd, &o->job, &o->why));
    }
}

struct wanted {
    struct hasher *hasher;
    struct hasher_job *job;
    uint64_t listed; /* bytes of the file when it was listed */
    bool asked;
};

static bool give_digest(void *ctx, struct digest *out, struct err *e)
{
    struct wanted *w = ctx;

    w->asked = true;
    if (!hasher_wait(w->hasher, w->job, e))
        return false;
    if (w->job->stamp.bytes != w->listed)
        return err_fail(e, ERR_IO, "changed since it was listed");
    *out = w->job->digest;
    return true;
}

static bool scan_file(struct model *m, const struct input_entry *entry, struct opened *o,
                      struct format_result *result, struct err *e)
{
    struct wanted wanted = {&m->hasher, &o->job, entry->size, false};
    struct err unused = {0};
    struct format_input in = {
        .path = member_name(&m->arena, slice_str(entry->name)),
        .sink = m->io->sink,
        .scratch = &m->arena,
        .run = &m->run,
        .result = result,
    };
    bool ok;

    if (m->run.hash != FORMAT_HASH_NONE) {
        in.digest = give_digest;
        in.digest_ctx = &wanted;
    }
    in.reading = grid_find(&m->companions.grids, in.path, entry->size);
    in.storage = in.claimed = in.reading != NULL || companions_has(&m->companions, in.path);
    in.bytes = source_fd(o->fd, 0, entry->size);
    ok = format_scan(&in, e);
    source_free(in.bytes);
    /* The descriptor and the job must not be in use when this returns. */
    if (in.digest != NULL && !wanted.asked)
        (void)!hasher_wait(&m->hasher, &o->job, &unused);
    return ok;
}

static bool one_file(struct model *m, size_t i, const struct input_entry *entry, struct err *e)
{
    struct opened *o = &m->ring[i % AHEAD];
    struct format_result result = {0};
    struct identity_file *file;
    struct err cause = {0};
    bool ok;

    open_ahead(m, i + m->ahead);
    if (!o->ok) {
        gap(m, entry, &o->why);
        return true;
    }
    ok = scan_file(m, entry, o, &result, &cause);
    if (m->io->close != NULL)
        m->io->close(m->io->ctx, m->order[i]);
    if (!ok && cause.code == ERR_TRANSIENT) {
        *e = cause;
        return false;
    }
    if (!result.whole) {
        m->gaps = true;
        return true;
    }
    if (!result.hashed)
        return true;
    file = ARENA_PUSH(&m->arena, &m->identity.files, &m->identity.n);
    *file = (struct identity_file){entry->name, result.digest, result.bytes};
    return true;
}

static bool one_entry(struct model *m, size_t i, struct err *e)
{
    const struct input_entry *entry = m->io->entry(m->io->ctx, m->order[i]);
    struct err why = {0};

    if (entry->kind == ENTRY_FILE) {
        if (!one_file(m, i, entry, e))
            return false;
        m->done += entry->size;
        if (m->io->progress != NULL)
            m->io->progress(m->io->ctx, m->done);
        return true;
    }
    err_set(&why, ERR_UNSUPPORTED, ERR_NO_OFFSET, "%s",
            entry->kind == ENTRY_SYMLINK ? "a symbolic link, which is not followed"
                                         : "neither a file nor a folder nor a link");
    m->identity.symlinks |=
        entry->kind == ENTRY_SYMLINK && !identity_leaves_out(&m->identity, entry->name);
    tell_entry(m, entry, entry->kind == ENTRY_SYMLINK ? "symlink" : "device");
    gap(m, entry, &why);
    return true;
}

/* ---- the whole ---- */
static int by_digest(const void *a, const void *b)
{
    const struct identity_file *x = a, *y = b;
    const int c = memcmp(x->digest.bytes, y->digest.bytes, digest_len(DIGEST_SHA256));

    return c != 0 ? c : strcmp(x->name, y->name);
}

/* SPEC: docs/facts-model.md: the digest of a folder binds each name to its contents. */
static void tree_digest(struct model *m, char text[DIGEST_TEXT_MAX])
{
    struct identity *id = &m->identity;
    struct digest_ctx ctx;
    struct digest tree;

    if (id->n > 1)
        qsort(id->files, id->n, sizeof(id->files[0]), by_digest);
    digest_init(&ctx, DIGEST_SHA256);
    for (size_t i = 0; i < id->n; i++) {
        digest_text(&id->files[i].digest, text);
        digest_update(&ctx, slice_str(text));
        digest_update(&ctx, SLICE_LIT("  "));
        digest_update(&ctx, slice_str(id->files[i].name));
        digest_update(&ctx, SLICE_LIT("\n"));
    }
    digest_final(&ctx, &tree);
    digest_release(&ctx);
    digest_text(&tree, text);
}

/* Nothing was hashed, and the ledger says so. */
static void tell_no_hash(const struct model *m)
{
    const struct coverage c = {
        .subject = m->io->sink->subject_name,
        .input = m->io->sink->input_name,
        .format = "digests",
        .status = COVERAGE_IGNORED,
        .code = err_code_name(ERR_UNSUPPORTED),
        .reason = "no digests were taken, as it was asked for (--no-hash)",
        .offset = ERR_NO_OFFSET,
    };

    sink_cover(m->io->sink, &c);
}

static void tell_subject(struct model *m)
{
    const struct sink *sink = m->io->sink;
    char text[DIGEST_TEXT_MAX];
    struct subject s = {.name = sink->subject_name, .kind = "model", .uri = sink->input_name};

    if (m->run.hash == FORMAT_HASH_NONE) {
        tell_no_hash(m);
    } else if (!m->gaps && m->io->folder) {
        tree_digest(m, text);
        s.digest = text;
    } else if (!m->gaps && m->identity.n == 1) {
        digest_text(&m->identity.files[0].digest, text);
        s.digest = text;
    }
    sink_subject(m->io->sink, &s);
}

static void tell_identity(struct model *m)
{
    struct fact f = {
        .source = "model", .type = "model.identity", .address = "identity", .name = "identity"};

    m->identity.reason = m->run.hash == FORMAT_HASH_NONE ? "no digests were taken"
                         : m->gaps                       ? "not every file could be read"
                                                         : NULL;
    f.attributes = identity_value(&m->identity, &m->arena);
    f.subject = m->io->sink->subject_name;
    f.at = (struct fact_location){.input = m->io->sink->input_name, .offset = ERR_NO_OFFSET};
    sink_fact(m->io->sink, &f);
}

/* The model as a whole: how many streams of which format hold something. */
static void tell_model(struct model *m)
{
    struct arena *a = &m->arena;
    struct value_builder b, formats;
    struct fact f = {.source = "model", .type = "model", .address = "model", .name = "model"};

    value_map_begin(&formats, a);
    for (size_t i = 0; i < m->run.nseen; i++)
        value_map_add(&formats, m->run.seen[i].name, value_int(a, (int64_t)m->run.seen[i].n, NULL));
    value_map_begin(&b, a);
    value_map_add(&b, "files", value_int(a, (int64_t)m->io->n, NULL));
    value_map_add(&b, "streams", value_int(a, (int64_t)m->run.streams, NULL));
    value_map_add(&b, "formats", value_map_end(&formats, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.subject = m->io->sink->subject_name;
    f.at = (struct fact_location){.input = m->io->sink->input_name, .offset = ERR_NO_OFFSET};
    sink_fact(m->io->sink, &f);
}

/* ---- the job ---- */
static bool read_params(struct model *m, struct err *e)
{
    const struct value *imports = value_get(m->io->params, "imports");
    const struct value *ignore = value_get(m->io->params, "ignore");
    const char *hash = value_cstr(value_get(m->io->params, "hash"), "files");
    const char **paths = ARENA_ARRAY(&m->arena, const char *, value_len(ignore) + 1);

    for (size_t i = 0; i < value_len(ignore); i++)
        paths[i] = value_cstr(value_item(ignore, i), "");
    m->identity.ignore = (const char *const *)paths;
    m->identity.folder = m->io->folder;
    if (strcmp(hash, "members") == 0)
        m->run.hash = FORMAT_HASH_MEMBERS;
    else if (strcmp(hash, "none") == 0)
        m->run.hash = FORMAT_HASH_NONE;
    else if (strcmp(hash, "files") != 0)
        return err_fail(e, ERR_USAGE, "hash '%s': files, members or none", hash);
    return imports == NULL || imports_load(imports, &m->arena, &m->run.imports, e);
}

static void put_in_order(struct model *m)
{
    size_t at = 0;

    m->order = ARENA_ARRAY(&m->arena, size_t, m->io->n + 1);
    for (int second = 0; second < 2; second++)
        for (size_t i = 0; i < m->io->n; i++)
            if (companions_speaks(m->io->entry(m->io->ctx, i)->name) == (second == 0))
                m->order[at++] = i;
}

/* Without threads each file is hashed when it has been parsed. */
static bool scan_all(struct model *m, struct err *e)
{
    const struct hasher_crew crew = {m->io->thread, m->io->ctx};
    bool ok = true;

    put_in_order(m);
    companions_init(&m->companions, &m->arena);
    m->run.companions = &m->companions;
    hasher_start(&m->hasher, &crew, m->run.hash == FORMAT_HASH_NONE ? 0 : AHEAD / 2);
    m->ahead = m->hasher.threads > 0 ? 2 * m->hasher.threads - 1 : 0;
    for (size_t i = 0; ok && i < m->io->n; i++)
        ok = one_entry(m, i, e);
    hasher_end(&m->hasher);
    if (ok && m->io->n == 0)
        ok = err_fail(e, ERR_USAGE, "the model is an empty folder");
    return ok;
}

bool model_scan(const struct model_io *io, struct err *e)
{
    struct model *m = calloc(1, sizeof(*m));
    bool ok;

    if (m == NULL)
        abort();
    m->io = io;
    arena_init(&m->arena);
    ok = read_params(m, e) && scan_all(m, e);
    if (ok) {
        tell_model(m);
        tell_subject(m);
        tell_identity(m);
    }
    arena_release(&m->arena);
    free(m);
    return ok;
}
