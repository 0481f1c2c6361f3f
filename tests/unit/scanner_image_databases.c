#include "tests/lib/cases.h"

#include <stdio.h>
#include <string.h>

#include "scanner/image/accounts.h"
#include "scanner/image/apk.h"
#include "scanner/image/capability.h"
#include "scanner/image/dpkg.h"
#include "scanner/image/image_config.h"
#include "scanner/image/osrelease.h"

#define S(s) (int)(s).len, (const char *)(s).data

struct parse_case {
    const char *what, *text, *want, *error;
    uint32_t line;
};

static struct slice exact(const char *text)
{
    const size_t n = strlen(text);
    uint8_t *copy = malloc(n + (n == 0));

    memcpy(copy, text, n);
    return (struct slice){copy, n};
}

static void drop(struct slice s)
{
    union {
        const uint8_t *in;
        void *out;
    } p = {s.data};

    free(p.out);
}

static void on_dpkg(void *ctx, const struct dpkg_package *p)
{
    char *out = ctx;

    snprintf(out + strlen(out), 512 - strlen(out), "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s;", S(p->name),
             S(p->version), S(p->architecture), S(p->source), S(p->source_version), S(p->status));
}

static const struct parse_case dpkg_cases[] = {
    {"two packages",
     "Package: a\nVersion: 1\nArchitecture: all\nStatus: install ok installed\n\n\nPackage: "
     "b\nVersion: 2\n",
     "a|1|all|a|1|install ok installed;b|2||b|2|;", "", 0},
    {"source with version", "Package: libc6\nSource: glibc (2.36-9)\nVersion: 2.36-9+b1\n",
     "libc6|2.36-9+b1||glibc|2.36-9|;", "", 0},
    {"continuation and any case", "PACKAGE: a\nDescription: x\n more: text\n .\nversion: 3",
     "a|3||a|3|;", "", 0},
    {"carriage returns", "Package: a\r\nVersion: 1\r\n\r\n", "a|1||a|1|;", "", 0},
    {"empty", "", "", "", 0},
    {"no field name", "Package: a\nnonsense\n", "", "a line without a field name", 2},
    {"no package", "Version: 1\n\n", "", "a paragraph without Package", 1},
    {"twice", "Package: a\nPackage: b\n", "", "field Package stands twice", 2},
    {"continuation of nothing", "\n x\n", "", "a continuation of nothing", 2},
};

CASES(scanner_image_databases, dpkg, dpkg_cases)
{
    const struct parse_case *c = &dpkg_cases[*case_index];
    struct slice text = exact(c->text);
    struct err e = {0};
    char out[512] = "";

    cr_expect_eq(dpkg_parse(text, on_dpkg, out, &e), c->error[0] == '\0', "%s", c->what);
    cr_expect_str_eq(e.text, c->error, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.line, c->line, "%s: line %u", c->what, e.line);
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    drop(text);
}

static void on_apk(void *ctx, const struct apk_package *p)
{
    char *out = ctx;

    snprintf(out + strlen(out), 512 - strlen(out), "%.*s|%.*s|%.*s|%.*s;", S(p->name),
             S(p->version), S(p->architecture), S(p->origin));
}

static const struct parse_case apk_cases[] = {
    {"two packages", "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\nF:lib\nR:ld.so\n\nP:b\nV:1\n\n",
     "musl|1.2.4-r2|x86_64|musl;b|1||;", "", 0},
    {"no line end", "P:a\nV:1", "a|1||;", "", 0},
    {"no version", "P:a\n\n", "", "a package without name or version", 1},
    {"not a field", "P:a\nV:1\nhello\n", "", "a line that is not LETTER:value", 3},
    {"twice", "P:a\nP:b\n", "", "field P stands twice", 2},
    {"version 3", "ADB.xyz", "", "a database of apk version 3", 0},
};

CASES(scanner_image_databases, apk, apk_cases)
{
    const struct parse_case *c = &apk_cases[*case_index];
    struct slice text = exact(c->text);
    struct err e = {0};
    char out[512] = "";

    cr_expect_eq(apk_parse(text, on_apk, out, &e), c->error[0] == '\0', "%s", c->what);
    cr_expect_str_eq(e.text, c->error, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.line, c->line, "%s", c->what);
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    drop(text);
}

static const struct parse_case os_cases[] = {
    {"debian", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID=\"12\"\n",
     "debian|12|Debian GNU/Linux 12", "", 0},
    {"quotes and escapes", "ID='a b'\nPRETTY_NAME=\"x\\\"y\"\n", "a b||x\"y", "", 0},
    {"comment, blank, last counts", "# x\n\nID=a\nID=b\n", "b||", "", 0},
    {"two words", "ID=a b\nVERSION_ID=1\n", "|1|", "", 1},
    {"open quote", "ID=\"a\n", "||", "", 1},
    {"no assignment", "ID=a\nhello\n", "a||", "", 2},
};

CASES(scanner_image_databases, os_release, os_cases)
{
    const struct parse_case *c = &os_cases[*case_index];
    struct slice text = exact(c->text);
    struct osrelease o;
    struct arena a;
    char out[512];

    arena_init(&a);
    osrelease_parse(text, &a, &o);
    snprintf(out, sizeof(out), "%.*s|%.*s|%.*s", S(o.id), S(o.version_id), S(o.pretty_name));
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    cr_expect_eq(o.odd_line, c->line, "%s: line %u", c->what, o.odd_line);
    arena_release(&a);
    drop(text);
}

