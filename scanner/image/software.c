#include "scanner/image/software.h"

#include "scanner/image/accounts.h"
#include "scanner/image/apk.h"
#include "scanner/image/dpkg.h"
#include "scanner/image/ledger.h"
#include "scanner/image/osrelease.h"

struct run {
    struct inventory *v;
    struct arena scratch; /* of one fact */
    const char *path;     /* of the file being read */
    size_t n;
};

static const struct value *text(struct run *r, struct slice s)
{
    return s.len > 0 ? value_bytes(&r->scratch, s, NULL) : value_null(&r->scratch, NULL);
}

static void tell(struct run *r, const char *type, struct fact *f, uint32_t line)
{
    struct sink *s = r->v->sink;

    f->source = "image";
    f->type = type;
    f->subject = s->subject_name;
    f->at = (struct fact_location){s->input_name, r->path, line, ERR_NO_OFFSET};
    sink_fact(s, f);
    r->n++;
    arena_release(&r->scratch);
    arena_init(&r->scratch);
}

static void on_dpkg(void *ctx, const struct dpkg_package *p)
{
    struct run *r = ctx;
    struct arena *a = &r->scratch;
    struct value_builder b;
    struct fact f = {0};

    value_map_begin(&b, a);
    value_map_add(&b, "manager", value_str(a, "dpkg"));
    value_map_add(&b, "name", text(r, p->name));
    value_map_add(&b, "version", text(r, p->version));
    value_map_add(&b, "architecture", text(r, p->architecture));
    value_map_add(&b, "source", text(r, p->source));
    value_map_add(&b, "source_version", text(r, p->source_version));
    value_map_add(&b, "status",
                  p->status.len > 0 ? text(r, p->status) : value_str(a, "install ok installed"));
    value_map_add(&b, "maintainer", text(r, p->maintainer));
    f.attributes = value_map_end(&b, NULL);
    f.name = value_cstr(value_get(f.attributes, "name"), "");
    f.address = arena_printf(a, "dpkg:%s:%s", f.name,
                             value_cstr(value_get(f.attributes, "architecture"), ""));
    tell(r, "image.package", &f, 0);
}

static void on_apk(void *ctx, const struct apk_package *p)
{
    struct run *r = ctx;
    struct arena *a = &r->scratch;
    struct value_builder b;
    struct fact f = {0};

    value_map_begin(&b, a);
    value_map_add(&b, "manager", value_str(a, "apk"));
    value_map_add(&b, "name", text(r, p->name));
    value_map_add(&b, "version", text(r, p->version));
    value_map_add(&b, "architecture", text(r, p->architecture));
    value_map_add(&b, "source", text(r, p->origin.len > 0 ? p->origin : p->name));
    value_map_add(&b, "source_version", text(r, p->version));
    value_map_add(&b, "status", value_str(a, "installed"));
    value_map_add(&b, "maintainer", text(r, p->maintainer));
    f.attributes = value_map_end(&b, NULL);
    f.name = value_cstr(value_get(f.attributes, "name"), "");
    f.address = arena_printf(a, "apk:%s", f.name);
    tell(r, "image.package", &f, 0);
}

static void on_user(void *ctx, const struct accounts_user *u)
{
    struct run *r = ctx;
    struct arena *a = &r->scratch;
    struct value_builder b;
    struct fact f = {0};

    value_map_begin(&b, a);
    value_map_add(&b, "name", text(r, u->name));
    value_map_add(&b, "malformed", value_bool(a, u->malformed, NULL));
    if (u->malformed) {
        value_map_add(&b, "uid", value_unknown(a, "the line is malformed", NULL, 0, NULL));
    } else {
        value_map_add(&b, "uid", value_int(a, (int64_t)u->uid, NULL));
        value_map_add(&b, "gid", value_int(a, (int64_t)u->gid, NULL));
        value_map_add(&b, "home", text(r, u->home));
        value_map_add(&b, "shell", text(r, u->shell));
        value_map_add(&b, "password", value_str(a, u->password));
    }
    f.attributes = value_map_end(&b, NULL);
    f.name = value_cstr(value_get(f.attributes, "name"), "");
    f.address = arena_printf(a, "%s:%u", f.name, u->line);
    tell(r, "image.user", &f, u->line);
}

