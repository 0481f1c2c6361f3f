/* The job "model": the identity of a model, and hashing beside the parser. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/reader.h"
#include "scanner/formats/hasher.h"
#include "scanner/formats/identity.h"
#include "scanner/formats/model.h"
#include "scanner/input/input.h"
#include "tests/lib/cases.h"

/* ---- identity: fixtures/identity/cases.txt, made by make.py beside it ---- */
struct answer {
    const char *name;
    struct identity id;
    const char *ignore[4];
    size_t nignore;
    const char *root, *components;
    uint64_t resources;
};

static void judge(struct answer *w, struct arena *a)
{
    const struct value *v;

    w->id.ignore = w->ignore;
    v = identity_value(&w->id, a);
    cr_expect_str_eq(value_cstr(value_get(v, "root"), ""), arena_printf(a, "sha256:%s", w->root),
                     "%s", w->name);
    cr_expect_str_eq(value_cstr(value_get(v, "root_by_component"), ""),
                     arena_printf(a, "sha256:%s", w->components), "%s", w->name);
    cr_expect_eq((uint64_t)value_get(v, "resources")->as.integer, w->resources, "%s", w->name);
}

static void take_word(struct answer *w, char *word, char *rest, struct arena *a)
{
    char *contents = strchr(rest, ' ');

    if (strcmp(word, "single") == 0)
        w->id.folder = false;
    else if (strcmp(word, "ignore") == 0)
        w->ignore[w->nignore++] = rest;
    else if (strcmp(word, "root") == 0)
        w->root = rest;
    else if (strcmp(word, "components") == 0)
        w->components = rest;
    else if (strcmp(word, "resources") == 0)
        w->resources = strtoull(rest, NULL, 10);
    else if (strcmp(word, "file") == 0) {
        struct identity_file *f = ARENA_PUSH(a, &w->id.files, &w->id.n);

        *contents++ = '\0';
        *f = (struct identity_file){.name = rest, .bytes = strlen(contents)};
        digest_of(slice_str(contents), DIGEST_SHA256, &f->digest);
    }
}

Test(scanner_model, identity_is_that_of_the_specification)
{
    struct answer w = {0};
    struct reader r;
    struct arena a;
    struct slice text, line;
    struct err e = {0};
    size_t cases = 0;

    arena_init(&a);
    cr_assert(file_read("fixtures/identity/cases.txt", LIMIT_POLICY_BYTES, &a, &text, &e), "%s",
              e.text);
    r = reader_over(text);
    while (reader_line(&r, &line)) {
        char *word = arena_strndup(&a, line), *rest = strchr(word, ' ');

        if (rest != NULL)
            *rest++ = '\0';
        if (strcmp(word, "case") == 0) {
            w = (struct answer){.name = rest, .id = {.folder = true}};
            cases++;
        } else {
            take_word(&w, word, rest != NULL ? rest : word, &a);
        }
        if (strcmp(word, "resources") == 0)
            judge(&w, &a);
    }
    cr_expect(cases >= 14, "%zu cases", cases);
    arena_release(&a);
}

Test(scanner_model, no_identity_with_links)
{
    struct identity id = {.symlinks = true, .folder = true};
    const struct value *v;
    struct arena a;

    arena_init(&a);
    v = identity_value(&id, &a);
    cr_expect(value_is(value_get(v, "root"), VALUE_NULL));
    cr_expect_str_eq(value_cstr(value_get(v, "reason"), ""), "symbolic links are not followed");
    arena_release(&a);
}

/* ---- threads ---- */
static pthread_t threads[32];
static size_t nthreads, most;

struct task {
    void (*fn)(void *arg);
    void *arg;
};

static void *run_task(void *arg)
{
    struct task t = *(struct task *)arg;

    free(arg);
    t.fn(t.arg);
    return NULL;
}

static bool thread(void *ctx, void (*fn)(void *arg), void *arg)
{
    struct task *t = malloc(sizeof(*t));

    (void)ctx;
    *t = (struct task){fn, arg};
    if (nthreads < most && pthread_create(&threads[nthreads], NULL, run_task, t) == 0) {
        nthreads++;
        return true;
    }
    free(t);
    return false;
}

static void join_all(void)
{
    while (nthreads > 0)
        pthread_join(threads[--nthreads], NULL);
}

/* ---- files that change ---- */
static void nothing(const char *path)
{
    (void)path;
}

static void grow(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);

    cr_assert_eq(write(fd, "more", 4), 4);
    close(fd);
}

static void shorten(const char *path)
{
    cr_assert_eq(truncate(path, 3), 0);
}

static void rewrite(const char *path)
{
    const struct timespec times[2] = {{1, 0}, {1, 0}};
    int fd = open(path, O_WRONLY);

    cr_assert_eq(pwrite(fd, "X", 1, 0), 1);
    close(fd);
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0); /* hides nothing: ctime moves */
}

static const struct change_case {
    const char *what;
    void (*change)(const char *path);
    size_t threads;
    const char *error; /* a part of it */
} change_cases[] = {
    {"untouched, no thread", nothing, 0, ""},
    {"untouched, a thread", nothing, 1, ""},
    {"grown, no thread", grow, 0, "changed while it was read"},
    {"grown, a thread", grow, 1, "changed while it was read"},
    {"shortened, no thread", shorten, 0, "it had 10 bytes when it was opened"},
    {"rewritten, no thread", rewrite, 0, "changed while it was read"},
    {"rewritten, threads", rewrite, 4, "changed while it was read"},
};

