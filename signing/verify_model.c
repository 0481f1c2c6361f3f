#include "signing/verify_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "signing/envelope.h"

struct file {
    const struct verify_model_file *of;
    bool covered;
};

struct check {
    const struct verify_model *model;
    struct arena *a;
    struct file *files; /* in the order of the names */
    const struct value *ignored;
    struct verify_model_result *out;
};

static bool no(struct check *c, const char *reason, const char *text)
{
    return candidate_no(&c->out->told, reason, text);
}

/* The same, about something that the signature or the model names. */
static bool no_of(struct check *c, const char *reason, struct slice name, const char *text)
{
    char safe[256];

    candidate_keep_text(name, safe);
    return no(c, reason, arena_printf(c->a, "%s %s", safe, text));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->of->name, ((const struct file *)b)->of->name);
}

static void sort_files(struct check *c)
{
    const struct verify_model *m = c->model;

    c->files = ARENA_ARRAY(c->a, struct file, m->n + 1);
    for (size_t i = 0; i < m->n; i++)
        c->files[i].of = &m->files[i];
    if (m->n > 1)
        qsort(c->files, m->n, sizeof(c->files[0]), by_name);
}

/* A single file is called "." by the reference implementation, whatever its name. */
static struct file *find(const struct check *c, struct slice name)
{
    size_t low = 0, high = c->model->n;

    if (!c->model->folder && c->model->n == 1 && slice_is(name, "."))
        return &c->files[0];
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = slice_cmp(slice_str(c->files[mid].of->name), name);

