/* Every file of fixtures/{json,yaml,value_wire}: good/ is read, bad/ is refused with a reason. */
#include <dirent.h>

#include "base/file.h"
#include "base/json.h"
#include "base/value_wire.h"
#include "base/yaml.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

typedef bool read_fn(struct slice s, bool strict, struct arena *a, struct err *e);

static bool read_json(struct slice s, bool strict, struct arena *a, struct err *e)
{
    const struct value *v;

    (void)strict;
    return json_read(s, a, &v, e);
}

static const struct value *keep(void *ctx, struct arena *a, const char *tag,
                                const struct value *node, struct err *e)
{
    (void)ctx;
    (void)a;
    (void)tag;
    (void)e;
    return node;
}

/* Good ones may hold several documents and tags of their own. */
static bool read_yaml(struct slice s, bool strict, struct arena *a, struct err *e)
{
    const struct yaml_options lax = {.on_tag = keep, .many = true};
    const struct value *v;

    return yaml_read(s, strict ? NULL : &lax, a, &v, e);
}

static bool read_wire(struct slice s, bool strict, struct arena *a, struct err *e)
{
    struct reader r = reader_over(s);
    const struct value *v;

    (void)strict;
    return value_wire_get(&r, a, &v, e);
}

static void check(const char *path, bool good, read_fn *read)
{
    struct slice bytes, s;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_assert(file_read(path, 1 << 20, &a, &bytes, &e), "%s", e.text);
    s = exact(bytes.data, bytes.len);
    cr_expect_eq(read(s, !good, &a, &e), good, "%s: %s", path, e.text);
    cr_expect_eq(e.text[0] == '\0', good, "%s: %s", path, e.text);
    exact_free(s);
    arena_release(&a);
}

static void check_all(const char *folder, bool good, read_fn *read)
{
    DIR *d = opendir(folder);
    size_t n = 0;

    cr_assert_not_null(d, "%s", folder);
    for (struct dirent *entry = readdir(d); entry != NULL; entry = readdir(d)) {
        char path[512];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        check(path, good, read);
        n++;
    }
    closedir(d);
    cr_expect_gt(n, 5, "%s: %zu files", folder, n);
}

Test(fixtures, json)
{
    check_all("fixtures/json/good", true, read_json);
    check_all("fixtures/json/bad", false, read_json);
}

Test(fixtures, yaml)
{
    check_all("fixtures/yaml/good", true, read_yaml);
    check_all("fixtures/yaml/bad", false, read_yaml);
}

Test(fixtures, value_wire)
{
    check_all("fixtures/value_wire/good", true, read_wire);
    check_all("fixtures/value_wire/bad", false, read_wire);
}
