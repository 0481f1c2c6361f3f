#include "gate/scan.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/limits.h"
#include "gate/data.h"
#include "gate/progress.h"
#include "gate/say.h"

#define THREAD_BYTES ((uint64_t)1 << 20) /* less is hashed in a millisecond */

struct scan_part {
    struct arena arena;
    struct facts facts;
    struct sandbox_report sandbox;
    bool transient, ran;
};

struct pool {
    const struct gate_config *config;
    const struct trust *trust;
    const struct data *data;
    struct scan *scan;
    struct worker_spare *spare;
    struct progress progress;
    atomic_size_t next;
};

static bool ends_with(const char *s, const char *end)
{
    return slice_ends(slice_str(s), end);
}

const char *scan_job_of(const struct gate_subject *s)
{
    static const char *const images[] = {"oci:", "oci-archive:", "docker-archive:", NULL};
    static const char *const texts[] = {".json", ".yaml",   ".yml",     ".template",
                                        ".tf",   ".tfplan", ".tfstate", NULL};

    if (s->kind != NULL)
        return strcmp(s->kind, "image") == 0   ? "image"
               : strcmp(s->kind, "model") == 0 ? "model"
                                               : "config";
    for (size_t i = 0; images[i] != NULL; i++)
        if (slice_starts(slice_str(s->spec), images[i]))
            return "image";
    for (size_t i = 0; texts[i] != NULL; i++)
        if (ends_with(s->spec, texts[i]) && !slice_starts(slice_str(s->spec), "dir:"))
            return "config";
    return "model";
}

/* Does the ledger say this of the subject already? The worker's own words come back with names in
 * front. */
static bool told(const struct scan_part *p, const char *name, const struct err *e)
{
    for (size_t i = 0; i < p->facts.ncoverage; i++) {
        const struct coverage *c = &p->facts.coverage[i];

        if (strcmp(c->subject, name) == 0 && c->status == COVERAGE_UNREADABLE &&
            c->reason != NULL && ends_with(e->text, c->reason))
            return true;
    }
    return false;
}

/* The subject could not be opened, or its reading ended early: the ledger says so. */
static void gap(struct scan_part *p, const struct gate_subject *s, const struct err *e)
{
    struct sink sink;
    const struct coverage line = {
        .subject = s->spec, .input = s->spec, .format = "unknown", .status = COVERAGE_UNREADABLE};
    const struct subject subject = {
        .name = s->spec, .kind = s->kind != NULL ? s->kind : scan_job_of(s), .uri = s->spec};

    sink_to_facts(&sink, &p->facts);
    sink.subject_name = sink.input_name = s->spec;
    if (!told(p, s->spec, e))
        sink_gap(&sink, &line, e);
    facts_subject(&p->facts, &subject);
}

static const struct value *text_list(const char *const *texts, struct arena *a)
{
    struct value_builder list;

    value_list_begin(&list, a);
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        value_list_add(&list, value_bytes(a, slice_str(texts[i]), NULL));
    return value_list_end(&list, NULL);
}

/* Threads that hash beside the parser: one a file, as many as there are processors. Small models
 * are hashed sooner than a thread is made. */
static uint32_t threads_of(const struct pool *pool, const struct input *in, const char *job)
{
    uint64_t bytes = 0;
    size_t files = 0, cpus = 0;
    cpu_set_t mine;

    if (sched_getaffinity(0, sizeof(mine), &mine) == 0)
        cpus = (size_t)CPU_COUNT(&mine);
    if (strcmp(job, "model") != 0 || cpus < 2 ||
        (pool->config->hash != NULL && strcmp(pool->config->hash, "none") == 0))
        return 0;
    for (size_t i = 0; i < in->nentries; i++)
        if (in->entries[i].kind == ENTRY_FILE) {
            files++;
            bytes += in->entries[i].size;
        }
    if (bytes < THREAD_BYTES)
        return 0;
    return (uint32_t)(files < cpus ? files : cpus);
}

static const struct value *params_of(const struct pool *pool, const struct gate_subject *s,
                                     const char *job, struct arena *a)
{
    const struct value *catalogue = pool->trust->catalogue;
    const struct gate_config *c = pool->config;
    struct value_builder b, empty;

    value_list_begin(&empty, a);
    value_map_begin(&b, a);
    if (strcmp(job, "image") == 0) {
        value_map_add(&b, "catalogue",
                      catalogue != NULL ? catalogue : value_list_end(&empty, NULL));
        value_map_add(&b, "paths", pool->data->paths);
        if (s->platform != NULL)
            value_map_add(&b, "platform", value_str(a, s->platform));
    } else if (strcmp(job, "model") == 0) {
        value_map_add(&b, "imports", pool->data->imports);
        value_map_add(&b, "hash", value_str(a, c->hash != NULL ? c->hash : "files"));
        value_map_add(&b, "ignore", text_list(c->ignore, a));
    } else {
        if (s->kind != NULL && strcmp(s->kind, "config") != 0)
            value_map_add(&b, "kind", value_str(a, s->kind));
        if (c->before)
            value_map_add(&b, "side", value_str(a, "before"));
        if (s->parameters != NULL)
            value_map_add(&b, "parameters", s->parameters);
        value_map_add(&b, "taxonomy", pool->data->taxonomy);
    }
    return value_map_end(&b, NULL);
}