CASES(scanner_model, a_file_that_changes_has_no_digest, change_cases)
{
    const struct change_case *c = &change_cases[*case_index];
    const struct hasher_crew crew = {thread, NULL};
    char path[] = "/tmp/scanner_model.XXXXXX";
    int fd = mkstemp(path);
    struct hasher_job job;
    struct hasher h;
    struct digest want;
    struct err e = {0};

    most = c->threads;
    cr_assert_eq(write(fd, "0123456789", 10), 10);
    digest_of(SLICE_LIT("0123456789"), DIGEST_SHA256, &want);
    hasher_start(&h, &crew, 16);
    cr_expect_eq(h.threads, c->threads, "%s", c->what);
    cr_assert(hasher_add(&h, fd, &job, &e), "%s", e.text);
    c->change(path);
    cr_expect_eq(hasher_wait(&h, &job, &e), c->error[0] == '\0', "%s: %s", c->what, e.text);
    cr_expect(strstr(e.text, c->error) != NULL, "%s: %s", c->what, e.text);
    if (c->error[0] == '\0')
        cr_expect(digest_eq(&job.digest, &want), "%s", c->what);
    hasher_end(&h);
    join_all();
    close(fd);
    unlink(path);
}

/* ---- the whole job ---- */
#define FILES 70 /* more than are opened ahead */

static const struct input_entry *entry(void *ctx, size_t i)
{
    return &((struct input *)ctx)->entries[i];
}

static int fds[FILES];

static bool open_entry(void *ctx, size_t i, int *fd, struct err *e)
{
    if (!input_entry_open(ctx, i, fd, e))
        return false;
    fds[i] = *fd;
    return true;
}

static void close_entry(void *ctx, size_t i)
{
    (void)ctx;
    close(fds[i]);
}

static void make_folder(char *dir)
{
    cr_assert_not_null(mkdtemp(dir));
    for (int i = 0; i < FILES; i++) {
        char path[80];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/f%02d.txt", dir, i);
        f = fopen(path, "w");
        cr_assert_not_null(f);
        for (int n = 0; n < i * 400; n++)
            fprintf(f, "line %d of %d\n", n, i);
        cr_assert_eq(fclose(f), 0);
    }
}

/* Scans it and gives what was told as one text. */
static const char *told(struct input *in, const char *hash, size_t n, struct arena *a)
{
    struct facts facts;
    struct sink sink;
    struct value_builder b;
    struct err e = {0};
    const char *text = "";

    facts_init(&facts, a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "model";
    value_map_begin(&b, a);
    value_map_add(&b, "hash", value_str(a, hash));
    most = n;
    const struct model_io io = {.ctx = in,
                                .n = in->nentries,
                                .entry = entry,
                                .open = open_entry,
                                .close = close_entry,
                                .thread = thread,
                                .sink = &sink,
                                .params = value_map_end(&b, NULL),
                                .folder = true};
    cr_assert(model_scan(&io, &e), "%s", e.text);
    join_all();
    for (size_t i = 0; i < facts.ncoverage; i++)
        text = arena_printf(a, "%s%s %s %d\n", text,
                            facts.coverage[i].path != NULL ? facts.coverage[i].path : "-",
                            facts.coverage[i].digest != NULL ? facts.coverage[i].digest : "-",
                            (int)facts.coverage[i].status);
    for (size_t i = 0; i < facts.nfacts; i++)
        if (strcmp(facts.facts[i].type, "model.identity") == 0)
            text =
                arena_printf(a, "%s%s\n", text,
                             value_cstr(value_get(facts.facts[i].attributes, "root"), "no root"));
    return arena_printf(a, "%s%s", text,
                        facts.subjects[0].digest != NULL ? facts.subjects[0].digest : "no digest");
}

Test(scanner_model, the_same_with_any_number_of_threads)
{
    char dir[] = "/tmp/scanner_model.XXXXXX";
    struct input in;
    struct err e = {0};
    struct arena a;
    const char *one, *none;

    make_folder(dir);
    arena_init(&a);
    cr_assert(input_open(arena_printf(&a, "dir:%s", dir), &a, &in, &e), "%s", e.text);
    one = told(&in, "files", 0, &a);
    cr_expect(strstr(one, "sha256:") != NULL && strstr(one, " - ") == NULL, "%s", one);
    cr_expect_str_eq(told(&in, "files", 1, &a), one);
    cr_expect_str_eq(told(&in, "files", 3, &a), one);
    cr_expect_str_eq(told(&in, "members", 32, &a), one);
    none = told(&in, "none", 4, &a);
    cr_expect(strstr(none, "sha256:") == NULL, "%s", none);
    cr_expect(strstr(none, "- - 3\nno root\nno digest") != NULL, "%s", none);
    input_release(&in);
    for (int i = 0; i < FILES; i++)
        unlink(arena_printf(&a, "%s/f%02d.txt", dir, i));
    rmdir(dir);
    arena_release(&a);
}
