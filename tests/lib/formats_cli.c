/*
 * formats_cli: what the model scanner tells of files, for the scripts of
 * tests/interop and fixtures.
 *   formats_cli [-i IMPORTS.yaml] PATH...   facts and ledger lines, one JSON object a line
 *   formats_cli -p    a server: reads u32le length + pickle, answers u32le length and texts, each
 *                     as u32le length + bytes: for each import its module and its name, as written
 *                     (both empty when it is not resolved), and one byte, its uses; for each
 *                     anomaly nothing, its name, and nothing
 * It runs without a sandbox: for tests only.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json_out.h"
#include "base/yaml.h"
#include "scanner/formats/format.h"
#include "scanner/formats/pickle/pickle.h"

static void print_value(const struct value *v)
{
    struct json_out o;
    struct buf b;

    buf_init(&b, 64u << 20);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, v);
    fwrite(b.data, 1, b.len, stdout);
    putchar('\n');
    buf_release(&b);
}

static int print_all(struct facts *f, struct arena *a)
{
    facts_sort(f);
    for (size_t i = 0; i < f->nfacts; i++)
        print_value(facts_resource(&f->facts[i], a));
    for (size_t i = 0; i < f->ncoverage; i++)
        print_value(facts_coverage_value(&f->coverage[i], a));
    for (size_t i = 0; i < f->nnotices; i++)
        printf("{\"notice\": \"%s\"}\n", f->notices[i].text);
    return 0;
}

static int scan_path(const char *path, const struct imports *imports)
{
    struct format_run run = {.imports = imports};
    struct arena a, scratch;
    struct facts facts;
    struct sink sink;
    struct stat st;
    struct err e = {0};
    struct format_input in = {.path = path, .sink = &sink, .scratch = &scratch, .run = &run};
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0)
        return fprintf(stderr, "formats_cli: %s: %s\n", path, strerror(errno)), 1;
    arena_init(&a);
    arena_init(&scratch);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = path;
    in.bytes = source_fd(fd, 0, (uint64_t)st.st_size);
    if (!format_scan(&in, &e))
        fprintf(stderr, "formats_cli: %s: %s\n", path, e.text);
    source_free(in.bytes);
    print_all(&facts, &a);
    arena_release(&scratch);
    arena_release(&a);
    return 0;
}

static void answer(struct pickle *p)
{
    struct buf b;
    uint32_t n;

    buf_init(&b, 64u << 20);
    for (size_t i = 0; i < p->table.n; i++) {
        const struct pickle_import *x = &p->table.items[i];

        const struct slice module = x->resolved ? x->module : SLICE_LIT("");
        const struct slice name = x->resolved ? x->name : SLICE_LIT("");

        buf_u32le(&b, (uint32_t)module.len);
        buf_put(&b, module);
        buf_u32le(&b, (uint32_t)name.len);
        buf_put(&b, name);
        buf_u32le(&b, 1);
        buf_u8(&b, x->uses);
    }
    for (size_t i = 0; i < PICKLE_ANOMALIES; i++)
        if (pickle_vm_has(&p->vm, (enum pickle_anomaly)i)) {
            const struct slice name = slice_str(pickle_vm_anomaly((enum pickle_anomaly)i));

            buf_u32le(&b, 0);
            buf_u32le(&b, (uint32_t)name.len);
            buf_put(&b, name);
            buf_u32le(&b, 0);
        }
    n = (uint32_t)b.len;
    fwrite(&n, 4, 1, stdout);
    if (n > 0)
        fwrite(b.data, 1, n, stdout);
    fflush(stdout);
    buf_release(&b);
}

static int serve(void)
{
    static const struct pickle_span all = {0, 0};
    uint32_t n;

    while (fread(&n, 4, 1, stdin) == 1 && n < (64u << 20)) {
        uint8_t *bytes = malloc(n + 1u);
        struct arena a;
        struct feed feed;
        struct err e = {0};
        struct pickle p;
        struct format_input in = {.scratch = &a};

        if (bytes == NULL || (n > 0 && fread(bytes, 1, n, stdin) != n))
            return free(bytes), 1;
        arena_init(&a);
        in.bytes = source_memory((struct slice){bytes, n});
        feed_init(&feed, in.bytes, false);
        in.feed = &feed;
        (void)!pickle_scan(&in, &all, &p, &e);
        answer(&p);
        pickle_release(&p);
        feed_release(&feed);
        source_free(in.bytes);
        arena_release(&a);
        free(bytes);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct imports *imports = NULL;
    const struct yaml_options plain = {0};
    const struct value *v;
    struct arena a;
    struct slice text;
    struct err e = {0};
    int at = 1, bad = 0;

    if (argc > 1 && strcmp(argv[1], "-p") == 0)
        return serve();
    arena_init(&a);
    if (argc > 2 && strcmp(argv[1], "-i") == 0) {
        if (!file_read(argv[2], 1u << 20, &a, &text, &e) || !yaml_read(text, &plain, &a, &v, &e) ||
            !imports_load(v, &a, &imports, &e))
            return fprintf(stderr, "formats_cli: %s: %s\n", argv[2], e.text), 2;
        at = 3;
    }
    for (; at < argc; at++)
        bad |= scan_path(argv[at], imports);
    arena_release(&a);
    return bad;
}
