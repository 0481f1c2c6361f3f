#include "scanner/formats/model.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/format.h"
#include "scanner/formats/member.h"

struct line {
    const char *name;
    char digest[DIGEST_TEXT_MAX];
};

struct model {
    const struct model_io *io;
    struct arena arena;
    struct format_run run;
    struct line *lines; /* files that were read whole */
    size_t nlines;
    uint64_t done;
    bool gaps; /* an entry could not be read: there is no digest of the whole */
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

static bool one_file(struct model *m, size_t i, const struct input_entry *entry, struct err *e)
{
    struct format_result result = {0};
    struct format_input in = {
        .path = member_name(&m->arena, slice_str(entry->name)),
        .sink = m->io->sink,
        .scratch = &m->arena,
        .run = &m->run,
        .result = &result,
    };
    struct err cause = {0};
    struct line *line;
    bool ok;
    int fd;

    if (!m->io->open(m->io->ctx, i, &fd, &cause)) {
        gap(m, entry, &cause);
        return true;
    }
    in.bytes = source_fd(fd, 0, entry->size);
    ok = format_scan(&in, &cause);
    source_free(in.bytes);
    if (!ok && cause.code == ERR_TRANSIENT) {
        *e = cause;
        return false;
    }
    if (!result.whole) {
        m->gaps = true;
        return true;
    }
    line = ARENA_PUSH(&m->arena, &m->lines, &m->nlines);
    line->name = entry->name;
    digest_text(&result.digest, line->digest);
    return true;
}

static bool one_entry(struct model *m, size_t i, struct err *e)
{
    const struct input_entry *entry = m->io->entry(m->io->ctx, i);
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
    tell_entry(m, entry, entry->kind == ENTRY_SYMLINK ? "symlink" : "device");
    gap(m, entry, &why);
    return true;
}

static int by_text(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    const int c = strcmp(x->digest, y->digest);

    return c != 0 ? c : strcmp(x->name, y->name);
}

static void tell_subject(struct model *m)
{
    const struct sink *sink = m->io->sink;
    char text[DIGEST_TEXT_MAX];
    struct digest_ctx ctx;
    struct digest tree;
    struct subject s = {.name = sink->subject_name, .kind = "model", .uri = sink->input_name};

    if (m->nlines > 0)
        qsort(m->lines, m->nlines, sizeof(*m->lines), by_text);
    digest_init(&ctx, DIGEST_SHA256);
    for (size_t i = 0; i < m->nlines; i++) {
        digest_update(&ctx, slice_str(m->lines[i].digest));
        digest_update(&ctx, SLICE_LIT("  "));
        digest_update(&ctx, slice_str(m->lines[i].name));
        digest_update(&ctx, SLICE_LIT("\n"));
    }
    digest_final(&ctx, &tree);
    digest_release(&ctx);
    digest_text(&tree, text);
    if (!m->gaps && m->io->folder)
        s.digest = text;
    if (!m->gaps && !m->io->folder && m->nlines == 1)
        s.digest = m->lines[0].digest;
    sink_subject(m->io->sink, &s);
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

bool model_scan(const struct model_io *io, struct err *e)
{
    struct model m = {.io = io};
    const struct value *imports = value_get(io->params, "imports");
    bool ok = true;

    arena_init(&m.arena);
    if (imports != NULL)
        ok = imports_load(imports, &m.arena, &m.run.imports, e);
    for (size_t i = 0; ok && i < io->n; i++)
        ok = one_entry(&m, i, e);
    if (ok && io->n == 0)
        ok = err_fail(e, ERR_USAGE, "the model is an empty folder");
    if (ok) {
        tell_model(&m);
        tell_subject(&m);
    }
    arena_release(&m.arena);
    return ok;
}
