/*
 * Runs the conformance tests of the Common Expression Language: cel_conformance [-v] DIRECTORY,
 * the folder tests/simple/testdata of cel-spec.
 * Reads the .textproto files itself, prints one line a file (passed, failed, skipped) and each
 * failure that is no deviation of docs/cel.md, with -v the deviations, too. What is skipped and
 * why stands there. Exit 0: nothing failed but the deviations; 1: something did; 2: not all was
 * read, or nothing passed.
 */
#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "policies/cel/cel_map.h"
#include "policies/cel/cel_text.h"

/* ---- textproto ---- */
struct node {
    const char *name;
    bool message, quoted;
    struct slice text; /* scalar: decoded string, or the word */
    struct node **kids;
    size_t nkids;
};

struct reader_state {
    struct slice in;
    size_t at;
    struct arena *arena;
};

static void die(const struct reader_state *s, const char *what)
{
    fprintf(stderr, "cel_conformance: %s at byte %zu\n", what, s->at);
    exit(2);
}

static int peek(struct reader_state *s)
{
    for (; s->at < s->in.len; s->at++) {
        const uint8_t c = s->in.data[s->at];

        if (c == '#')
            while (s->at < s->in.len && s->in.data[s->at] != '\n')
                s->at++;
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != ',' && c != ';')
            return c;
        if (s->at >= s->in.len)
            break;
    }
    return -1;
}

static bool accept(struct reader_state *s, int c)
{
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

static uint32_t digits(struct reader_state *s, size_t max, int base)
{
    char text[9] = "";
    size_t n = 0;

    while (n < max && s->at < s->in.len) {
        const char c = (char)s->in.data[s->at];

        if (strchr(base == 8 ? "01234567" : "0123456789abcdefABCDEF", c) == NULL || c == '\0')
            break;
        text[n++] = c;
        s->at++;
    }
    return (uint32_t)strtol(text, NULL, base);
}

static size_t escape(struct reader_state *s, uint8_t *out)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    const char c = (char)s->in.data[s->at++];
    const char *simple = c != '\0' ? strchr(from, c) : NULL;

    if (simple != NULL)
        out[0] = (uint8_t)to[simple - from];
    else if (c == 'x' || c == 'X')
        out[0] = (uint8_t)digits(s, 2, 16);
    else if (c == 'u' || c == 'U')
        return slice_utf8_put(out, digits(s, c == 'u' ? 4 : 8, 16));
    else if (c >= '0' && c <= '7')
        out[0] = (s->at--, (uint8_t)digits(s, 3, 8));
    else
        out[0] = (uint8_t)c;
    return 1;
}

/* Adjacent strings are one. */
static struct slice read_string(struct reader_state *s)
{
    uint8_t *out = arena_alloc(s->arena, s->in.len - s->at + 4);
    size_t n = 0;

    while (peek(s) == '"' || peek(s) == '\'') {
        const uint8_t quote = s->in.data[s->at++];

        while (s->at < s->in.len && s->in.data[s->at] != quote) {
            if (s->in.data[s->at++] == '\\')
                n += escape(s, out + n);
            else
                out[n++] = s->in.data[s->at - 1];
        }
        s->at++;
    }
    return arena_slice(s->arena, (struct slice){out, n});
}

static struct slice read_word(struct reader_state *s)
{
    const size_t start = s->at;

    while (s->at < s->in.len && s->in.data[s->at] > ' ' &&
           strchr("{}[]:,;#\"'<>", s->in.data[s->at]) == NULL)
        s->at++;
    if (s->at == start)
        die(s, "no word");
    return (struct slice){s->in.data + start, s->at - start};
}

static void read_fields(struct reader_state *s, struct node *into);

static void read_value(struct reader_state *s, struct node *parent, const char *name)
{
    struct node *n = ARENA_NEW(s->arena, struct node);
    const int c = peek(s);

    if (c == '[') {
        s->at++;
        while (!accept(s, ']'))
            read_value(s, parent, name);
        return;
    }
    n->name = name;
    *(struct node **)ARENA_PUSH(s->arena, &parent->kids, &parent->nkids) = n;
    if (c == '{') {
        s->at++;
        n->message = true;
        read_fields(s, n);
    } else if (c == '"' || c == '\'') {
        n->quoted = true;
        n->text = read_string(s);
    } else {
        n->text = read_word(s);
    }
}

