#include "gate/attest.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "gate/command.h"
#include "signing/signing.h"

struct writing {
    const struct value_doc *verdict;
    char verdict_hex[DIGEST_TEXT_MAX];
    const struct gate_config *c;
    struct arena *a;
    struct key *key;
    const char **names; /* paths of the files, to be written together at the end */
    struct slice *bytes;
    size_t n, nbytes;
    struct err *e;
};

static void keep(struct writing *w, const char *name, const char *suffix, struct slice bytes)
{
    const char **path = ARENA_PUSH(w->a, &w->names, &w->n);
    struct slice *slot = ARENA_PUSH(w->a, &w->bytes, &w->nbytes);

    *path = arena_printf(w->a, "%s/%s%s", w->c->attest_output, name, suffix);
    *slot = arena_slice(w->a, bytes);
}

/* One statement, signed once, kept in both wrappings. */
static bool sign(struct writing *w, const char *name, const struct buf *statement)
{
    struct buf dsse, bundle;
    bool ok;

    buf_init(&dsse, LIMIT_ENVELOPE_BYTES);
    buf_init(&bundle, LIMIT_ENVELOPE_BYTES);
    ok = dsse_sign(buf_slice(statement), PAYLOAD_TYPE_INTOTO, w->key, &dsse, w->e) &&
         bundle_wrap(buf_slice(&dsse), w->key, &bundle, w->e);
    if (ok) {
        keep(w, name, ".dsse.json", buf_slice(&dsse));
        keep(w, name, ".sigstore.json", buf_slice(&bundle));
    }
    buf_release(&dsse);
    buf_release(&bundle);
    return ok;
}

#define NAME_KEPT 200 /* bytes of a name; a file name may have 255 with all that stands behind it */

/* A file name for a subject: the last part of its path, letters and digits
 * kept; a number when it is taken. */
static const char *name_of(const struct writing *w, size_t index)
{
    const struct value *subjects = value_doc_get(w->verdict, "subjects");
    const char *spec = value_cstr(value_get(value_item(subjects, index), "name"), "subject");
    const char *slash = strrchr(spec, '/'), *colon = strrchr(spec, ':');
    const char *start = slash != NULL ? slash + 1 : colon != NULL ? colon + 1 : spec;
    char *name = arena_printf(w->a, "%.*s", NAME_KEPT, start[0] != 0 ? start : "subject");
    const char *first;

    for (char *p = name; *p != 0; p++)
        if (!isalnum((unsigned char)*p) && *p != '.' && *p != '_')
            *p = '-';
    if (name[0] == '.')
        name[0] = '-';
    first = arena_printf(w->a, "%s/%s.vsa.dsse.json", w->c->attest_output, name);
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->names[i], first) == 0)
            return arena_printf(w->a, "%s-%zu", name, index + 1);
    return name;
}

static bool sign_all(struct writing *w)
{
    const struct statement_options opt = {
        .verifier_id = w->c->verifier_id,
        .policy_uri = w->c->policy_uri != NULL ? w->c->policy_uri : "urn:sallyport:policy",
        .verdict_hex = w->verdict_hex};
    const struct value *subjects = value_doc_get(w->verdict, "subjects");
    const size_t nsubjects = value_len(subjects);
    struct buf statement;
    size_t nsigned = 0;
    bool ok = true;

    buf_init(&statement, LIMIT_STATEMENT_BYTES);
    for (size_t i = 0; i < nsubjects && ok; i++) {
        const char *name = name_of(w, i);
        const struct value *s = value_item(subjects, i);

        if (!value_is(value_get(s, "digest"), VALUE_STRING))
            continue; /* nothing to bind a statement to; the verdict cannot be allow */
        nsigned++;
        buf_clear(&statement);
        ok = statement_vsa(w->verdict, i, &opt, &statement, w->e) &&
             sign(w, arena_printf(w->a, "%s.vsa", name), &statement);
    }
    buf_clear(&statement);
    if (ok && nsigned > 0)
        ok = statement_test_result(w->verdict, &opt, &statement, w->e) &&
             sign(w, "test-result", &statement);
    buf_release(&statement);
    return ok;
}

/* The file of the verdict, whose bytes are not kept. */
static bool name_verdict(struct writing *w)
{
    struct digest d;

    keep(w, "verdict", ".json", (struct slice){NULL, 0});
    if (!statement_verdict_digest(w->verdict, &d, w->e))
        return false;
    digest_hex(&d, w->verdict_hex);
    return true;
}

struct verdict_file {
    struct file_writer *to;
    struct err *e;
};

static bool put(void *ctx, struct slice bytes)
{
    const struct verdict_file *f = ctx;

    return file_append(f->to, bytes, f->e);
}

/* The very bytes whose digest stands in the statements. */
static bool write_verdict(const struct writing *w, const char *path)
{
    struct verdict_file f = {.e = w->e};
    struct buf b;
    bool done;

    if (!file_begin(path, 0644, &f.to, w->e))
        return false;
    buf_init_drain(&b, LIMIT_OUTPUT_BYTES, put, &f);
    done = statement_verdict_json(w->verdict, &b, w->e);
    buf_flush(&b);
    done = done && !b.full;
    buf_release(&b);
    return file_end(f.to, done, w->e);
}

static bool read_key(const struct gate_config *c, struct key **out, struct err *e)
{
    if (c->key == NULL)
        return err_fail(e, ERR_USAGE, "attestations need a key: --key PATH or attest.key");
    if (key_private(c->key, NULL, out, e) || command_own_file(e))
        return true;
    return err_in(e, "%s", strncmp(c->key, "env://", 6) == 0 ? c->key : "the signing key");
}

bool attest_check(const struct gate_config *c, struct err *e)
{
    struct key *key;

    if (!read_key(c, &key, e))
        return false;
    key_free(key);
    return true;
}

bool attest_write(const struct value_doc *verdict, const struct gate_config *c, struct arena *a,
                  const char ***said, struct err *e)
{
    struct writing w = {.verdict = verdict, .c = c, .a = a, .e = e};
    bool ok;

    if (!read_key(c, &w.key, e))
        return false;
    ok = name_verdict(&w) && sign_all(&w);
    key_free(w.key);
    if (!ok || !file_mkdirs(c->attest_output, e))
        return false;
    if (!write_verdict(&w, w.names[0]))
        return false;
    for (size_t i = 1; i < w.n; i++)
        if (!file_write(w.names[i], w.bytes[i], 0644, e))
            return false;
    (void)ARENA_PUSH(a, &w.names, &w.n);
    if (said != NULL)
        *said = w.names;
    return true;
}
