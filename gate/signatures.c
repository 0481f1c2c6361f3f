#include "gate/signatures.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "gate/command.h"

struct checking {
    struct facts *f;
    const struct trust *t;
    const struct gate_config *c;
    struct arena *a;
    struct err *e;
};

static const struct value *key_list(const struct checking *k, bool models)
{
    struct value_builder list, one;

    value_list_begin(&list, k->a);
    for (size_t i = 0; i < k->t->nkeys; i++) {
        const struct trust_key *key = &k->t->keys[i];

        if (models ? !key->models : !key->images)
            continue;
        value_map_begin(&one, k->a);
        value_map_add(&one, "name", value_str(k->a, key->name));
        value_map_add(&one, "pem", value_str(k->a, key->pem));
        if (!models && key->repository != NULL)
            value_map_add(&one, "repository", value_str(k->a, key->repository));
        value_list_add(&list, value_map_end(&one, NULL));
    }
    return value_list_end(&list, NULL);
}

static bool is_about(const struct fact *fact, const char *type, const char *subject)
{
    return strcmp(fact->type, type) == 0 && strcmp(fact->subject, subject) == 0;
}

/* The signature that the gate file names for a model, as a candidate beside those in it. */
static bool add_named(const struct checking *k, const char *subject, struct value_builder *list)
{
    for (size_t i = 0; i < k->c->nsubjects; i++) {
        const struct gate_subject *s = &k->c->subjects[i];
        struct value_builder b;
        struct slice text;

        if (s->signature == NULL || strcmp(s->spec, subject) != 0)
            continue;
        if (!file_read(s->signature, LIMIT_MODEL_SIGNATURE_BYTES, k->a, &text, k->e))
            return command_own_file(k->e);
        value_map_begin(&b, k->a);
        value_map_add(&b, "kind", value_str(k->a, "model-signing"));
        value_map_add(&b, "bundle", value_bytes(k->a, text, NULL));
        value_list_add(list, value_map_end(&b, NULL));
    }
    return true;
}

static bool candidates_of(const struct checking *k, const char *subject, const struct value **out)
{
    struct value_builder list;

    value_list_begin(&list, k->a);
    for (size_t i = 0; i < k->f->nfacts; i++)
        if (is_about(&k->f->facts[i], "image.signature.candidate", subject) ||
            is_about(&k->f->facts[i], "model.signature.candidate", subject))
            value_list_add(&list, k->f->facts[i].attributes);
    if (!add_named(k, subject, &list))
        return false;
    *out = value_list_end(&list, NULL);
    return true;
}

/* The files of a model by their digests, and whether these are all: what a signature is about. */
static const struct value *model_of(const struct checking *k, const char *subject)
{
    struct value_builder b, files, one;

    value_map_begin(&b, k->a);
    value_list_begin(&files, k->a);
    for (size_t i = 0; i < k->f->nfacts; i++) {
        const struct fact *fact = &k->f->facts[i];
        const struct value *v = fact->attributes, *nesting = value_get(v, "nesting");

        if (is_about(fact, "model.identity", subject)) {
            value_map_add(&b, "folder", value_get(v, "folder"));
            value_map_add(&b, "missing", value_get(v, "reason"));
        }
        if (!is_about(fact, "model.file", subject) || !value_is(nesting, VALUE_INT) ||
            nesting->as.integer != 0)
            continue;
        value_map_begin(&one, k->a);
        value_map_add(&one, "name", value_get(v, "path"));
        value_map_add(&one, "sha256", value_get(v, "sha256"));
        value_list_add(&files, value_map_end(&one, NULL));
    }
    value_map_add(&b, "files", value_list_end(&files, NULL));
    return value_map_end(&b, NULL);
}

static bool is_model(const struct checking *k, const char *subject)
{
    for (size_t i = 0; i < k->f->nsubjects; i++)
        if (strcmp(k->f->subjects[i].name, subject) == 0)
            return strcmp(k->f->subjects[i].kind, "model") == 0;
    return false;
}

static bool check_subject(const struct checking *k, const char *subject)
{
    const bool models = is_model(k, subject);
    const struct value *candidates;
    struct sandbox_report report;
    struct value_builder b;

    if (!candidates_of(k, subject, &candidates))
        return false;
    if (value_len(candidates) == 0)
        return true;
    value_map_begin(&b, k->a);
    value_map_add(&b, "candidates", candidates);
    value_map_add(&b, "keys", key_list(k, models));
    if (models)
        value_map_add(&b, "model", model_of(k, subject));
    const struct worker_job work = {.name = "signature",
                                    .subject = subject,
                                    .params = value_map_end(&b, NULL),
                                    .sandbox = k->c->sandbox};
    if (worker_run(&work, k->f, &report, k->e))
        return true;
    if (k->e->code == ERR_TRANSIENT)
        return err_in(k->e, "%s: signatures", subject);
    err_clear(k->e); /* the ledger holds the gap */
    return true;
}

bool signatures_check(struct facts *f, const struct trust *t, const struct gate_config *c,
                      struct arena *a, struct err *e)
{
    const struct checking k = {f, t, c, a, e};
    const size_t n = f->nsubjects;

    for (size_t i = 0; i < n; i++)
        if (!check_subject(&k, f->subjects[i].name))
            return false;
    facts_sort(f);
    return true;
}