/* Fields up to '}' or the end. */
static void read_fields(struct reader_state *s, struct node *into)
{
    while (peek(s) != -1 && !accept(s, '}')) {
        const char *name;

        if (accept(s, '[')) {
            name = arena_strndup(s->arena, read_word(s));
            if (!accept(s, ']'))
                die(s, "no ]");
        } else {
            name = arena_strndup(s->arena, read_word(s));
        }
        (void)accept(s, ':');
        read_value(s, into, name);
    }
}

static const struct node *kid(const struct node *n, const char *name)
{
    for (size_t i = 0; n != NULL && i < n->nkids; i++)
        if (strcmp(n->kids[i]->name, name) == 0)
            return n->kids[i];
    return NULL;
}

static const char *kid_text(const struct node *n, const char *name, struct arena *a)
{
    const struct node *k = kid(n, name);

    return k != NULL ? arena_strndup(a, k->text) : "";
}

/* ---- values ---- */
struct suite {
    struct arena *arena;
    struct cel_run *run; /* for building maps */
    bool verbose;
    bool unsupported; /* a value could not be made: protocol buffers */
    unsigned passed, failed, skipped;
    unsigned odd; /* of those that failed: no deviations */
};

static struct cel_value make_value(struct suite *s, const struct node *n);

static struct cel_value make_list(struct suite *s, const struct node *n)
{
    struct cel_value *items = ARENA_ARRAY(s->arena, struct cel_value, n->nkids);

    for (size_t i = 0; i < n->nkids; i++)
        items[i] = make_value(s, n->kids[i]);
    return cel_value_list(items, n->nkids);
}

static struct cel_value make_map(struct suite *s, const struct node *n)
{
    struct cel_map_builder b;

    cel_map_begin(&b, s->run);
    for (size_t i = 0; i < n->nkids; i++)
        (void)cel_map_add(&b, make_value(s, kid(n->kids[i], "key")),
                          make_value(s, kid(n->kids[i], "value")));
    return cel_map_end(&b);
}

static struct cel_value make_object(struct suite *s, const struct node *n)
{
    const struct node *o = n->nkids > 0 ? n->kids[0] : n;
    const int64_t seconds = strtoll(kid_text(o, "seconds", s->arena), NULL, 10);
    const int64_t nanos = strtoll(kid_text(o, "nanos", s->arena), NULL, 10);

    if (strstr(o->name, "google.protobuf.Timestamp") != NULL)
        return cel_value_timestamp(seconds, (uint32_t)nanos);
    if (strstr(o->name, "google.protobuf.Duration") != NULL)
        return cel_value_duration(seconds * 1000000000 + nanos);
    s->unsupported = true;
    return cel_value_null();
}

static struct cel_value make_scalar(struct suite *s, const struct node *v)
{
    const char *text = arena_strndup(s->arena, v->text);
    struct cel_value type = cel_value_str(text);

    if (strcmp(v->name, "int64_value") == 0)
        return cel_value_int(strtoll(text, NULL, 0));
    if (strcmp(v->name, "uint64_value") == 0)
        return cel_value_uint(strtoull(text, NULL, 0));
    if (strcmp(v->name, "double_value") == 0)
        return cel_value_double(strtod(text, NULL));
    if (strcmp(v->name, "bool_value") == 0)
        return cel_value_bool(text[0] == 't');
    if (strcmp(v->name, "string_value") == 0)
        return cel_value_string(v->text);
    if (strcmp(v->name, "bytes_value") == 0)
        return cel_value_bytes(v->text);
    if (strcmp(v->name, "null_value") == 0)
        return cel_value_null();
    type.kind = CEL_TYPE;
    if (strcmp(v->name, "type_value") != 0)
        s->unsupported = true;
    return type;
}

/* `n` is a cel.expr.Value message */
static struct cel_value make_value(struct suite *s, const struct node *n)
{
    const struct node *v = n != NULL && n->nkids > 0 ? n->kids[0] : NULL;

    if (v == NULL) {
        s->unsupported = true;
        return cel_value_null();
    }
    if (strcmp(v->name, "list_value") == 0)
        return make_list(s, v);
    if (strcmp(v->name, "map_value") == 0)
        return make_map(s, v);
    if (strcmp(v->name, "object_value") == 0)
        return make_object(s, v);
    return make_scalar(s, v);
}

