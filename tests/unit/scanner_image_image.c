#include "tests/lib/cases.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "scanner/image/image.h"

struct scanned {
    struct arena arena;
    struct facts facts;
    struct err e;
    bool ok;
};

static void scan(struct scanned *s, const char *path, const char *ref, const char *params)
{
    struct sink sink;
    struct slice bytes;
    struct source *source;
    struct blobs *b;
    struct image_ask ask = {.ref = ref};

    memset(s, 0, sizeof(*s));
    arena_init(&s->arena);
    facts_init(&s->facts, &s->arena);
    sink_to_facts(&sink, &s->facts);
    sink.subject_name = "image";
    sink.input_name = "oci-archive:x";
    cr_assert(file_read(path, 1 << 20, &s->arena, &bytes, &s->e), "%s", s->e.text);
    if (params != NULL)
        cr_assert(json_read(slice_str(params), &s->arena, &ask.params, &s->e), "%s", s->e.text);
    source = source_memory(bytes);
    cr_assert(blobs_over(source, &b, &s->e), "%s", s->e.text);
    s->ok = image_scan(b, &ask, &sink, &s->e);
    cr_expect_eq(s->ok, s->e.code == ERR_NONE, "%s", s->e.text);
    for (size_t i = 0; i < s->facts.ncoverage; i++) {
        const struct coverage *c = &s->facts.coverage[i];

        cr_expect_eq(c->parsed + c->scanned + c->opaque + c->unread, c->bytes, "%s", c->path);
    }
    blobs_free(b);
    source_free(source);
}

/* The attributes of the fact of a type whose `key` is `want`; the first of
 * the type when key is NULL. */
static const struct value *fact(const struct scanned *s, const char *type, const char *key,
                                const char *want)
{
    for (size_t i = 0; i < s->facts.nfacts; i++) {
        const struct fact *f = &s->facts.facts[i];

        if (strcmp(f->type, type) != 0)
            continue;
        if (key == NULL || strcmp(value_cstr(value_get(f->attributes, key), ""), want) == 0)
            return f->attributes;
    }
    return NULL;
}

static size_t count(const struct scanned *s, const char *type)
{
    size_t n = 0;

    for (size_t i = 0; i < s->facts.nfacts; i++)
        n += strcmp(s->facts.facts[i].type, type) == 0;
    return n;
}

static size_t gaps(const struct scanned *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->facts.ncoverage; i++)
        n += s->facts.coverage[i].status == COVERAGE_PARTIAL ||
             s->facts.coverage[i].status == COVERAGE_UNREADABLE;
    return n;
}

#define THREE "fixtures/image/good/three-layers.oci.tar"

struct attribute_case {
    const char *what, *type, *key, *want; /* which fact */
    const char *path, *text; /* value_path, and what it is as text, "true" or "false" */
};

