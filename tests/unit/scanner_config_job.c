/* The job over a file and over a folder. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "scanner/config/config.h"

#define PIPELINE "pipeline_type: t\nproject_name: p\n"

struct run {
    struct arena arena;
    struct facts facts;
    struct input in;
    struct err e;
    char folder[64];
    bool ok;
};

static void put(const struct run *r, const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", r->folder, name);
    cr_assert(file_write(path, slice_str(text), 0600, &(struct err){0}), "%s", path);
}

static void begin(struct run *r)
{
    memset(r, 0, sizeof(*r));
    snprintf(r->folder, sizeof(r->folder), "/tmp/scanner_config_job.XXXXXX");
    cr_assert_not_null(mkdtemp(r->folder));
    arena_init(&r->arena);
    facts_init(&r->facts, &r->arena);
}

static void run(struct run *r, const char *spec, const char *params)
{
    const struct value *map;
    struct sink sink = {0};
    struct worker *w;
    struct err e = {0};

    sink_to_facts(&sink, &r->facts);
    sink.subject_name = sink.input_name = "input";
    cr_assert(json_read(slice_str(params), &r->arena, &map, &e), "%s", e.text);
    cr_assert(input_open(spec, &r->arena, &r->in, &e), "%s", e.text);
    w = worker_local(&r->in, map, &sink);
    r->ok = config_job(w, &r->e);
    worker_local_free(w);
    input_release(&r->in);
}

static void end(struct run *r)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", r->folder);
    cr_expect_eq(system(command), 0);
    arena_release(&r->arena);
}

static const struct coverage *line(const struct run *r, const char *path)
{
    for (size_t i = 0; i < r->facts.ncoverage; i++)
        if (r->facts.coverage[i].path != NULL && strcmp(r->facts.coverage[i].path, path) == 0)
            return &r->facts.coverage[i];
    return NULL;
}

Test(scanner_config_job, a_file_has_its_own_digest)
{
    struct run r;
    char spec[160], want[DIGEST_TEXT_MAX];
    struct digest d;

    begin(&r);
    put(&r, "p.yaml", PIPELINE);
    snprintf(spec, sizeof(spec), "file:%s/p.yaml", r.folder);
    run(&r, spec, "{\"kind\":\"pipeline\"}");
    digest_of(slice_str(PIPELINE), DIGEST_SHA256, &d);
    digest_text(&d, want);
    cr_assert(r.ok, "%s", r.e.text);
    cr_assert_eq(r.facts.nsubjects, 1);
    cr_expect_str_eq(r.facts.subjects[0].kind, "pipeline");
    cr_expect_str_eq(r.facts.subjects[0].digest, want);
    cr_assert_eq(r.facts.ncoverage, 1);
    cr_expect_null(r.facts.coverage[0].path);
    cr_expect_str_eq(r.facts.coverage[0].digest, want);
    cr_expect_eq(r.facts.nfacts, 1);
    end(&r);
}

Test(scanner_config_job, a_file_that_is_wrong_is_a_gap)
{
    struct run r;
    char spec[160];

    begin(&r);
    put(&r, "p.yaml", "pipeline_type: [");
    snprintf(spec, sizeof(spec), "file:%s/p.yaml", r.folder);
    run(&r, spec, "{\"kind\":\"pipeline\"}");
    cr_expect(r.ok, "%s", r.e.text);
    cr_assert_eq(r.facts.ncoverage, 1);
    cr_expect_eq(r.facts.coverage[0].status, COVERAGE_UNREADABLE);
    cr_expect_eq(r.facts.coverage[0].unread, 16);
    cr_expect_gt(r.facts.coverage[0].line, 0);
    cr_expect_eq(r.facts.nfacts, 0);
    cr_expect_eq(r.facts.nsubjects, 1);
    end(&r);
}

Test(scanner_config_job, a_folder_is_read_by_name_and_accounts_for_the_rest)
{
    static const char policy[] =
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}}";
    struct run r;
    char spec[160], lines[1024], want[DIGEST_TEXT_MAX], link[160];
    struct digest d;
    size_t n = 0;
    static const struct {
        const char *name, *text;
    } files[] = {{"a.json", policy}, {"b.yaml", PIPELINE}, {"notes.txt", "hello"}};

    begin(&r);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        put(&r, files[i].name, files[i].text);
        digest_of(slice_str(files[i].text), DIGEST_SHA256, &d);
        digest_text(&d, want);
        n += (size_t)snprintf(lines + n, sizeof(lines) - n, "%s  %s\n", want, files[i].name);
    }
    snprintf(spec, sizeof(spec), "dir:%s", r.folder);
    run(&r, spec, "{}");
    digest_of((struct slice){(const uint8_t *)lines, n}, DIGEST_SHA256, &d);
    digest_text(&d, want);
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect_eq(r.facts.nfacts, 3); /* a policy, its statement, a pipeline */
    cr_assert_eq(r.facts.nsubjects, 1);
    cr_expect_str_eq(r.facts.subjects[0].digest, want);
    cr_expect_str_eq(r.facts.subjects[0].kind, "iam");
    cr_assert_not_null(line(&r, "notes.txt"));
    cr_expect_eq(line(&r, "notes.txt")->status, COVERAGE_IGNORED);
    cr_assert_not_null(line(&r, "b.yaml"));
    cr_expect_eq(line(&r, "b.yaml")->status, COVERAGE_READ);
    end(&r);
    /* a link that may stand for a document is a gap, and the folder has no digest */
    begin(&r);
    put(&r, "a.json", policy);
    snprintf(link, sizeof(link), "%s/z.json", r.folder);
    cr_assert_eq(symlink("/etc/passwd", link), 0);
    snprintf(spec, sizeof(spec), "dir:%s", r.folder);
    run(&r, spec, "{}");
    cr_assert(r.ok, "%s", r.e.text);
    cr_assert_not_null(line(&r, "z.json"));
    cr_expect_eq(line(&r, "z.json")->status, COVERAGE_UNREADABLE);
    cr_expect_null(r.facts.subjects[0].digest);
    end(&r);
}