/* The same value of the same type; NaN is NaN here. */
static bool same(struct cel_value a, struct cel_value b)
{
    struct cel_value key, left, right;

    if (a.kind != b.kind)
        return false;
    switch ((enum cel_kind)a.kind) {
    case CEL_BOOL:
        return a.as.boolean == b.as.boolean;
    case CEL_DOUBLE:
        return a.as.real == b.as.real || (isnan(a.as.real) && isnan(b.as.real));
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_TYPE:
        return slice_eq(cel_value_text(a), cel_value_text(b));
    case CEL_LIST:
        for (size_t i = 0; a.len == b.len && i < a.len; i++)
            if (!same(cel_value_item(a, i), cel_value_item(b, i)))
                return false;
        return a.len == b.len;
    case CEL_MAP:
        for (size_t i = 0; a.len == b.len && i < a.len; i++) {
            cel_value_entry(a, i, &key, &left);
            if (!cel_map_find(b, key, &right) || !same(left, right))
                return false;
        }
        return a.len == b.len;
    case CEL_NULL:
        return true;
    default:
        return a.as.integer == b.as.integer && a.len == b.len;
    }
}

/* ---- tests ---- */

/* Needs protocol buffer messages, enums or the full type checker: none of them is ours. */
static const char *skip_reason(const struct node *test, struct arena *a)
{
    static const char *const words[] = {"TestAllTypes",           "google.protobuf.Any",   "Value{",
                                        "google.protobuf.Struct", "google.protobuf.Value", "Enum",
                                        "proto.getExt",           "proto.hasExt"};
    const char *expr = kid_text(test, "expr", a);

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(expr, words[i]) != NULL)
            return "protobuf";
    if (strncmp(kid_text(test, "container", a), "cel.expr.conformance", 20) == 0)
        return "protobuf";
    for (size_t i = 0; i < test->nkids; i++) {
        const struct node *type = kid(kid(test->kids[i], "ident"), "type");

        if (strcmp(test->kids[i]->name, "type_env") != 0)
            continue;
        if (kid(test->kids[i], "function") != NULL)
            return "type checker";
        if (kid(type, "message_type") != NULL || kid(type, "wrapper") != NULL)
            return "protobuf";
    }
    if (kid(test, "check_only") != NULL)
        return "type checker";
    return NULL;
}

static const char *const *variable_names(const struct node *test, struct arena *a)
{
    const char **names = ARENA_ARRAY(a, const char *, test->nkids + 1);
    size_t n = 0;

    for (size_t i = 0; i < test->nkids; i++) {
        if (strcmp(test->kids[i]->name, "bindings") == 0)
            names[n++] = kid_text(test->kids[i], "key", a);
        else if (strcmp(test->kids[i]->name, "type_env") == 0)
            names[n++] = kid_text(test->kids[i], "name", a);
    }
    return names;
}

static void bind(struct suite *s, const struct node *test, struct cel_run *r)
{
    for (size_t i = 0; i < test->nkids; i++) {
        if (strcmp(test->kids[i]->name, "bindings") != 0)
            continue;
        for (size_t v = 0; v < r->program->nvars; v++)
            if (strcmp(r->program->vars[v], kid_text(test->kids[i], "key", s->arena)) == 0)
                r->vars[v] = make_value(s, kid(kid(test->kids[i], "value"), "value"));
    }
}

/* True: a value in `*out`. False: an error, its text in `*why`. */
static bool evaluate(struct suite *s, const struct node *test, struct cel_value *out,
                     const char **why)
{
    const struct cel_env env = {
        .variables = variable_names(test, s->arena),
        .container = kid_text(test, "container", s->arena),
        .unchecked = kid(test, "disable_check") != NULL,
    };
    const struct cel_activation act = {.nbindings = 0};
    struct cel_run *r = ARENA_NEW(s->arena, struct cel_run);
    const struct cel_program *p;
    struct err e = {0};

    if (!cel_compile(kid(test, "expr")->text, &env, s->arena, &p, &e)) {
        *why = arena_printf(s->arena, "refused: %s (byte %" PRIu64 ")", e.text, e.offset);
        return false;
    }
    cel_run_init(r, p, &act, s->arena);
    bind(s, test, r);
    *out = cel_run_node(r, p->root);
    if (out->kind == CEL_FAULT)
        *why = out->as.fault->text;
    return out->kind != CEL_FAULT;
}

/* Deviations 2 and 3 of docs/cel.md, as section/test. */
static const char *const DEVIATIONS[] = {
    "lt_literal/not_lt_dyn_int_big_lossy_double",
    "gt_literal/not_gt_dyn_big_double_int",
    "lte_literal/lte_dyn_big_double_int",
    "gte_literal/gte_dyn_int_big_lossy_double",
    "timestamp_selectors_tz/getDate",
    "timestamp_selectors_tz/getDayOfMonth_name_pos",
    "timestamp_selectors_tz/getDayOfMonth_name_neg",
    "timestamp_selectors_tz/getDayOfYear",
    "timestamp_selectors_tz/getMinutes",
};

