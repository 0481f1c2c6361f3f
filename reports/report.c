#include "reports/report.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"

#define REPORT(name) extern const struct report_format report_##name;
#include "reports/reports.def"
#undef REPORT

const struct report_format *const report_table[] = {
#define REPORT(name) &report_##name,
#include "reports/reports.def"
#undef REPORT
    NULL,
};

static const struct report_format *find(struct slice name)
{
    for (size_t i = 0; report_table[i] != NULL; i++)
        if (slice_is(name, report_table[i]->name))
            return report_table[i];
    return NULL;
}

const struct report_format *report_find(const char *name)
{
    return find(slice_str(name));
}

static void list_names(struct buf *b)
{
    for (size_t i = 0; report_table[i] != NULL; i++)
        buf_printf(b, "%s%s", i > 0 ? ", " : "", report_table[i]->name);
    buf_u8(b, '\0');
}

static bool unknown(struct slice name, struct err *e)
{
    struct buf b;

    buf_init(&b, 4096);
    list_names(&b);
    err_set(e, ERR_USAGE, ERR_NO_OFFSET, "unknown report '%.*s': %s are known", (int)name.len,
            (const char *)name.data, b.full ? "" : (const char *)b.data);
    buf_release(&b);
    return false;
}

/* Where a report goes, as it comes. */
struct target {
    struct file_writer *file; /* NULL: standard output */
    struct err *e;
};

static bool take(void *ctx, struct slice bytes)
{
    const struct target *t = ctx;

    if (t->file != NULL)
        return file_append(t->file, bytes, t->e);
    return fwrite(bytes.data, 1, bytes.len, stdout) == bytes.len ||
           err_sys(t->e, "cannot write to standard output");
}

static bool begin(const char *path, struct target *t)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    struct arena a;
    bool done;

    if (path == NULL)
        return true;
    arena_init(&a);
    done =
        slash == NULL || slash == path ||
        file_mkdirs(
            arena_strndup(&a, (struct slice){(const uint8_t *)path, (size_t)(slash - path)}), t->e);
    arena_release(&a);
    return done && file_begin(path, 0644, &t->file, t->e);
}

static bool end(const struct target *t, bool done)
{
    if (t->file != NULL)
        return file_end(t->file, done, t->e);
    return done && (fflush(stdout) == 0 || err_sys(t->e, "cannot write to standard output"));
}

/* "FORMAT=PATH" to its two parts; a path of "-" and none are standard output. */
static void split(const char *spec, struct slice *name, const char **path)
{
    const char *equals = strchr(spec, '=');

    *name = slice_str(spec);
    *path = NULL;
    if (equals != NULL) {
        name->len = (size_t)(equals - spec);
        *path = strcmp(equals + 1, "-") == 0 ? NULL : equals + 1;
    } else if (strcmp(spec, "-") == 0) {
        *name = slice_str(report_table[0]->name);
    }
}

static bool check_one(const char *spec, struct err *e)
{
    struct slice name;
    const char *path;

    split(spec, &name, &path);
    if (find(name) == NULL)
        return unknown(name, e);
    return path == NULL || path[0] != '\0' ||
           err_fail(e, ERR_USAGE, "report %s: the path is empty", find(name)->name);
}

static bool check_two(const char *a, const char *b, struct err *e)
{
    struct slice name;
    const char *one, *other;

    split(a, &name, &one);
    split(b, &name, &other);
    if (one == NULL && other == NULL)
        return err_fail(
            e, ERR_USAGE,
            "two reports would be written to standard output; give one a path: %.*s=PATH",
            (int)name.len, (const char *)name.data);
    return one == NULL || other == NULL || strcmp(one, other) != 0 ||
           strncmp(one, "/dev/", 5) == 0 || /* a device takes both */
           err_fail(e, ERR_USAGE, "two reports would be written to %s", one);
}

bool report_check(const char *const *specs, struct err *e)
{
    for (size_t i = 0; specs != NULL && specs[i] != NULL; i++) {
        if (!check_one(specs[i], e))
            return false;
        for (size_t j = 0; j < i; j++)
            if (!check_two(specs[j], specs[i], e))
                return false;
    }
    return true;
}

bool report_emit(const char *spec, const struct value_doc *verdict,
                 const struct report_options *opt, struct err *e)
{
    struct report_options mine = *opt;
    const struct report_format *format;
    struct target target = {.e = e};
    struct slice name;
    const char *path;
    struct buf out;
    bool done;

    if (!check_one(spec, e))
        return false;
    split(spec, &name, &path);
    format = find(name);
    if (path != NULL) { /* a file is not a terminal */
        mine.color = false;
        mine.width = 0;
    }
    if (!begin(path, &target))
        return err_in(e, "report %s", format->name);
    buf_init_drain(&out, LIMIT_OUTPUT_BYTES, take, &target);
    done = format->write(verdict, &mine, &out, e);
    buf_flush(&out);
    done = done && buf_finish(&out, e);
    done = end(&target, done);
    buf_release(&out);
    return done || err_in(e, "report %s", format->name);
}