static void on_user(void *ctx, const struct accounts_user *u)
{
    char *out = ctx;

    snprintf(out + strlen(out), 512 - strlen(out), "%.*s|%s|%llu|%.*s;", S(u->name),
             u->malformed ? "malformed" : u->password, (unsigned long long)u->uid, S(u->shell));
}

static const struct parse_case user_cases[] = {
    {"two", "root:x:0:0:root:/root:/bin/sh\n\nu::1000:1000::/:\n",
     "root|shadow|0|/bin/sh;u|empty|1000|;", "", 0},
    {"hash inside", "a:$6$x$y:0:0::/:/bin/sh\n", "a|hash|0|/bin/sh;", "", 0},
    {"too few fields", "root:x:0\n", "root|malformed|0|;", "", 0},
    {"id is no number", "r:x:0x:0::/:/bin/sh\n", "r|malformed|0|;", "", 0},
    {"id past 32 bits", "r:x:4294967296:0::/:/bin/sh\n", "r|malformed|0|;", "", 0},
    {"many fields", "::::::::::::::::::::::\n", "|malformed|0|;", "", 0},
};

CASES(scanner_image_databases, passwd, user_cases)
{
    const struct parse_case *c = &user_cases[*case_index];
    struct slice text = exact(c->text);
    char out[512] = "";

    accounts_users(text, on_user, out);
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    drop(text);
}

static void on_password(void *ctx, const struct accounts_password *p)
{
    char *out = ctx;

    snprintf(out + strlen(out), 512 - strlen(out), "%.*s|%s|%s;", S(p->name),
             p->malformed ? "malformed" : p->password, p->scheme != NULL ? p->scheme : "");
}

static const struct parse_case shadow_cases[] = {
    {"kinds", "a::1:\nb:*:1\nc:!$6$x:1\nd:$y$j9T$x:1\n",
     "a|empty|;b|locked|;c|locked|;d|hash|yescrypt;", "", 0},
    {"schemes", "a:$1$x:\nb:$6$x:\nc:abcdefghijklm:\nd:zzz:\n",
     "a|hash|md5;b|hash|sha512;c|hash|des;d|hash|unknown;", "", 0},
    {"no fields", "root\n", "root|malformed|;", "", 0},
};

CASES(scanner_image_databases, shadow, shadow_cases)
{
    const struct parse_case *c = &shadow_cases[*case_index];
    struct slice text = exact(c->text);
    char out[512] = "";

    accounts_passwords(text, on_password, out);
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    drop(text);
}

struct cap_case {
    const char *what;
    uint8_t bytes[24];
    size_t len;
    const char *want; /* NULL: malformed */
    bool effective;
};

static const struct cap_case cap_cases[] = {
    {"net_raw, version 2", {1, 0, 0, 2, 0, 0x20}, 20, "cap_net_raw ", true},
    {"version 3", {0, 0, 0, 3, 0, 0x20, 0, 0, 1}, 24, "cap_chown cap_net_raw ", false},
    {"version 1", {1, 0, 0, 1, 1}, 12, "cap_chown ", true},
    {"high word", {1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, 20, "cap_bpf ", true},
    {"unknown bit", {1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}, 20, "cap_63 ", true},
    {"cut short", {1, 0, 0, 2, 0, 0x20}, 19, NULL, false},
    {"too long", {1, 0, 0, 2, 0, 0x20}, 21, NULL, false},
    {"version 4", {1, 0, 0, 4}, 20, NULL, false},
    {"empty", {0}, 0, NULL, false},
};

CASES(scanner_image_databases, capabilities, cap_cases)
{
    const struct cap_case *c = &cap_cases[*case_index];
    uint8_t *copy = malloc(c->len + (c->len == 0));
    const struct value *names = NULL;
    struct arena a;
    char out[512] = "";
    bool effective = false, ok;

    memcpy(copy, c->bytes, c->len);
    arena_init(&a);
    ok = capability_decode((struct slice){copy, c->len}, &a, &names, &effective);
    cr_expect_eq(ok, c->want != NULL, "%s", c->what);
    for (size_t i = 0; ok && i < value_len(names); i++)
        snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s ",
                 value_cstr(value_item(names, i), ""));
    if (ok) {
        cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
        cr_expect_eq(effective, c->effective, "%s", c->what);
    }
    arena_release(&a);
    free(copy);
}

struct root_case {
    const char *what, *user;
    bool want;
};

static const struct root_case root_cases[] = {
    {"empty", "", true},
    {"name", "root", true},
    {"zero", "0", true},
    {"zeros", "000", true},
    {"with group", "0:0", true},
    {"root and group", "root:1", true},
    {"other", "1000", false},
    {"other name", "app", false},
    {"group zero", "1000:0", false},
    {"rootless", "rootless", false},
};

CASES(scanner_image_databases, root_users, root_cases)
{
    const struct root_case *c = &root_cases[*case_index];

    cr_expect_eq(image_config_is_root(slice_str(c->user)), c->want, "%s", c->what);
}
