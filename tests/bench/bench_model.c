/*
 * A torch zip of about 1 GB, made here with holes for tensors: how long judging its bytes takes
 * inside a process, without digests and with them, beside SHA-256 alone over the same file.
 * usage: bench_model [MEMBERS [MEMBER_BYTES]]
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <isa-l/crc.h>

#include "base/buf.h"
#include "base/checked.h"
#include "base/digest.h"
#include "scanner/formats/model.h"
#include "scanner/input/source.h"

#define ROUNDS 9

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may be busy beside us */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the file ---- */
struct maker {
    int fd;
    uint64_t at;
    struct buf directory;
    uint16_t members;
};

static void put_u16(struct buf *b, uint16_t v)
{
    buf_u8(b, (uint8_t)v);
    buf_u8(b, (uint8_t)(v >> 8));
}

static void put_text(struct buf *b, const char *text)
{
    buf_u8(b, 'X');
    buf_u32le(b, (uint32_t)strlen(text));
    buf_str(b, text);
}

static void put_int(struct buf *b, uint32_t n)
{
    buf_u8(b, 'J');
    buf_u32le(b, n);
}

/* What torch.save writes of a dictionary of tensors, protocol 2. */
static void make_pickle(struct buf *b, unsigned n, uint32_t elements)
{
    char text[32];

    buf_put(b, SLICE_LIT("\x80\x02}("));
    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(text, sizeof(text), "layer%u.weight", i);
        put_text(b, text);
        buf_str(b, "ctorch._utils\n_rebuild_tensor_v2\n((");
        put_text(b, "storage");
        buf_str(b, "ctorch\nFloatStorage\n");
        (void)snprintf(text, sizeof(text), "%u", i);
        put_text(b, text);
        put_text(b, "cpu");
        put_int(b, elements);
        buf_str(b, "tQK");
        buf_u8(b, 0);
        put_int(b, elements);
        buf_put(b, SLICE_LIT("\x85K\x01\x85\x89"
                             "ccollections\nOrderedDict\n)RtR"));
    }
    buf_str(b, "u.");
}

static void put_head(struct buf *b, uint32_t crc, uint32_t bytes, const char *name)
{
    for (int i = 0; i < 4; i++) /* flags, method, time, day */
        put_u16(b, i == 3 ? 0x21 : 0);
    buf_u32le(b, crc);
    buf_u32le(b, bytes);
    buf_u32le(b, bytes);
    put_u16(b, (uint16_t)strlen(name));
}

static bool write_at(int fd, struct slice s, uint64_t at)
{
    return pwrite(fd, s.data, s.len, (off_t)at) == (ssize_t)s.len;
}

/* A stored member; without `data` a hole. Its data begins at a multiple of 64, as torch has it. */
static bool add(struct maker *m, const char *name, struct slice data, uint32_t hole, uint32_t crc)
{
    const uint32_t bytes = data.len > 0 ? (uint32_t)data.len : hole;
    const uint16_t pad = (uint16_t)(64 - (m->at + 34 + strlen(name)) % 64);
    struct buf b;
    bool ok;

    buf_init(&b, 4096);
    buf_u32le(&b, 0x04034b50);
    put_u16(&b, 20);
    put_head(&b, crc, bytes, name);
    put_u16(&b, (uint16_t)(4 + pad));
    buf_str(&b, name);
    put_u16(&b, 0x4246);
    put_u16(&b, pad);
    for (unsigned i = 0; i < pad; i++)
        buf_u8(&b, 'Z');
    buf_u32le(&m->directory, 0x02014b50);
    put_u16(&m->directory, 20);
    put_u16(&m->directory, 20);
    put_head(&m->directory, crc, bytes, name);
    for (int i = 0; i < 6; i++) /* extra, comment, disk, attributes */
        put_u16(&m->directory, 0);
    buf_u32le(&m->directory, (uint32_t)m->at);
    buf_str(&m->directory, name);
    ok = write_at(m->fd, buf_slice(&b), m->at) &&
         (data.len == 0 || write_at(m->fd, data, m->at + b.len));
    m->at += b.len + bytes;
    m->members++;
    buf_release(&b);
    return ok;
}

static bool finish(struct maker *m)
{
    const uint64_t at = m->at, bytes = m->directory.len;

    buf_u32le(&m->directory, 0x06054b50);
    buf_u32le(&m->directory, 0);
    put_u16(&m->directory, m->members);
    put_u16(&m->directory, m->members);
    buf_u32le(&m->directory, (uint32_t)bytes);
    buf_u32le(&m->directory, (uint32_t)at);
    put_u16(&m->directory, 0);
    m->at += m->directory.len;
    return write_at(m->fd, buf_slice(&m->directory), at);
}

static uint32_t crc_of(struct slice s)
{
    return crc32_gzip_refl(0, s.data, s.len);
}