Test(scanner_config_job, a_folder_without_documents_is_an_error)
{
    struct run r;
    char spec[160];

    begin(&r);
    put(&r, "notes.txt", "hello");
    snprintf(spec, sizeof(spec), "dir:%s", r.folder);
    run(&r, spec, "{}");
    cr_expect(!r.ok);
    cr_expect_eq(r.e.code, ERR_USAGE);
    end(&r);
}

Test(scanner_config_job, parameters_and_the_taxonomy_reach_the_document)
{
    struct run r;
    char spec[160];

    begin(&r);
    put(&r, "t.json",
        "{\"Parameters\":{\"P\":{\"Type\":\"String\"}},\"Resources\":{\"R\":{\"Type\":\"A::B::C\","
        "\"Properties\":{\"V\":{\"Fn::Sub\":\"${P}-${AWS::Region}\"}}}}}");
    snprintf(spec, sizeof(spec), "file:%s/t.json", r.folder);
    run(&r, spec,
        "{\"kind\":\"cloudformation\",\"parameters\":{\"P\":\"x\",\"AWS::Region\":\"eu-west-1\"}}");
    cr_assert(r.ok, "%s", r.e.text);
    cr_expect(slice_is(value_text(value_get(r.facts.facts[0].attributes, "V")), "x-eu-west-1"));
    end(&r);
    begin(&r);
    put(&r, "c.yaml",
        "apiVersion: sallyport/v1\nkind: DataCatalog\ndatasets:\n"
        "  - {name: d, uri: 's3://b/', class: public, categories: [pci.pan, pci.pam]}\n");
    snprintf(spec, sizeof(spec), "file:%s/c.yaml", r.folder);
    run(&r, spec, "{\"kind\":\"catalog\",\"taxonomy\":[\"pci.pan\"]}");
    cr_assert_eq(r.facts.ncoverage, 1);
    cr_expect_str_eq(r.facts.coverage[0].reason, "category 'pci.pam' is not in the taxonomy");
    cr_expect_eq(r.facts.coverage[0].line, 4);
    end(&r);
}
