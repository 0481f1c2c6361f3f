/* Text into a tree, the kind found, facts told, every byte accounted for; and the job that does
 * so for the files of an input. */
#include "scanner/config/config.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "scanner/config/cfn_tags.h"
#include "scanner/config/doc_hint.h"
#include "scanner/input/source.h"

#define CONFIG(name) extern const struct config_kind config_##name;
#include "scanner/config/configs.def"
#undef CONFIG

const struct config_kind *const config_table[] = {
#define CONFIG(name) &config_##name,
#include "scanner/config/configs.def"
#undef CONFIG
    NULL,
};

static bool is_json(struct slice s)
{
    size_t i = 0;

    while (i < s.len &&
           (s.data[i] == ' ' || s.data[i] == '\t' || s.data[i] == '\n' || s.data[i] == '\r'))
        i++;
    return i < s.len && (s.data[i] == '{' || s.data[i] == '[');
}

/* The documents of the text as a list: one for JSON, any number for YAML. */
static bool read_text(struct slice s, struct arena *a, struct cfn_tags *tags,
                      const struct value **out, struct err *e)
{
    const struct yaml_options opt = {.on_tag = cfn_tags_yaml, .ctx = tags, .many = true};
    const char *hint = doc_hint_bytes(s);
    const struct value *doc;
    struct value_builder b;

    if (hint != NULL)
        return err_fail(e, s.len == 0 ? ERR_FORMAT : ERR_UNSUPPORTED, "%s", hint);
    if (s.len > LIMIT_CONFIG_BYTES)
        return err_fail(e, ERR_LIMIT, "the document has %zu bytes, LIMIT_CONFIG_BYTES is %u", s.len,
                        LIMIT_CONFIG_BYTES);
    if (slice_starts(s, "\xef\xbb\xbf"))
        return err_pos(e, ERR_FORMAT, 0, "a byte order mark stands at the start");
    if (!is_json(s))
        return yaml_read(s, &opt, a, out, e);
    if (!json_read(s, a, &doc, e))
        return false;
    value_list_begin(&b, a);
    value_list_add(&b, doc);
    *out = value_list_end(&b, NULL);
    return true;
}

static const struct config_kind *kind_named(const char *name)
{
    for (size_t i = 0; config_table[i] != NULL; i++)
        if (strcmp(config_table[i]->name, name) == 0)
            return config_table[i];
    return NULL;
}

/* The kind asked for, or the first whose probe knows the first document. */
static bool choose(const struct config_text *t, const struct value *docs, struct arena *a,
                   const struct config_kind **out, struct err *e)
{
    *out = t->kind != NULL ? kind_named(t->kind) : NULL;
    if (t->kind != NULL)
        return *out != NULL ||
               err_fail(e, ERR_USAGE, "there is no kind of configuration '%s'", t->kind);
    for (size_t i = 0; config_table[i] != NULL; i++) {
        if (config_table[i]->probe(value_item(docs, 0))) {
            *out = config_table[i];
            return true;
        }
    }
    doc_fail(e, ERR_UNSUPPORTED, value_item(docs, 0), "%s",
             doc_hint_document(value_item(docs, 0), a));
    return false;
}

/* One document where one is meant. */
static bool root_of(const struct config_kind *k, const struct value *docs, const struct value **out,
                    struct err *e)
{
    *out = docs;
    if (value_len(docs) == 0)
        return err_line(e, ERR_FORMAT, 1, "the file holds no document");
    if (k->many)
        return true;
    *out = value_item(docs, 0);
    if (value_len(docs) > 1)
        return doc_error(e, value_item(docs, 1), "the file holds %zu documents, one is allowed",
                         value_len(docs));
    return true;
}

static bool scan(struct config_text *t, struct doc *d, const struct config_kind **kind,
                 struct err *e)
{
    struct cfn_tags tags = {.n = 0};
    const struct value *docs;

    if (!read_text(t->bytes, d->arena, &tags, &docs, e) || !choose(t, docs, d->arena, kind, e) ||
        !root_of(*kind, docs, &d->root, e))
        return false;
    t->name = (*kind)->name;
    if (tags.n > 0 && strcmp(t->name, "cloudformation") != 0)
        return err_line(e, ERR_FORMAT, tags.line, "the tag '%s' has no meaning in a %s document",
                        tags.first, t->name);
    if (t->kind == NULL)
        doc_note(d, NULL, "read as %s", t->name);
    return (*kind)->parse(d, e);
}