static bool make(int fd, unsigned n, uint32_t bytes, uint64_t *len)
{
    struct maker m = {.fd = fd};
    uint8_t *zeros = calloc(1, bytes);
    const uint32_t crc = zeros == NULL ? 0 : crc_of((struct slice){zeros, bytes});
    struct buf pickle;
    char name[40];
    bool ok;

    buf_init(&pickle, 64u << 20);
    buf_init(&m.directory, 64u << 20);
    make_pickle(&pickle, n, bytes / 4);
    ok = add(&m, "archive/data.pkl", buf_slice(&pickle), 0, crc_of(buf_slice(&pickle)));
    for (unsigned i = 0; ok && i < n; i++) {
        (void)snprintf(name, sizeof(name), "archive/data/%u", i);
        ok = add(&m, name, (struct slice){NULL, 0}, bytes, crc);
    }
    ok = ok && add(&m, "archive/version", SLICE_LIT("3\n"), 0, crc_of(SLICE_LIT("3\n"))) &&
         finish(&m);
    *len = m.at;
    buf_release(&pickle);
    buf_release(&m.directory);
    free(zeros);
    return ok;
}

/* ---- judging it ---- */
static struct input_entry the_file = {.name = "model.pt", .kind = ENTRY_FILE};

static const struct input_entry *entry(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return &the_file;
}

static bool open_it(void *ctx, size_t i, int *fd, struct err *e)
{
    (void)i;
    (void)e;
    *fd = *(int *)ctx;
    return true;
}

static bool judge(int fd, const char *hash)
{
    struct arena a;
    struct facts facts;
    struct sink sink;
    struct value_builder b;
    struct err e = {0};
    bool ok;

    arena_init(&a);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "model.pt";
    value_map_begin(&b, &a);
    value_map_add(&b, "hash", value_str(&a, hash));
    const struct model_io io = {.ctx = &fd,
                                .n = 1,
                                .entry = entry,
                                .open = open_it,
                                .sink = &sink,
                                .params = value_map_end(&b, NULL)};

    ok = model_scan(&io, &e);
    for (size_t i = 0; i < facts.ncoverage; i++)
        if (facts.coverage[i].status == COVERAGE_PARTIAL ||
            facts.coverage[i].status == COVERAGE_UNREADABLE)
            ok = false,
            fprintf(stderr, "%s: %s\n", facts.coverage[i].path, facts.coverage[i].reason);
    arena_release(&a);
    return ok;
}

static bool without(int fd)
{
    return judge(fd, "none");
}

static bool with(int fd)
{
    return judge(fd, "files");
}

static bool members(int fd)
{
    return judge(fd, "members");
}

static bool digest_alone(int fd)
{
    struct source *s = source_fd(fd, 0, the_file.size);
    struct digest d;
    struct err e = {0};
    uint64_t len;
    bool ok = source_hash(s, &d, &len, &e);

    source_free(s);
    return ok;
}

/* The median of some rounds, in seconds; a failure ends the program. */
static double median(bool (*run)(int fd), int fd, int rounds)
{
    double walls[ROUNDS];

    if (!run(fd)) /* the first one warms up */
        exit(1);
    for (int i = 0; i < rounds; i++) {
        const double from = now();
        int at = i;

        if (!run(fd))
            exit(1);
        for (walls[i] = now() - from; at > 0 && walls[at - 1] > walls[at]; at--) {
            const double w = walls[at];

            walls[at] = walls[at - 1];
            walls[at - 1] = w;
        }
    }
    return walls[rounds / 2];
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/bench_model.XXXXXX";
    uint64_t n = 400, bytes = 2621440;
    struct rusage used;
    double floor;
    int fd;

    if ((argc > 1 && !checked_u64(slice_str(argv[1]), 1000, &n)) ||
        (argc > 2 && !checked_u64(slice_str(argv[2]), 4000000, &bytes)))
        return fprintf(stderr, "usage: bench_model [MEMBERS [MEMBER_BYTES]]\n"), 2;
    fd = mkstemp(path);
    if (fd < 0 || unlink(path) != 0 ||
        !make(fd, (unsigned)n, (uint32_t)bytes & ~3u, &the_file.size))
        return fprintf(stderr, "bench_model: cannot make the file\n"), 1;
    printf("torch zip  %7.0f MB, %" PRIu64 " members\n", (double)the_file.size / 1e6, n + 2);
    printf("no digests %7.2f ms\n", 1e3 * median(without, fd, ROUNDS));
    floor = median(digest_alone, fd, 3);
    printf("SHA-256    %7.1f ms\n", 1e3 * floor);
    printf("judged     %7.1f ms  ratio %.3f to SHA-256 alone\n", 1e3 * median(with, fd, 3),
           median(with, fd, 3) / floor);
    printf("members    %7.1f ms\n", 1e3 * median(members, fd, 3));
    getrusage(RUSAGE_SELF, &used);
    printf("peak       %7ld MiB\n", used.ru_maxrss / 1024);
    close(fd);
    return 0;
}
