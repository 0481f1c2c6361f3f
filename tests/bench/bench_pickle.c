/*
 * The pickle machine on opcodes and little else: rows of small integers, tuples and memoized short
 * strings, made here, or a file. Prints bytes and opcodes a second, and the ratio to SHA-256 of the
 * same bytes. usage: bench_pickle [FILE]
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "scanner/formats/pickle/pickle.h"

#define ROUNDS 5
#define WORDS 24
#define BYTES 31000000

static const char *const words[WORDS] = {
    "id",    "name", "x",    "y",     "z",     "score", "label", "epoch",
    "loss",  "step", "lr",   "batch", "layer", "bias",  "scale", "mean",
    "gamma", "beta", "seed", "fold",  "class", "split", "rank",  "size",
};

/* {"id": 7, "name": (1, 2, 513), ...}, the keys from the memo after their first time. */
static void put_row(struct buf *b, unsigned row)
{
    buf_put(b, SLICE_LIT("}("));
    for (unsigned i = 0; i < 8; i++) {
        const unsigned word = (row * 7 + i) % WORDS;

        buf_u8(b, 'h');
        buf_u8(b, (uint8_t)word);
        if (i % 4 == 3) {
            buf_put(b, SLICE_LIT("K\7M\1\2K\3\x87"));
        } else if (i % 4 == 1) {
            buf_put(b, SLICE_LIT("](K\1K\2K\5e"));
        } else {
            buf_u8(b, 'J');
            buf_u32le(b, row * 2654435761u);
        }
    }
    buf_u8(b, 'u');
}

static void make_rows(struct buf *b)
{
    buf_put(b, SLICE_LIT("\x80\x04]("));
    for (unsigned i = 0; i < WORDS; i++) {
        const struct slice w = slice_str(words[i]);

        buf_u8(b, 0x8c);
        buf_u8(b, (uint8_t)w.len);
        buf_put(b, w);
        buf_u8(b, 'q');
        buf_u8(b, (uint8_t)i);
    }
    for (unsigned i = 0; b->len < BYTES; i++)
        put_row(b, i);
    buf_put(b, SLICE_LIT("e."));
}

/* Of this process, so that others on the machine do not count. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static long peak_kib(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss;
}

/* Seconds of one scan; `*ops` is how many opcodes ran. */
static double scan(struct slice bytes, uint64_t *ops)
{
    static const struct pickle_span all = {0, 0};
    const double from = now();
    struct format_input in = {0};
    struct arena scratch;
    struct feed feed;
    struct pickle p;
    struct err e = {0};

    arena_init(&scratch);
    in.scratch = &scratch;
    in.bytes = source_memory(bytes);
    feed_init(&feed, in.bytes, false);
    in.feed = &feed;
    if (!pickle_scan(&in, &all, &p, &e) || p.broken)
        fprintf(stderr, "pickle_scan: %s\n", p.broken ? p.error.text : e.text);
    *ops = p.vm.opcodes;
    pickle_release(&p);
    feed_release(&feed);
    source_free(in.bytes);
    arena_release(&scratch);
    return now() - from;
}

static double hash(struct slice bytes)
{
    const double from = now();
    struct digest d;

    digest_of(bytes, DIGEST_SHA256, &d);
    return now() - from;
}

int main(int argc, char **argv)
{
    double least = 1e9, sum = 1e9;
    struct slice bytes;
    struct err e = {0};
    struct arena a;
    struct buf b;
    uint64_t ops = 0;
    long before;

    arena_init(&a);
    buf_init(&b, 2u * BYTES);
    make_rows(&b);
    bytes = buf_slice(&b);
    if (argc > 1 && !file_read(argv[1], 1u << 30, &a, &bytes, &e))
        return fprintf(stderr, "bench_pickle: %s\n", e.text), 2;
    before = peak_kib();
    for (int i = 0; i < ROUNDS; i++) {
        const double scanned = scan(bytes, &ops), hashed = hash(bytes);

        least = scanned < least ? scanned : least;
        sum = hashed < sum ? hashed : sum;
    }
    printf("pickle_scan %6.0f MB/s  %4.0f M opcodes/s  peak %ld MiB above the %zu MB\n",
           (double)bytes.len / least / 1e6, (double)ops / least / 1e6, (peak_kib() - before) / 1024,
           bytes.len / 1000000);
    printf("sha256      %6.0f MB/s\n", (double)bytes.len / sum / 1e6);
    printf("ratio       %6.2f\n", sum / least);
    buf_release(&b);
    arena_release(&a);
    return ops > 0 ? 0 : 1;
}
