/* Every file of fixtures/<kind>/good is read; every file of bad is refused with the line and
 * text of its .want. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/lib/config_told.h"

struct outcome {
    struct arena arena;
    struct facts facts;
    struct err e;
    bool ok;
};

static void scan_file(struct outcome *o, const char *kind, const char *path)
{
    struct config_text t = {.kind = kind};

    *o = (struct outcome){.ok = false};
    arena_init(&o->arena);
    facts_init(&o->facts, &o->arena);
    cr_assert(file_read(path, LIMIT_CONFIG_BYTES, &o->arena, &t.bytes, &o->e), "%s", path);
    o->ok = config_told(&t, "input", &o->facts, &o->e);
}

/* Runs `check` over the files of a folder; gives their number. */
static unsigned each_file(const char *kind, const char *part,
                          void (*check)(const char *kind, const char *path))
{
    char folder[256], path[600];
    struct dirent **names;
    unsigned done = 0;
    int n;

    snprintf(folder, sizeof(folder), "fixtures/%s/%s", kind, part);
    n = scandir(folder, &names, NULL, alphasort);
    cr_assert_geq(n, 0, "%s", folder);
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.' && strstr(names[i]->d_name, ".want") == NULL) {
            snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
            check(kind, path);
            done++;
        }
        free(names[i]);
    }
    free(names);
    return done;
}

static void is_read(const char *kind, const char *path)
{
    struct outcome o;

    scan_file(&o, kind, path);
    cr_expect(o.ok, "%s: %s", path, o.e.text);
    cr_expect_gt(o.facts.nfacts, 0, "%s", path);
    cr_expect_eq(o.facts.ncoverage, 1, "%s", path);
    cr_expect_eq(o.facts.coverage[0].parsed, o.facts.coverage[0].bytes, "%s", path);
    arena_release(&o.arena);
    scan_file(&o, NULL, path); /* the probes find the same kind */
    cr_expect(o.ok, "%s, probed: %s", path, o.e.text);
    cr_expect_gt(o.facts.nnotices, 0, "%s", path);
    arena_release(&o.arena);
}

static void is_refused(const char *kind, const char *path)
{
    char want_path[700], got[ERR_TEXT_MAX + 32];
    struct arena a;
    struct slice want;
    struct outcome o;

    arena_init(&a);
    scan_file(&o, kind, path);
    snprintf(want_path, sizeof(want_path), "%s.want", path);
    snprintf(got, sizeof(got), "%u: %s\n", o.e.line, o.e.text);
    cr_assert(file_read(want_path, 4096, &a, &want, &(struct err){0}), "%s is missing", want_path);
    cr_expect(!o.ok, "%s", path);
    cr_expect(slice_is(want, got), "%s: got %s", path, got);
    cr_assert_eq(o.facts.ncoverage, 1, "%s", path);
    cr_expect_eq(o.facts.coverage[0].unread, o.facts.coverage[0].bytes, "%s", path);
    cr_expect_eq(o.facts.coverage[0].status, COVERAGE_UNREADABLE, "%s", path);
    cr_expect_eq(o.facts.coverage[0].line, o.e.line, "%s", path);
    arena_release(&a);
    arena_release(&o.arena);
}

Test(scanner_config_fixtures, good_ones_are_read)
{
    for (size_t i = 0; config_table[i] != NULL; i++)
        cr_expect_gt(each_file(config_table[i]->name, "good", is_read), 0, "%s",
                     config_table[i]->name);
}

Test(scanner_config_fixtures, bad_ones_are_refused_with_a_line)
{
    for (size_t i = 0; config_table[i] != NULL; i++)
        cr_expect_gt(each_file(config_table[i]->name, "bad", is_refused), 0, "%s",
                     config_table[i]->name);
}
