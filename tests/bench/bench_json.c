/*
 * json_read against jansson on the same text, made here: resource changes like those of a Terraform
 * plan. Prints bytes a second and the ratio. usage: bench_json [MEGABYTES]
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "base/checked.h"
#include "base/json.h"

#include <jansson.h>

#define ROUNDS 5

static void put_resource(struct buf *b, unsigned i)
{
    static const char *const types[] = {"aws_s3_bucket", "aws_iam_role", "aws_kms_key",
                                        "aws_sagemaker_notebook_instance"};

    buf_printf(b,
               "%s{\"address\":\"module.ml[%u].%s.this\",\"module_address\":\"module.ml[%u]\","
               "\"mode\":\"managed\",\"type\":\"%s\",\"name\":\"this\",\"index\":%u,"
               "\"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"change\":{\"actions\":"
               "[\"create\"],\"before\":null,\"after\":{",
               i > 0 ? "," : "", i, types[i % 4], i, types[i % 4], i);
    buf_printf(b,
               "\"bucket\":\"ml-data-%u\",\"force_destroy\":false,\"tags\":{\"Name\":\"data-%u\","
               "\"Environment\":\"prod\",\"Owner\":\"ml-platform\"},\"timeouts\":null,"
               "\"kms_master_key_id\":\"arn:aws:kms:eu-central-1:123456789012:key/%08x-0000-4000\","
               "\"volume_size\":%u,\"ratio\":0.%02u,\"ingress\":[{\"from_port\":443,"
               "\"to_port\":443,\"protocol\":\"tcp\",\"cidr_blocks\":[\"10.0.0.0/8\"],"
               "\"self\":false}],",
               i, i, i, i % 500, i % 100);
    buf_printf(b, "\"policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{"
                  "\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"s3:GetObject\\\"],"
                  "\\\"Resource\\\":\\\"arn:aws:s3:::ml-data/*\\\"}]}\"},"
                  "\"after_unknown\":{\"arn\":true,\"id\":true,\"region\":true,\"tags\":{}},"
                  "\"before_sensitive\":false,\"after_sensitive\":{\"tags\":{}}}}");
}

static void make_plan(struct buf *b, size_t bytes)
{
    buf_str(b,
            "{\"format_version\":\"1.2\",\"terraform_version\":\"1.7.5\",\"resource_changes\":[");
    for (unsigned i = 0; b->len < bytes; i++)
        put_resource(b, i);
    buf_str(b, "]}\n");
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool ours(struct slice text)
{
    const struct value *v;
    struct err e = {.code = ERR_NONE};
    struct arena a;
    bool done;

    arena_init(&a);
    done = json_read(text, &a, &v, &e);
    if (!done)
        fprintf(stderr, "json_read: %s\n", e.text);
    arena_release(&a);
    return done;
}

static bool theirs(struct slice text)
{
    json_error_t e;
    json_t *j = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &e);

    if (j == NULL)
        fprintf(stderr, "jansson: %s\n", e.text);
    json_decref(j);
    return j != NULL;
}

/* The best of some rounds, in MB/s; 0 after a failure. The release is part of it. */
static double best(bool (*read)(struct slice), struct slice text, int rounds)
{
    double least = 1e9;

    for (int i = 0; i < rounds; i++) {
        const double from = now();

        if (!read(text))
            return 0;
        least = now() - from < least ? now() - from : least;
    }
    return (double)text.len / least / 1e6;
}

static long peak_kib(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss;
}

int main(int argc, char **argv)
{
    uint64_t megabytes = 80;
    double fast, slow;
    struct buf b;
    long before;

    if (argc > 1 && !checked_u64(slice_str(argv[1]), 1000, &megabytes))
        return fprintf(stderr, "usage: bench_json [MEGABYTES]\n"), 2;
    buf_init(&b, SIZE_MAX / 2);
    make_plan(&b, (size_t)megabytes * 1000000);
    before = peak_kib();
    fast = best(ours, buf_slice(&b), ROUNDS);
    printf("json_read  %7.0f MB/s  peak %ld MiB above the text of %zu MB\n", fast,
           (peak_kib() - before) / 1024, b.len / 1000000);
    slow = best(theirs, buf_slice(&b), 1);
    printf("jansson    %7.0f MB/s\n", slow);
    printf("ratio      %7.1f\n", slow > 0 ? fast / slow : 0);
    buf_release(&b);
    return fast > 0 && slow > 0 ? 0 : 1;
}