        if (order == 0)
            return &c->files[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* One resource: its file is there, once, with the digest that was signed. */
static bool check_resource(struct check *c, const struct value *resource, struct digest_ctx *root)
{
    const struct slice name = value_text(value_get(resource, "name"));
    const struct slice alg = value_text(value_get(resource, "algorithm"));
    const struct slice hex = value_text(value_get(resource, "digest"));
    const char *text = arena_printf(c->a, "sha256:%.*s", (int)(hex.len < 65 ? hex.len : 65),
                                    (const char *)hex.data);
    struct digest digest;
    struct file *file;
    struct err e = {0};

    if (!value_is(value_get(resource, "name"), VALUE_STRING))
        return no(c, "malformed", "a resource without a name");
    if (!slice_is(alg, "sha256"))
        return no_of(c, "unsupported", name, "has another digest than sha256");
    if (!digest_parse(slice_str(text), &digest, &e))
        return no_of(c, "malformed", name, "has no digest of 64 hex digits");
    digest_update(root, (struct slice){digest.bytes, digest_len(digest.alg)});
    file = find(c, name);
    if (file == NULL)
        return no_of(c, "target", name, "was signed and is not there");
    if (file->covered)
        return no_of(c, "malformed", name, "is listed twice");
    file->covered = true;
    if (file->of->sha256 == NULL)
        return no_of(c, "unknown", name, "was not hashed");
    return strcmp(file->of->sha256, text) == 0 ||
           no_of(c, "target", name, "is not the file that was signed");
}

/* SPEC: section 6.4: the subject's digest is the SHA-256 over those of the resources. */
static bool check_resources(struct check *c, const struct value *list, const struct value *subject)
{
    const struct slice want = value_text(value_get(value_get(subject, "digest"), "sha256"));
    char hex[DIGEST_TEXT_MAX];
    struct digest_ctx ctx;
    struct digest root;
    bool ok = true;

    if (!value_is(list, VALUE_LIST) || value_len(list) == 0)
        return no(c, "malformed", "the statement lists no resources");
    digest_init(&ctx, DIGEST_SHA256);
    for (size_t i = 0; i < value_len(list) && ok; i++)
        ok = check_resource(c, value_item(list, i), &ctx);
    digest_final(&ctx, &root);
    digest_release(&ctx);
    digest_hex(&root, hex);
    return ok && (slice_is(want, hex) ||
                  no(c, "malformed", "the digest of the subject is not that of the resources"));
}

static bool is_under(const char *name, struct slice path)
{
    const size_t n = strlen(name);

    return path.len > 0 && n >= path.len && memcmp(name, path.data, path.len) == 0 &&
           (n == path.len || name[path.len] == '/');
}

static bool is_ignored(const struct check *c, const char *name)
{
    for (size_t i = 0; i < value_len(c->ignored); i++)
        if (is_under(name, value_text(value_item(c->ignored, i))))
            return true;
    return false;
}

/* What is in the model and was not signed must have been left out on purpose. */
static bool check_rest(struct check *c)
{
    const struct verify_model *m = c->model;

    for (size_t i = 0; i < m->n; i++) {
        const char *name = c->files[i].of->name;

        if (c->files[i].covered || (m->signature != NULL && strcmp(name, m->signature) == 0) ||
            c->files[i].of->outside)
            continue;
        if (!m->folder || !is_ignored(c, name))
            return no_of(c, "target", slice_str(name), "is not signed");
        if (c->out->nleft_out == LIMIT_SIGNATURE_LEFT_OUT)
            return no(c, "unsupported",
                      "more files are left out than LIMIT_SIGNATURE_LEFT_OUT allows");
        *(const char **)ARENA_PUSH(c->a, &c->out->left_out, &c->out->nleft_out) = name;
    }
    return true;
}

static bool check_statement(struct check *c, struct slice payload)
{
    const struct value *statement, *subjects, *predicate, *how;
    struct err e = {0};

    if (!json_read(payload, c->a, &statement, &e))
        return candidate_no_err(&c->out->told, "signed statement", &e);
    candidate_keep_text(value_text(value_get(statement, "predicateType")), c->out->told.predicate);
    if (!slice_is(value_text(value_get(statement, "_type")), "https://in-toto.io/Statement/v1") ||
        !slice_is(value_text(value_get(statement, "predicateType")), VERIFY_MODEL_TYPE))
        return no(c, "type", "the signed payload is not a statement of Model Signing 1.0");
    subjects = value_get(statement, "subject");
    predicate = value_get(statement, "predicate");
    how = value_get(predicate, "serialization");
    if (value_len(subjects) != 1 || !value_is(subjects, VALUE_LIST))
        return no(c, "malformed", "the statement is not about one model");
    candidate_keep_text(value_text(value_get(value_item(subjects, 0), "name")),
                        c->out->told.reference);
    if (!slice_is(value_text(value_get(how, "method")), "files"))
        return no(c, "unsupported", "the files are signed in shards, not as files");
    c->ignored = value_get(how, "ignore_paths");
    if (c->model->missing != NULL)
        return no(c, "unknown", c->model->missing);
    sort_files(c);
    return check_resources(c, value_get(predicate, "resources"), value_item(subjects, 0)) &&
           check_rest(c);
}

/* By any key: each is one that may sign models. */
static bool check_signatures(struct check *c, const struct envelope *env)
{
    const struct candidate_key *by = NULL;
    struct buf pae;

    buf_init(&pae, LIMIT_ENVELOPE_BYTES);
    envelope_pae(env->payload_type, env->payload, &pae);
    for (size_t i = 0; i < env->nsignatures && by == NULL && !pae.full; i++)
        by = candidate_signer(c->model->keys, c->model->nkeys, buf_slice(&pae),
                              env->signatures[i].sig, &c->out->told);
    buf_release(&pae);
    return by != NULL || no(c, "untrusted", "the envelope is signed by no trusted key");
}

bool verify_model_signature(struct slice bundle, const struct verify_model *m, struct arena *a,
                            struct verify_model_result *out)
{
    struct check c = {.model = m, .a = a, .out = out};
    struct candidate_result *told = &out->told;
    struct envelope env;
    struct err e = {0};

    *out = (struct verify_model_result){.told = {.reason = "malformed"}};
    if (!envelope_read(bundle, ENVELOPE_FOREIGN, a, &env, &e))
        return candidate_no_err(told, "envelope", &e);
    if (!check_signatures(&c, &env))
        return false;
    if (!slice_is(env.payload_type, PAYLOAD_TYPE_INTOTO))
        return no(&c, "type", "the payload of the envelope is not an in-toto statement");
    told->verified = check_statement(&c, env.payload);
    if (told->verified) {
        told->reason = "ok";
        snprintf(told->text, sizeof(told->text), "signed by %s",
                 told->key != NULL ? told->key : "a trusted key");
    }
    return told->verified;
}
