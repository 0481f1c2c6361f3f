/*
 * iam_wider [--typed] [--known] FILE: does the second policy of a pair allow more than the first?
 * FILE is a JSON list of [path, path]. One line of JSON for each pair: {"wider": "yes" or "no" or
 * "unknown", "us": .., "states": .., "example": .., "why": ..}. Each "yes" is asked of the
 * evaluator once more here, from the files. For public corpora.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "policies/iam/compare/iam_compare.h"

static bool load(const char *path, struct arena *a, const struct value **out)
{
    struct slice text;
    struct err e = {0};

    if (file_read(path, LIMIT_JSON_BYTES, a, &text, &e) && json_read(text, a, out, &e))
        return true;
    fprintf(stderr, "iam_wider: %s: %s\n", path, e.text);
    return false;
}

static bool document(const char *path, struct arena *a, struct iam_doc *out)
{
    const struct value *v;
    struct err e = {0};

    if (!load(path, a, &v))
        return false;
    if (value_get(v, "document") != NULL)
        v = value_get(v, "document"); /* with what else is known about it around */
    if (iam_doc_read_lenient(v, path, a, out, &e))
        return true;
    fprintf(stderr, "iam_wider: %s: %s\n", path, e.text);
    return false;
}

static bool of_resource(const struct iam_doc *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->statements[i].has_principal)
            return true;
    return false;
}

/* The policy's own say: some Allow matches and no Deny does. */
static bool allows(const struct iam_doc *d, const struct iam_request *r, struct arena *a)
{
    bool allowed = false;

    for (size_t i = 0; i < d->n; i++) {
        const struct iam_statement *s = &d->statements[i];

        if (iam_evaluate_statement(d, s, r, a) == IAM_NO || (of_resource(d) && !s->has_principal))
            continue;
        if (s->effect == IAM_DENY)
            return false;
        allowed = true;
    }
    return allowed;
}

static bool confirmed(const struct iam_doc *old, const struct iam_doc *fresh,
                      const struct iam_counterexample *x, struct arena *a)
{
    const struct iam_request r = {.action = x->action,
                                  .resource = x->resource,
                                  .principal = x->principal,
                                  .context = {x->keys, x->nkeys, false},
                                  .wildcard_only = slice_is(x->resource, "*")};

    return allows(fresh, &r, a) && !allows(old, &r, a);
}

static void example(struct json_out *o, const struct iam_counterexample *x)
{
    json_out_key(o, "example");
    json_out_object(o);
    json_out_key(o, "action");
    json_out_string(o, x->action);
    json_out_key(o, "resource");
    json_out_string(o, x->resource);
    if (x->principal.len > 0) {
        json_out_key(o, "principal");
        json_out_string(o, x->principal);
    }
    json_out_key(o, "context");
    json_out_object(o);
    for (size_t i = 0; i < x->nkeys; i++) {
        json_out_key_slice(o, x->keys[i].name);
        json_out_array(o);
        for (size_t k = 0; k < x->keys[i].n; k++)
            json_out_string(o, x->keys[i].values[k]);
        json_out_end_array(o);
    }
    json_out_end_object(o);
    json_out_end_object(o);
    json_out_kv_str(o, "why", x->why_not);
}

static void answer(const struct value *pair, const struct iam_compare_options *opt, struct arena *a)
{
    static const char *const words[] = {"no", "unknown", "yes"};
    struct iam_doc old, fresh;
    struct iam_comparison c;
    struct timespec from, to;
    struct json_out o;
    struct buf b;

    buf_init(&b, 1u << 20);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_object(&o);
    if (!document(value_cstr(value_item(pair, 0), ""), a, &old) ||
        !document(value_cstr(value_item(pair, 1), ""), a, &fresh)) {
        json_out_kv_str(&o, "wider", "unreadable");
    } else {
        const struct iam_docs olds = {&old, 1, false}, news = {&fresh, 1, false};

        clock_gettime(CLOCK_MONOTONIC, &from);
        iam_compare(&olds, &news, opt, a, &c);
        clock_gettime(CLOCK_MONOTONIC, &to);
        json_out_kv_str(&o, "wider", words[c.wider]);
        json_out_kv_int(&o, "us",
                        (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
        json_out_kv_int(&o, "states", (int64_t)c.states);
        json_out_kv_int(&o, "bytes", (int64_t)a->used);
        if (c.wider == IAM_YES) {
            json_out_kv_bool(&o, "confirmed", confirmed(&old, &fresh, &c.example, a));
            example(&o, &c.example);
        } else if (c.wider == IAM_MAYBE) {
            json_out_kv_str(&o, "why", c.unknown);
        }
    }
    json_out_end_object(&o);
    printf("%.*s\n", (int)b.len, (const char *)b.data);
    buf_release(&b);
}

int main(int argc, char **argv)
{
    struct iam_compare_options opt = {0};
    const struct value *pairs;
    struct arena a, one;
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        opt.typed_resources = opt.typed_resources || strcmp(argv[i], "--typed") == 0;
        opt.known_actions = opt.known_actions || strcmp(argv[i], "--known") == 0;
    }
    arena_init(&a);
    arena_init(&one);
    if (i + 1 != argc || !load(argv[i], &a, &pairs))
        return 2;
    for (size_t k = 0; k < value_len(pairs); k++) {
        answer(value_item(pairs, k), &opt, &one);
        arena_clear(&one);
    }
    arena_release(&one);
    arena_release(&a);
    return 0;
}