static const struct attribute_case attribute_cases[] = {
    {"root user", "image.config", NULL, NULL, "uid_zero", "true"},
    {"user with a group is not numeric by itself", "image.config", NULL, NULL, "user", "0:0"},
    {"port", "image.config", NULL, NULL, "exposed_ports.0", "22/tcp"},
    {"plain variable", "image.config", NULL, NULL, "env.PATH", "/bin"},
    {"secret variable", "image.config", NULL, NULL, "env.DB_PASSWORD", "(redacted)"},
    {"label", "image.config", NULL, NULL, "labels.team", "ml"},
    {"platform", "image.manifest", NULL, NULL, "platform", "linux/amd64"},
    {"tag", "image.manifest", NULL, NULL, "ref_name", "v1"},
    {"tree is complete", "image.tree", NULL, NULL, "complete", "true"},
    {"distribution", "image.os", NULL, NULL, "id", "debian"},
    {"source package", "image.package", "name", "libc6", "source_version", "2.36-9"},
    {"set-uid", "image.file", "path", "/bin/su", "setuid", "true"},
    {"mode", "image.file", "path", "/bin/su", "mode", "4755"},
    {"capability", "image.file", "path", "/bin/ping", "capabilities.0", "cap_net_raw"},
    {"capability through a hard link", "image.file", "path", "/bin/ping6", "capabilities.0",
     "cap_net_raw"},
    {"device", "image.file", "path", "/dev/null", "kind", "char-device"},
    {"sticky", "image.file", "path", "/tmp", "sticky", "true"},
    {"world-writable", "image.file", "path", "/srv", "world_writable", "true"},
    {"detector", "image.file", "path", "/bin/sh", "matched.0", "shell"},
    {"credentials of a lower layer", "image.file", "path", "/root/.aws/credentials",
     "removed_later", "true"},
    {"secret of a lower layer", "image.secret", "kind", "aws-access-key-id", "removed_later",
     "true"},
    {"secret, redacted", "image.secret", "kind", "aws-access-key-id", "redacted", "AKIA…(20)"},
    {"secret in the environment", "image.secret", "in_env", "", "kind", "environment-secret"},
    {"empty password", "image.shadow", "name", "root", "password", "empty"},
    {"user", "image.user", "name", "root", "shell", "/bin/sh"},
    {"no base without a catalogue", "image.base", NULL, NULL, "matched", "false"},
    {"claim of a base", "image.base", NULL, NULL, "claimed_name", "registry.example/base:1"},
};

CASES(scanner_image_image, tells, attribute_cases)
{
    const struct attribute_case *c = &attribute_cases[*case_index];
    const struct value *v;
    struct scanned s;

    scan(&s, THREE, NULL, NULL);
    cr_assert(s.ok, "%s", s.e.text);
    cr_expect_eq(gaps(&s), 0u, "%s", c->what);
    v = value_path(fact(&s, c->type, c->key, c->want), c->path);
    cr_assert_not_null(v, "%s: no such fact or attribute", c->what);
    cr_expect_str_eq(value_is(v, VALUE_BOOL) ? (v->as.boolean ? "true" : "false")
                                             : value_cstr(v, ""),
                     c->text, "%s: got '%s'", c->what, value_cstr(v, "(no text)"));
    arena_release(&s.arena);
}

Test(scanner_image_image, opaque_folder_hides_lower_files_only)
{
    struct scanned s;
    const struct value *tree;

    scan(&s, THREE, "v1", NULL);
    cr_assert(s.ok, "%s", s.e.text);
    tree = fact(&s, "image.tree", NULL, NULL);
    /* of opt/old/ only "four" is left: bin su sh ping ping6, etc
     * os-release passwd shadow, dpkg status, four */
    cr_expect_eq(value_int_or(value_get(tree, "files"), -1), 9);
    cr_expect_eq(value_int_or(value_get(tree, "symlinks"), -1), 1);
    arena_release(&s.arena);
}

#define BASE_ID "sha256:c70b4de87e421af229d71a87875487006349bdb4fbedf18f25677ecb5c09b496"
#define ENTRY(more) "{\"name\":\"base\",\"diff_ids\":[\"" BASE_ID "\"]" more "}"

struct base_case {
    const char *what, *params;
    bool matched, revoked;
};

static const struct base_case base_cases[] = {
    {"matches", "{\"catalogue\":[" ENTRY("") "]}", true, false},
    {"platform", "{\"catalogue\":[" ENTRY(",\"platform\":\"linux/amd64\"") "]}", true, false},
    {"other platform", "{\"catalogue\":[" ENTRY(",\"platform\":\"linux/arm64\"") "]}", false,
     false},
    {"revoked counts", "{\"catalogue\":[" ENTRY("") "," ENTRY(",\"revoked\":true") "]}", true,
     true},
    {"no layers", "{\"catalogue\":[{\"name\":\"x\",\"diff_ids\":[]}]}", false, false},
    {"other layers", "{\"catalogue\":[{\"name\":\"x\",\"diff_ids\":[\"sha256:00\"]}]}", false,
     false},
};

