#include "policies/iam/solve/iam_candidates.h"

#include <arpa/inet.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policies/iam/document/iam_literal.h"
#include "policies/iam/document/iam_variables.h"

enum iam_family iam_candidates_family(enum iam_operator op)
{
    if (op >= IAM_NUMERIC_EQUALS && op <= IAM_NUMERIC_GREATER_EQUALS)
        return IAM_FAMILY_NUMBER;
    if (op >= IAM_DATE_EQUALS && op <= IAM_DATE_GREATER_EQUALS)
        return IAM_FAMILY_DATE;
    if (op == IAM_BOOL)
        return IAM_FAMILY_BOOL;
    if (op == IAM_BINARY_EQUALS)
        return IAM_FAMILY_BINARY;
    return op == IAM_IP_ADDRESS || op == IAM_NOT_IP_ADDRESS ? IAM_FAMILY_NETWORK : IAM_FAMILY_TEXT;
}

/* The list that grows. */
struct list {
    struct arena *arena;
    struct slice *items;
    size_t n;
};

static void add(struct list *l, struct slice text)
{
    *(struct slice *)ARENA_PUSH(l->arena, &l->items, &l->n) = text;
}

static void add_str(struct list *l, const char *text)
{
    add(l, slice_str(text));
}

/* Calls back for each value of the policies, variables replaced where they are bound. */
typedef void value_fn(struct list *l, struct slice value, void *ctx);

static void each(const struct iam_domain *d, struct list *l, value_fn *fn, void *ctx)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct iam_literal *lit = &d->literals[i];

        for (size_t k = 0; k < lit->test->values.n; k++) {
            struct slice text;

            if (iam_variables_replace(lit->doc, lit->test->values.items[k], d->bound, l->arena,
                                      &text) == IAM_YES)
                fn(l, iam_glob_text(text, l->arena), ctx);
        }
    }
}

struct numbers {
    double *items;
    size_t n;
};

static void number(struct list *l, struct slice value, void *ctx)
{
    struct numbers *all = ctx;
    double v;

    if (iam_literal_number(value, &v))
        *(double *)ARENA_PUSH(l->arena, &all->items, &all->n) = v;
}

static int by_number(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;

    return a < b ? -1 : a > b;
}

/* The shortest of two forms that reads back as the same. */
static void add_number(struct list *l, double v)
{
    char *text = arena_printf(l->arena, "%.15g", v);
    double back;

    if (!iam_literal_number(slice_str(text), &back) || back != v)
        text = arena_printf(l->arena, "%.17g", v);
    add_str(l, text);
}

/* A number between two neighbours (one of them when there is none), whole where it can be. */
static double between(double low, double high)
{
    const double next = floor(low) + 1;

    return next > low && next < high ? next : low + (high / 2 - low / 2);
}

static void numbers(const struct iam_domain *d, struct list *l)
{
    struct numbers all = {NULL, 0};

    each(d, l, number, &all);
    if (all.n == 0)
        add_str(l, "1");
    if (all.n > 1)
        qsort(all.items, all.n, sizeof(*all.items), by_number);
    for (size_t i = 0; i < all.n; i++)
        add_number(l, all.items[i]);
    for (size_t i = 0; i + 1 < all.n; i++)
        add_number(l, between(all.items[i], all.items[i + 1]));
    if (all.n == 0)
        return;
    add_number(l, between(all.items[all.n - 1], DBL_MAX));
    add_number(l, -between(-all.items[0], DBL_MAX));
}

/* Years of four digits as ISO 8601, others as the epoch. */
static void add_date(struct list *l, int64_t ms)
{
    const time_t seconds = (time_t)(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
    const int rest = (int)(ms - (int64_t)seconds * 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099) {
        add_str(l, arena_printf(l->arena, "%" PRId64, ms));
        return;
    }
    add_str(l, arena_printf(l->arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900,
                            tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                            rest != 0 ? arena_printf(l->arena, ".%03d", rest) : ""));
}

/* The date and its neighbours, to the millisecond. */
static void date(struct list *l, struct slice value, void *ctx)
{
    int64_t ms;

    (void)ctx;
    if (!iam_literal_date(value, &ms))
        return;
    add_date(l, ms);
    add_date(l, ms - 1);
    add_date(l, ms + 1);
}

/* The first or last address of a network, or its neighbour outside. */
static void edge(struct list *l, const struct iam_network *net, bool last, bool outside)
{
    struct iam_network x = *net;
    const int bytes = x.v6 ? 16 : 4;
    char text[INET6_ADDRSTRLEN];

    for (unsigned i = net->bits; i < (unsigned)bytes * 8; i++) {
        const uint8_t bit = (uint8_t)(0x80u >> (i % 8));

        x.bytes[i / 8] = last ? x.bytes[i / 8] | bit : x.bytes[i / 8] & (uint8_t)~bit;
    }
    for (int i = bytes - 1; outside && i >= 0; i--) {
        x.bytes[i] = (uint8_t)(x.bytes[i] + (last ? 1 : -1));
        outside = x.bytes[i] == (last ? 0 : 0xff); /* carry */
    }
    if (inet_ntop(x.v6 ? AF_INET6 : AF_INET, x.bytes, text, sizeof(text)) != NULL)
        add_str(l, arena_strdup(l->arena, text));
}

static void network(struct list *l, struct slice value, void *ctx)
{
    struct iam_network net;

    (void)ctx;
    if (!iam_literal_network(value, &net))
        return;
    edge(l, &net, false, false);
    edge(l, &net, true, false);
    edge(l, &net, true, true);
    edge(l, &net, false, true);
}

/* Zeros, more of them than any value of the policies has. */
static void other_binary(const struct iam_domain *d, struct list *l)
{
    size_t longest = 0, len;
    uint8_t *text;

    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < d->literals[i].test->values.n; k++)
            if (d->literals[i].test->values.items[k].len > longest)
                longest = d->literals[i].test->values.items[k].len;
    len = longest / 4 * 4 + 4;
    text = arena_alloc(l->arena, len);
    memset(text, 'A', len);
    add(l, (struct slice){text, len});
}

static void same(struct list *l, struct slice value, void *ctx)
{
    (void)ctx;
    add(l, value);
}

struct iam_texts iam_candidates_list(const struct iam_domain *d, enum iam_family family,
                                     struct arena *a)
{
    struct list l = {.arena = a};

    switch (family) {
    case IAM_FAMILY_BOOL:
        add_str(&l, "true");
        add_str(&l, "false");
        break;
    case IAM_FAMILY_NUMBER:
        numbers(d, &l);
        break;
    case IAM_FAMILY_DATE:
        each(d, &l, date, NULL);
        add_str(&l, "2030-01-01T00:00:00Z");
        break;
    case IAM_FAMILY_NETWORK: /* of documentation: nobody's */
        add_str(&l, "203.0.113.7");
        add_str(&l, "2001:db8::7");
        each(d, &l, network, NULL);
        add_str(&l, "0.0.0.0");
        add_str(&l, "255.255.255.255");
        add_str(&l, "::");
        break;
    case IAM_FAMILY_BINARY:
        each(d, &l, same, NULL);
        other_binary(d, &l);
        break;
    case IAM_FAMILY_TEXT:
        each(d, &l, same, NULL);
        break;
    case IAM_FAMILY_COUNT:
        break;
    }
    return (struct iam_texts){l.items, l.n, false};
}