static bool named(const struct scan_part *p, const char *name)
{
    for (size_t i = 0; i < p->facts.nsubjects; i++)
        if (strcmp(p->facts.subjects[i].name, name) == 0)
            return true;
    return false;
}

static void scan_one(struct pool *pool, size_t i)
{
    const struct gate_subject *s = &pool->config->subjects[i];
    struct scan_part *p = &pool->scan->parts[i];
    struct gate_subject opened = *s;
    const char *job;
    struct progress_part part = {&pool->progress, i};
    struct input in = {.root = -1};
    struct err e = {0};

    if (!input_open(s->open, &p->arena, &in, &e)) {
        gap(p, s, &e);
        return;
    }
    opened.spec = in.spec; /* a bare path has the prefix that was found */
    job = scan_job_of(&opened);
    if (in.guessed && s->kind == NULL)
        progress_note(&pool->progress, "%s: read as %s %s, %s", s->spec,
                      strcmp(job, "image") == 0 ? "an" : "a", job, in.spec);
    const struct worker_job work = {
        .name = job,
        .subject = s->spec,
        .input = &in,
        .params = params_of(pool, s, job, &p->arena),
        .sandbox = pool->config->sandbox,
        .spare = pool->spare,
        .threads = threads_of(pool, &in, job),
        .memory_bytes = strcmp(job, "config") == 0 ? LIMIT_WORKER_PLAN_MEMORY : 0,
        .progress = progress_step,
        .progress_ctx = &part,
    };
    if (!worker_run(&work, &p->facts, &p->sandbox, &e)) {
        p->transient = e.code == ERR_TRANSIENT;
        progress_note(&pool->progress, "%s", e.text); /* which names the subject */
        if (!named(p, s->spec))
            gap(p, s, &e);
    }
    p->ran = true;
    input_release(&in);
}

static void *work(void *arg)
{
    struct pool *pool = arg;
    size_t i;

    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->config->nsubjects)
        scan_one(pool, i);
    return NULL;
}

static void run_all(struct pool *pool)
{
    pthread_t threads[16];
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t want = cpus > 1 ? (size_t)cpus : 1, n = 0;

    if (want > ARRAY_LEN(threads))
        want = ARRAY_LEN(threads);
    if (want > pool->config->nsubjects)
        want = pool->config->nsubjects;
    while (n + 1 < want && pthread_create(&threads[n], NULL, work, pool) == 0)
        n++;
    work(pool); /* this thread works too, and alone when no other could be made */
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

static void weaken(struct sandbox_report *all, const struct sandbox_report *one, bool first)
{
    if (first) {
        *all = *one;
        return;
    }
    all->seccomp &= one->seccomp;
    all->no_new_privs &= one->no_new_privs;
    all->rlimits &= one->rlimits;
    all->empty_environment &= one->empty_environment;
    if (one->landlock_abi < all->landlock_abi)
        all->landlock_abi = one->landlock_abi;
}

/* The array of the first part that has any is taken as it is: it has the room that its count says,
 * and grows like one of ours. */
#define APPEND(a, to, part, field, count)                                                          \
    do {                                                                                           \
        if ((to)->count == 0) {                                                                    \
            (to)->field = (part)->field;                                                           \
            (to)->count = (part)->count;                                                           \
            break;                                                                                 \
        }                                                                                          \
        for (size_t append_i = 0; append_i < (part)->count; append_i++) {                          \
            void *slot = ARENA_PUSH(a, &(to)->field, &(to)->count);                                \
                                                                                                   \
            memcpy(slot, &(part)->field[append_i], sizeof(*(part)->field));                        \
        }                                                                                          \
    } while (0)

/* Joins the parts without copying what they point to: their arenas live as long as the scan. */
static void join(struct scan *s, struct arena *a)
{
    bool first = true;

    for (size_t i = 0; i < s->nparts; i++) {
        const struct facts *part = &s->parts[i].facts;

        APPEND(a, &s->facts, part, facts, nfacts);
        APPEND(a, &s->facts, part, coverage, ncoverage);
        APPEND(a, &s->facts, part, notices, nnotices);
        APPEND(a, &s->facts, part, subjects, nsubjects);
        s->transient |= s->parts[i].transient;
        if (s->parts[i].ran) {
            weaken(&s->sandbox, &s->parts[i].sandbox, first);
            first = false;
        }
    }
    facts_sort(&s->facts);
}

bool scan_run(const struct scan_from *from, struct arena *a, struct scan *out, struct err *e)
{
    const struct gate_config *c = from->config;
    struct data data;
    struct pool pool = {
        .config = c, .trust = from->trust, .data = &data, .scan = out, .spare = from->spare};

    *out = (struct scan){0};
    facts_init(&out->facts, a);
    if (!data_read(c->rules_dir, a, &data, e))
        return false;
    out->parts = ARENA_ARRAY(a, struct scan_part, c->nsubjects);
    out->nparts = c->nsubjects;
    for (size_t i = 0; i < out->nparts; i++) {
        arena_init(&out->parts[i].arena);
        facts_init(&out->parts[i].facts, &out->parts[i].arena);
    }
    progress_begin(&pool.progress, c->nsubjects, a);
    atomic_init(&pool.next, 0);
    run_all(&pool);
    progress_end(&pool.progress);
    join(out, a);
    return true;
}

void scan_release(struct scan *s)
{
    for (size_t i = 0; i < s->nparts; i++)
        arena_release(&s->parts[i].arena);
    s->nparts = 0;
}