static void cover(const struct config_text *t, const struct doc *d, const struct config_kind *kind,
                  const struct err *e)
{
    struct coverage c = {
        .subject = d->sink->subject_name,
        .input = d->sink->input_name,
        .path = t->path,
        .format = kind != NULL ? kind->format : "unknown",
        .digest = t->digest,
        .bytes = t->bytes.len,
        .status = COVERAGE_READ,
        .offset = ERR_NO_OFFSET,
    };

    if (e->code != ERR_NONE) {
        c.unread = c.bytes;
        c.status = COVERAGE_UNREADABLE;
        sink_gap(d->sink, &c, e);
        return;
    }
    c.parsed = c.bytes;
    if (d->ngaps > 0) {
        c.status = COVERAGE_PARTIAL;
        c.code = err_code_name(ERR_UNSUPPORTED);
        c.reason = d->ngaps == 1
                       ? d->gap
                       : arena_printf(d->arena, "%s (and %zu more gaps)", d->gap, d->ngaps - 1);
        c.line = d->gap_at.line;
        c.offset = d->gap_at.offset;
    }
    sink_cover(d->sink, &c);
}

bool config_scan(struct config_text *t, struct arena *a, struct sink *sink, struct err *e)
{
    struct doc d = {.params = t->params, .path = t->path, .arena = a, .sink = sink};
    const struct config_kind *kind = t->kind != NULL ? kind_named(t->kind) : NULL;
    struct digest digest;
    bool ok;

    digest_of(t->bytes, DIGEST_SHA256, &digest);
    digest_text(&digest, t->digest);
    t->name = NULL;
    ok = scan(t, &d, &kind, e);
    doc_finish(&d);
    cover(t, &d, kind, e);
    return ok;
}

/* ---- the job ---- */
struct job {
    struct worker *w;
    const char *kind;       /* asked for, or NULL */
    const char *found;      /* of the first document that was read */
    struct digest_ctx tree; /* over the lines of a folder */
    char digest[DIGEST_TEXT_MAX];
    bool folder;
    bool read;  /* some document was looked at */
    bool whole; /* every file had a digest */
};

static bool ends_with_any(const char *name)
{
    static const char *const endings[] = {".json", ".yaml", ".yml", ".template"};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (slice_ends(slice_str(name), endings[i]))
            return true;
    return false;
}

static struct coverage line_of(const struct job *j, const struct input_entry *entry)
{
    const struct sink *s = worker_sink(j->w);

    return (struct coverage){.subject = s->subject_name,
                             .input = s->input_name,
                             .path = j->folder ? entry->name : NULL,
                             .format = "unknown",
                             .bytes = entry->size,
                             .unread = entry->size,
                             .offset = ERR_NO_OFFSET};
}

/* "sha256:<hex>  <name>\n" */
static void add_to_tree(struct job *j, const char *digest, const char *name)
{
    digest_update(&j->tree, slice_str(digest));
    digest_update(&j->tree, SLICE_LIT("  "));
    digest_update(&j->tree, slice_str(name));
    digest_update(&j->tree, SLICE_LIT("\n"));
    memcpy(j->digest, digest, strlen(digest) + 1);
}

/* The line of a file of which only the digest is taken; lends j->digest. */
static bool unread_line(struct job *j, const struct input_entry *entry, struct source *s,
                        struct coverage *out, struct err *e)
{
    char text[DIGEST_TEXT_MAX];
    struct digest digest;

    *out = line_of(j, entry);
    if (!source_hash(s, &digest, &out->bytes, e))
        return err_in(e, "%s", entry->name);
    digest_text(&digest, text);
    add_to_tree(j, text, entry->name);
    out->unread = out->bytes;
    out->digest = j->digest;
    return true;
}

/* A file that nobody asked about. */
static bool pass_over(struct job *j, const struct input_entry *entry, struct source *s,
                      struct err *e)
{
    struct coverage c;

    if (!unread_line(j, entry, s, &c, e))
        return false;
    c.status = COVERAGE_IGNORED;
    c.code = err_code_name(ERR_UNSUPPORTED);
    c.reason = "not a configuration file by its name";
    sink_cover(worker_sink(j->w), &c);
    return true;
}

/* Reads one document; what is wrong with it stands in the ledger already. */
static void read_entry(struct job *j, const struct input_entry *entry, struct slice bytes,
                       struct arena *a)
{
    const struct value *params = worker_params(j->w);
    struct config_text t = {
        .bytes = bytes, .path = j->folder ? entry->name : NULL, .kind = j->kind, .params = params};
    struct err bad = {0};