CASES(scanner_image_image, base_by_diff_ids, base_cases)
{
    const struct base_case *c = &base_cases[*case_index];
    const struct value *base;
    struct scanned s;

    scan(&s, THREE, NULL, c->params);
    cr_assert(s.ok, "%s", s.e.text);
    base = fact(&s, "image.base", NULL, NULL);
    cr_expect_eq(value_true(value_get(base, "matched")), c->matched, "%s", c->what);
    cr_expect_eq(value_true(value_get(base, "revoked")), c->revoked, "%s", c->what);
    if (c->matched) {
        /* bin/sh and etc/shadow replaced, opt/old/{one,two} deleted */
        cr_expect_eq(value_int_or(value_get(base, "overwritten_count"), -1), 4, "%s", c->what);
        cr_expect_str_eq(value_cstr(value_path(base, "sensitive_overwritten.0"), ""), "/bin/sh");
        cr_expect_str_eq(value_cstr(value_path(base, "sensitive_overwritten.1"), ""),
                         "/etc/shadow");
    }
    arena_release(&s.arena);
}

struct choice_case {
    const char *what, *path, *ref, *params;
    const char *error; /* how its text begins; "" when it is read */
};

#define MULTI "fixtures/image/good/two-platforms.oci.tar"
static const struct choice_case choice_cases[] = {
    {"tag", THREE, "v1", NULL, ""},
    {"digest of nothing", THREE, "@sha256:00", NULL, "no image @sha256:00; there are: v1@sha256:"},
    {"other tag", THREE, "v2", NULL, "no image v2; there are: v1@sha256:"},
    {"default platform", MULTI, NULL, NULL, ""},
    {"other platform", MULTI, "multi", "{\"platform\":\"linux/arm64\"}", ""},
    {"no such platform", MULTI, NULL, "{\"platform\":\"linux/s390x\"}",
     "no image for platform linux/s390x; there are: linux/amd64 sha256:"},
    {"bad platform", MULTI, NULL, "{\"platform\":\"linux\"}",
     "platform linux is not os/architecture[/variant]"},
    {"asked for another than it is", THREE, NULL, "{\"platform\":\"linux/arm64\"}",
     "the image is for linux/amd64, not linux/arm64"},
    {"two images", "fixtures/image/bad/two-images.oci.tar", NULL, NULL,
     "2 images, name one: v1@sha256:"},
    {"one of two images", "fixtures/image/bad/two-images.oci.tar", "v2", NULL, ""},
    {"docker archive", "fixtures/image/good/docker.tar", NULL, NULL, ""},
    {"docker archive by tag", "fixtures/image/good/docker.tar", "x/y:v1", NULL, ""},
    {"docker archive, other tag", "fixtures/image/good/docker.tar", "z:1", NULL,
     "manifest.json has no image z:1"},
    {"layout and manifest.json disagree", "fixtures/image/bad/hybrid.oci.tar", NULL, NULL,
     "index.json and manifest.json disagree"},
};

CASES(scanner_image_image, chooses, choice_cases)
{
    const struct choice_case *c = &choice_cases[*case_index];
    struct scanned s;

    scan(&s, c->path, c->ref, c->params);
    cr_expect_eq(s.ok, c->error[0] == '\0', "%s: %s", c->what, s.e.text);
    cr_expect_eq(strncmp(s.e.text, c->error, strlen(c->error)), 0, "%s: got '%s'", c->what,
                 s.e.text);
    if (s.ok) {
        cr_expect_eq(s.facts.nsubjects, 1u, "%s", c->what);
        cr_expect_eq(gaps(&s), 0u, "%s", c->what);
    }
    arena_release(&s.arena);
}

struct broken_case {
    const char *what, *path, *reason; /* of a gap */
    size_t ngaps;
};

static const struct broken_case broken_cases[] = {
    {"garbled layer", "fixtures/image/bad/garbled-layer.oci.tar", "checksum", 2},
    {"missing layer", "fixtures/image/bad/missing-layer.oci.tar", "no file named blobs/", 1},
    {"wrong diff id", "fixtures/image/bad/diff-id.oci.tar", "the diff id is sha256:c70b4de8", 2},
    {"paths that escape", "fixtures/image/bad/escape.oci.tar", "runtimes would refuse", 1},
};