static bool deviates(const char *name)
{
    for (size_t i = 0; i < sizeof DEVIATIONS / sizeof *DEVIATIONS; i++)
        if (strcmp(name, DEVIATIONS[i]) == 0)
            return true;
    return false;
}

static void failed(struct suite *s, const struct node *test, const char *section, const char *why)
{
    const char *name = arena_printf(s->arena, "%s/%s", section, kid_text(test, "name", s->arena));
    const bool known = deviates(name);

    s->failed++;
    s->odd += !known;
    if (!known || s->verbose)
        printf("    %s: %s: %s\n", name, kid_text(test, "expr", s->arena), why);
}

static void run_test(struct suite *s, const struct node *test, const char *section)
{
    const struct node *wanted = kid(test, "value");
    const bool wants_error =
        kid(test, "eval_error") != NULL || kid(test, "any_eval_errors") != NULL;
    const char *why = "another value", *reason = skip_reason(test, s->arena);
    struct cel_value got, expected = cel_value_bool(true);
    bool ok;

    s->unsupported = false;
    if (wanted == NULL && kid(test, "typed_result") != NULL)
        wanted = kid(kid(test, "typed_result"), "result");
    if (wanted != NULL && !wants_error)
        expected = make_value(s, wanted);
    if (reason != NULL || s->unsupported) {
        s->skipped++;
        return;
    }
    ok = evaluate(s, test, &got, &why);
    if (s->unsupported) {
        s->skipped++;
        return;
    }
    if (wants_error && ok)
        why = "a value where an error should be";
    if (wants_error ? !ok : ok && same(got, expected)) {
        s->passed++;
        return;
    }
    failed(s, test, section, why);
}

static bool run_file(struct suite *s, const char *path)
{
    struct err e = {0};
    struct reader_state in = {.arena = s->arena};
    struct node root = {.name = ""};

    if (!file_read(path, 64u << 20, s->arena, &in.in, &e)) {
        fprintf(stderr, "cel_conformance: %s\n", e.text);
        return false;
    }
    read_fields(&in, &root);
    for (size_t i = 0; i < root.nkids; i++) {
        const struct node *section = root.kids[i];

        if (strcmp(section->name, "section") != 0)
            continue;
        for (size_t t = 0; t < section->nkids; t++)
            if (strcmp(section->kids[t]->name, "test") == 0)
                run_test(s, section->kids[t], kid_text(section, "name", s->arena));
    }
    return true;
}

static int is_textproto(const struct dirent *d)
{
    const char *dot = strrchr(d->d_name, '.');

    return dot != NULL && strcmp(dot, ".textproto") == 0;
}

static bool run_named(const char *dir, const char *name, bool verbose, struct suite *total)
{
    struct arena a;
    struct cel_run run;
    struct suite s = {.arena = &a, .run = &run, .verbose = verbose};
    bool ok;

    arena_init(&a);
    cel_run_init(&run, NULL, NULL, &a);
    ok = run_file(&s, arena_printf(&a, "%s/%s", dir, name));
    printf("%-28s %6u %6u %6u\n", name, s.passed, s.failed, s.skipped);
    total->passed += s.passed;
    total->failed += s.failed;
    total->odd += s.odd;
    total->skipped += s.skipped;
    arena_release(&a);
    return ok;
}

int main(int argc, char **argv)
{
    const bool verbose = argc == 3 && strcmp(argv[1], "-v") == 0;
    struct suite total = {.passed = 0};
    struct dirent **names;
    bool ok = true;
    int n;

    if (argc != 2 && !verbose)
        return fprintf(stderr, "usage: cel_conformance [-v] DIRECTORY\n"), 2;
    n = scandir(argv[argc - 1], &names, is_textproto, alphasort);
    if (n < 0)
        return fprintf(stderr, "cel_conformance: no such folder: %s\n", argv[argc - 1]), 2;
    printf("%-28s %6s %6s %6s\n", "file", "pass", "fail", "skip");
    for (int i = 0; i < n; i++) {
        ok = run_named(argv[argc - 1], names[i]->d_name, verbose, &total) && ok;
        free(names[i]);
    }
    free(names);
    printf("%-28s %6u %6u %6u\n", "total", total.passed, total.failed, total.skipped);
    return !ok || total.passed == 0 ? 2 : total.odd > 0;
}