    j->read = true;
    if (config_scan(&t, a, worker_sink(j->w), &bad) && j->found == NULL)
        j->found = t.name;
    add_to_tree(j, t.digest, entry->name);
}

/* The file is longer than any configuration may be: a gap with its digest. */
static bool too_long(struct job *j, const struct input_entry *entry, struct source *s,
                     struct err *e)
{
    struct err limit = {0};
    struct coverage c;

    if (!unread_line(j, entry, s, &c, e))
        return false;
    c.status = COVERAGE_UNREADABLE;
    err_set(&limit, ERR_LIMIT, ERR_NO_OFFSET, "the file is longer than LIMIT_CONFIG_BYTES (%u)",
            LIMIT_CONFIG_BYTES);
    sink_gap(worker_sink(j->w), &c, &limit);
    return true;
}

static bool with_source(struct job *j, size_t i, struct source *s, struct err *e)
{
    const struct input_entry *entry = worker_entry(j->w, i);
    struct arena a;
    struct slice bytes;
    bool ok;

    if (j->folder && !ends_with_any(entry->name))
        return pass_over(j, entry, s, e);
    if (source_len(s) > LIMIT_CONFIG_BYTES)
        return too_long(j, entry, s, e);
    arena_init(&a);
    ok = source_slurp(s, LIMIT_CONFIG_BYTES, &a, &bytes, e);
    if (ok)
        read_entry(j, entry, bytes, &a);
    arena_release(&a);
    return ok || err_in(e, "%s", entry->name);
}

/* A link, a device, a socket: not followed. By its name it may stand for a document, which is
 * then missing. */
static void not_a_file(struct job *j, const struct input_entry *entry)
{
    struct coverage c = line_of(j, entry);
    struct err what = {0};

    j->read = true;
    c.bytes = c.unread = 0;
    err_set(&what, ERR_UNSUPPORTED, ERR_NO_OFFSET, "%s is not followed",
            entry->kind == ENTRY_SYMLINK ? "a symbolic link" : "what is not a regular file");
    j->whole = false;
    if (j->folder && !ends_with_any(entry->name)) {
        c.status = COVERAGE_IGNORED;
        c.code = err_code_name(what.code);
        c.reason = what.text;
        sink_cover(worker_sink(j->w), &c);
        return;
    }
    c.status = COVERAGE_UNREADABLE;
    sink_gap(worker_sink(j->w), &c, &what);
}

static bool do_entry(struct job *j, size_t i, struct err *e)
{
    const struct input_entry *entry = worker_entry(j->w, i);
    struct source *s;
    int fd;
    bool ok;

    if (entry->kind != ENTRY_FILE) {
        not_a_file(j, entry);
        return true;
    }
    if (!worker_entry_fd(j->w, i, &fd, e))
        return false;
    s = source_fd(fd, 0, entry->size);
    ok = with_source(j, i, s, e);
    source_free(s);
    return ok;
}

static void tell_subject(struct job *j)
{
    const struct sink *s = worker_sink(j->w);
    const char *kind = j->kind != NULL ? j->kind : j->found;
    struct subject subject = {.name = s->subject_name, .uri = s->input_name};
    struct digest digest;

    if (j->folder) {
        digest_final(&j->tree, &digest);
        digest_text(&digest, j->digest);
    }
    subject.kind = kind != NULL ? kind : "config";
    subject.digest = j->whole ? j->digest : NULL;
    sink_subject(worker_sink(j->w), &subject);
}

bool config_job(struct worker *w, struct err *e)
{
    struct job j = {.w = w, .whole = true};
    bool ok = true;

    j.kind = value_cstr(value_get(worker_params(w), "kind"), NULL);
    j.folder = worker_scheme(w) != NULL && strcmp(worker_scheme(w), "dir") == 0;
    if (worker_nentries(w) == 0)
        return err_fail(e, ERR_IO, "the input holds no file");
    if (!j.folder && worker_nentries(w) != 1)
        return err_fail(e, ERR_USAGE, "a configuration is one file or a folder");
    digest_init(&j.tree, DIGEST_SHA256);
    for (size_t i = 0; ok && i < worker_nentries(w); i++)
        ok = do_entry(&j, i, e);
    if (ok)
        tell_subject(&j);
    if (ok && j.folder && !j.read)
        ok = err_fail(e, ERR_USAGE, "the folder holds no *.json, *.yaml, *.yml or *.template");
    digest_release(&j.tree);
    return ok;
}