CASES(scanner_image_image, what_is_broken_is_a_gap, broken_cases)
{
    const struct broken_case *c = &broken_cases[*case_index];
    bool found = false;
    struct scanned s;

    scan(&s, c->path, NULL, NULL);
    cr_assert(s.ok, "%s: %s", c->what, s.e.text);
    cr_expect_eq(gaps(&s), c->ngaps, "%s: %zu gaps", c->what, gaps(&s));
    for (size_t i = 0; i < s.facts.ncoverage; i++)
        found = found || (s.facts.coverage[i].reason != NULL &&
                          strstr(s.facts.coverage[i].reason, c->reason) != NULL);
    cr_expect(found, "%s: no gap says '%s'", c->what, c->reason);
    cr_expect_not(value_true(value_get(fact(&s, "image.tree", NULL, NULL), "complete")), "%s",
                  c->what);
    arena_release(&s.arena);
}

Test(scanner_image_image, the_other_layers_are_read_all_the_same)
{
    struct scanned s;

    scan(&s, "fixtures/image/bad/garbled-layer.oci.tar", NULL, NULL);
    cr_expect_not_null(fact(&s, "image.secret", "kind", "aws-access-key-id"));
    cr_expect_not_null(fact(&s, "image.file", "path", "/bin/ping"));
    arena_release(&s.arena);
}

Test(scanner_image_image, signatures_beside_the_image)
{
    const struct value *c;
    struct scanned s;

    scan(&s, "fixtures/image/good/signed.oci.tar", "signed", NULL);
    cr_assert(s.ok, "%s", s.e.text);
    cr_expect_eq(count(&s, "image.signature.candidate"), 1u);
    c = fact(&s, "image.signature.candidate", NULL, NULL);
    cr_expect_str_eq(value_cstr(value_get(c, "kind"), ""), "simple-signing");
    cr_expect_str_eq(value_cstr(value_get(c, "signature_base64"), ""), "TUVVQw==");
    cr_expect_str_eq(value_cstr(value_get(c, "manifest_digest"), ""), s.facts.subjects[0].digest);
    cr_expect_eq(count(&s, "image.referrer"), 1u);
    arena_release(&s.arena);
}

Test(scanner_image_image, build_attestations_are_referrers)
{
    const struct value *r;
    struct scanned s;

    scan(&s, MULTI, NULL, NULL);
    r = fact(&s, "image.referrer", NULL, NULL);
    cr_expect_str_eq(value_cstr(value_get(r, "artifact_type"), ""),
                     "application/vnd.docker.attestation.manifest.v1+json");
    cr_expect_str_eq(value_cstr(value_get(r, "subject_digest"), ""), s.facts.subjects[0].digest);
    arena_release(&s.arena);
}

Test(scanner_image_image, paths_that_escape_are_told)
{
    const struct value *f;
    struct scanned s;

    scan(&s, "fixtures/image/bad/escape.oci.tar", NULL, NULL);
    f = fact(&s, "image.file", "path", "../../etc/cron.d/x");
    cr_expect(value_true(value_get(f, "escape")));
    cr_expect_null(fact(&s, "image.file", "path", "/etc/cron.d/x"));
    arena_release(&s.arena);
}

/* No fact of the set holds the secrets of the fixture. */
Test(scanner_image_image, secrets_are_not_told)
{
    struct scanned s;

    scan(&s, THREE, NULL, NULL);
    for (size_t i = 0; i < s.facts.nfacts; i++)
        for (size_t k = 0; k < value_len(s.facts.facts[i].attributes); k++) {
            const char *text = value_cstr(s.facts.facts[i].attributes->as.members[k].value, "");

            cr_expect_null(strstr(text, "Q3EGZ7T5LWXN2RUV"));
            cr_expect_null(strstr(text, "correct7horse9"));
        }
    arena_release(&s.arena);
}