static void on_password(void *ctx, const struct accounts_password *p)
{
    struct run *r = ctx;
    struct arena *a = &r->scratch;
    struct value_builder b;
    struct fact f = {0};

    value_map_begin(&b, a);
    value_map_add(&b, "name", text(r, p->name));
    value_map_add(&b, "malformed", value_bool(a, p->malformed, NULL));
    value_map_add(&b, "password",
                  p->malformed ? value_unknown(a, "the line is malformed", NULL, 0, NULL)
                               : value_str(a, p->password));
    value_map_add(&b, "scheme", p->scheme != NULL ? value_str(a, p->scheme) : value_null(a, NULL));
    f.attributes = value_map_end(&b, NULL);
    f.name = value_cstr(value_get(f.attributes, "name"), "");
    f.address = arena_printf(a, "%s:%u", f.name, p->line);
    tell(r, "image.shadow", &f, p->line);
}

static void gap(struct run *r, const char *format, struct slice bytes, const struct err *e)
{
    ledger_gap(r->v->sink, &(struct ledger_line){r->path, format, NULL, bytes.len}, e);
}

static void done(struct run *r, const char *format, struct slice bytes)
{
    ledger_parsed(r->v->sink, &(struct ledger_line){r->path, format, NULL, bytes.len});
}

/* The bytes of a kept file of the final tree; one that was there but not kept is a gap. */
static bool open_file(struct run *r, const char *path, const char *format, struct slice *out)
{
    const struct slice none = {NULL, 0};
    struct err e = {0};
    bool lost;

    r->path = path;
    if (inventory_read(r->v, path, out, &lost))
        return true;
    if (lost) {
        err_set(&e, ERR_LIMIT, ERR_NO_OFFSET,
                "the file was not kept: too large (LIMIT_CAPTURE_BYTES) or a link to another one");
        gap(r, format, none, &e);
    }
    return false;
}

static void tell_os(struct run *r)
{
    struct osrelease o;
    struct slice bytes;
    struct value_builder b;
    struct arena *a = &r->scratch;
    struct fact f = {.address = "os", .name = "os"};

    if (!open_file(r, "etc/os-release", "os-release", &bytes) &&
        !open_file(r, "usr/lib/os-release", "os-release", &bytes))
        return;
    osrelease_parse(bytes, a, &o);
    if (o.odd_line > 0)
        sink_note(r->v->sink, o.odd_line, ERR_NO_OFFSET, r->path, "a line that is no assignment");
    value_map_begin(&b, a);
    value_map_add(&b, "id", text(r, o.id));
    value_map_add(&b, "version_id", text(r, o.version_id));
    value_map_add(&b, "version_codename", text(r, o.version_codename));
    value_map_add(&b, "pretty_name", text(r, o.pretty_name));
    value_map_add(&b, "name", text(r, o.name));
    f.attributes = value_map_end(&b, NULL);
    tell(r, "image.os", &f, 0);
    done(r, "os-release", bytes);
}

static void tell_dpkg(struct run *r, struct slice bytes)
{
    struct err e = {0};

    if (dpkg_parse(bytes, on_dpkg, r, &e))
        done(r, "dpkg.status", bytes);
    else
        gap(r, "dpkg.status", bytes, &e);
}

static void tell_apk(struct run *r, const char *path)
{
    struct slice bytes;
    struct err e = {0};

    if (!open_file(r, path, "apk.installed", &bytes))
        return;
    if (apk_parse(bytes, on_apk, r, &e))
        done(r, "apk.installed", bytes);
    else
        gap(r, "apk.installed", bytes, &e);
}

static void tell_packages(struct run *r)
{
    struct slice bytes, path;
    size_t at = 0;

    if (open_file(r, "var/lib/dpkg/status", "dpkg.status", &bytes))
        tell_dpkg(r, bytes);
    while (inventory_read_dir(r->v, "var/lib/dpkg/status.d/", &at, &path, &bytes)) {
        r->path = arena_strndup(r->v->arena, path);
        tell_dpkg(r, bytes);
    }
    /* one of the two may be the other through a linked folder */
    if (tree_find(&r->v->tree, SLICE_LIT("lib/apk/db/installed"), true) !=
        tree_find(&r->v->tree, SLICE_LIT("usr/lib/apk/db/installed"), true))
        tell_apk(r, "usr/lib/apk/db/installed");
    tell_apk(r, "lib/apk/db/installed");
}

void software_tell(struct inventory *v)
{
    struct run r = {.v = v};
    struct slice bytes;

    arena_init(&r.scratch);
    tell_os(&r);
    tell_packages(&r);
    if (open_file(&r, "etc/passwd", "passwd", &bytes)) {
        accounts_users(bytes, on_user, &r);
        done(&r, "passwd", bytes);
    }
    if (open_file(&r, "etc/shadow", "shadow", &bytes)) {
        accounts_passwords(bytes, on_password, &r);
        done(&r, "shadow", bytes);
    }
    arena_release(&r.scratch);
}
