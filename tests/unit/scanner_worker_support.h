#ifndef TESTS_UNIT_SCANNER_WORKER_SUPPORT_H
#define TESTS_UNIT_SCANNER_WORKER_SUPPORT_H
/* One run of a worker, good or evil, and what was told of it. */
#include <string.h>

#include "scanner/worker/worker.h"
#include "tests/lib/cases.h"

#define PEER TEST_BUILD "/tests/worker_peer"

struct run {
    struct arena arena;
    struct facts facts;
    struct sandbox_report report;
    struct err e;
    struct worker_job job;
    struct input input;
    bool ok;
};

static inline void set_up(struct run *r, const char *job)
{
    *r = (struct run){0};
    arena_init(&r->arena);
    facts_init(&r->facts, &r->arena);
    r->job = (struct worker_job){.name = job,
                                 .subject = "file:subject",
                                 .sandbox = SANDBOX_REQUIRED,
                                 .exe = PEER,
                                 .seconds = 60};
}

static inline void with_param(struct run *r, const char *key, const char *value)
{
    struct value_builder b;

    value_map_begin(&b, &r->arena);
    value_map_add(&b, key, value_str(&r->arena, value));
    r->job.params = value_map_end(&b, NULL);
}

static inline void with_input(struct run *r, const char *spec)
{
    struct err e = {0};

    cr_assert(input_open(spec, &r->arena, &r->input, &e), "%s", e.text);
    r->job.input = &r->input;
}

static inline void go(struct run *r)
{
    r->ok = worker_run(&r->job, &r->facts, &r->report, &r->e);
}

static inline void tear_down(struct run *r)
{
    if (r->job.input != NULL)
        input_release(&r->input);
    arena_release(&r->arena);
}

static inline const struct value *told(const struct run *r, const char *address)
{
    for (size_t i = 0; i < r->facts.nfacts; i++)
        if (strcmp(r->facts.facts[i].address, address) == 0)
            return value_get(r->facts.facts[i].attributes, "v");
    return NULL;
}

/* The run failed with this text, and its last ledger line says so of the subject. */
static inline void expect_unreadable(const struct run *r, enum err_code code, const char *text,
                                     const char *what)
{
    const struct coverage *c;

    cr_assert(!r->ok, "%s: the worker ended well", what);
    cr_expect_eq(r->e.code, code, "%s: code %d, %s", what, r->e.code, r->e.text);
    cr_expect_neq(strstr(r->e.text, text), NULL, "%s: got '%s'", what, r->e.text);
    cr_expect_eq(strncmp(r->e.text, "file:subject: ", 14), 0, "%s: got '%s'", what, r->e.text);
    cr_assert_gt(r->facts.ncoverage, 0, "%s", what);
    c = &r->facts.coverage[r->facts.ncoverage - 1];
    cr_expect_eq(c->status, COVERAGE_UNREADABLE, "%s", what);
    cr_expect_str_eq(c->subject, "file:subject", "%s", what);
    cr_expect_str_eq(c->input, "file:subject", "%s", what);
    cr_expect_str_eq(c->code, err_code_name(code), "%s", what);
    cr_expect_neq(strstr(c->reason, text), NULL, "%s: got '%s'", what, c->reason);
    cr_expect_eq(c->bytes, c->unread, "%s", what);
}

static inline void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    cr_assert(f != NULL && fwrite(bytes, 1, n, f) == n && fclose(f) == 0, "%s", path);
}

/* A folder of this test's own, removed at its end. */
static char folder[64];

static inline const char *new_folder(char path[64])
{
    strcpy(folder, "/tmp/sallyport-test-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    return strcpy(path, folder);
}

static inline void remove_folder(void)
{
    char command[80];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    if (folder[0] != '\0')
        cr_expect_eq(system(command), 0);
}
#endif
