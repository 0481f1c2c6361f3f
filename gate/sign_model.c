#include "gate/sign_model.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "gate/identity_print.h"
#include "gate/scan.h"

static const char *without_slash(const char *path, struct arena *a)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    return arena_printf(a, "%.*s", (int)n, path);
}

const char *sign_model_output(const char *path, struct arena *a)
{
    struct stat st;
    const bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

    return arena_printf(a, folder ? "%s/model.sig" : "%s.sig", without_slash(path, a));
}

/* An older signature in the folder is no part of the model. */
static const char *const *ignored(const struct sign_model *s, const char *output, struct arena *a)
{
    const char *dir = arena_printf(a, "%s/", without_slash(s->path, a));
    const char **list = NULL;
    size_t n = 0;

    for (size_t i = 0; s->ignore != NULL && s->ignore[i] != NULL; i++)
        *(const char **)ARENA_PUSH(a, &list, &n) = s->ignore[i];
    if (strncmp(output, dir, strlen(dir)) == 0)
        *(const char **)ARENA_PUSH(a, &list, &n) = output + strlen(dir);
    (void)ARENA_PUSH(a, &list, &n); /* NULL: the end */
    return list;
}

/* What kept the files of the model from being told, if anything did. */
static bool was_read(const struct facts *f, struct err *e)
{
    for (size_t i = 0; i < f->nfacts; i++)
        if (strcmp(f->facts[i].type, "model.identity") == 0)
            return true;
    for (size_t i = 0; i < f->ncoverage; i++)
        if (f->coverage[i].status == COVERAGE_UNREADABLE && f->coverage[i].reason != NULL)
            return err_fail(e, ERR_FORMAT, "%s", f->coverage[i].reason);
    return err_fail(e, ERR_FORMAT, "no model could be read");
}

static bool statement(const struct sign_model *s, const char *const *ignore, struct arena *a,
                      struct buf *out, struct err *e)
{
    static const struct trust nobody = {0};
    struct gate_config config;
    struct json_out o;
    struct scan scan;
    bool ok;

    gate_config_init(&config);
    gate_config_subject(&config, "model", s->path, "", a);
    config.ignore = ignore;
    if (!scan_run(&(struct scan_from){&config, &nobody, NULL}, a, &scan, e))
        return false;
    json_out_init(&o, out, JSON_COMPACT);
    ok = was_read(&scan.facts, e) && identity_print(&scan.facts, ignore, a, &o, e) &&
         buf_finish(out, e);
    scan_release(&scan);
    return ok || err_in(e, "%s: not signed", s->path);
}

bool sign_model(const struct sign_model *s, struct arena *a, struct err *e)
{
    const char *output = s->output != NULL ? s->output : sign_model_output(s->path, a);
    struct buf said, dsse, bundle;
    bool ok;

    buf_init(&said, LIMIT_MODEL_SIGNATURE_BYTES / 2);
    buf_init(&dsse, LIMIT_MODEL_SIGNATURE_BYTES);
    buf_init(&bundle, LIMIT_MODEL_SIGNATURE_BYTES);
    ok = statement(s, ignored(s, output, a), a, &said, e) &&
         dsse_sign(buf_slice(&said), PAYLOAD_TYPE_INTOTO, s->key, &dsse, e) &&
         bundle_wrap_model(buf_slice(&dsse), s->key, &bundle, e) &&
         file_write(output, buf_slice(&bundle), 0644, e);
    buf_release(&said);
    buf_release(&dsse);
    buf_release(&bundle);
    return ok;
}
