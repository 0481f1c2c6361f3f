#include "policies/iam/iam_candidates.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policies/iam/iam_literal.h"
#include "policies/iam/iam_variables.h"

enum iam_family iam_candidates_family(enum iam_operator op)
{
    if (op >= IAM_NUMERIC_EQUALS && op <= IAM_NUMERIC_GREATER_EQUALS)
        return IAM_FAMILY_NUMBER;
    if (op >= IAM_DATE_EQUALS && op <= IAM_DATE_GREATER_EQUALS)
        return IAM_FAMILY_DATE;
    if (op == IAM_BOOL)
        return IAM_FAMILY_BOOL;
    return op == IAM_IP_ADDRESS || op == IAM_NOT_IP_ADDRESS ? IAM_FAMILY_NETWORK : IAM_FAMILY_TEXT;
}

/* The list that grows. */
struct list {
    struct arena *arena;
    struct slice *items;
    size_t n;
};

static void add(struct list *l, const char *text)
{
    for (size_t i = 0; i < l->n; i++)
        if (slice_is(l->items[i], text))
            return;
    *(struct slice *)ARENA_PUSH(l->arena, &l->items, &l->n) = slice_str(text);
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

static void add_number(struct list *l, double v)
{
    add(l, arena_printf(l->arena, "%.15g", v));
}

static void numbers(const struct iam_domain *d, struct list *l)
{
    struct numbers all = {NULL, 0};

    each(d, l, number, &all);
    if (all.n > 1)
        qsort(all.items, all.n, sizeof(*all.items), by_number);
    for (size_t i = 0; i < all.n; i++)
        add_number(l, all.items[i]);
    for (size_t i = 0; i + 1 < all.n; i++) {
        if (all.items[i] + 1 < all.items[i + 1])
            add_number(l, all.items[i] + 1);
        else
            add_number(l, all.items[i] / 2 + all.items[i + 1] / 2);
    }
    add_number(l, all.n > 0 ? all.items[0] - 1 : 0);
    add_number(l, all.n > 0 ? all.items[all.n - 1] + 1 : 1);
}

static void date(struct list *l, struct slice value, void *ctx)
{
    static const int64_t steps[] = {0, -1, 1}; /* neighbours, to the millisecond */
    int64_t ms;

    (void)ctx;
    if (!iam_literal_date(value, &ms))
        return;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const int64_t t = ms + steps[i];
        const time_t seconds = (time_t)(t >= 0 ? t / 1000 : (t - 999) / 1000);
        const int rest = (int)(t - (int64_t)seconds * 1000);
        struct tm tm;

        if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099)
            continue;
        add(l, arena_printf(l->arena, "%04d-%02d-%02dT%02d:%02d:%02d%s%s", tm.tm_year + 1900,
                            tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                            rest != 0 ? arena_printf(l->arena, ".%03d", rest) : "", "Z"));
    }
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
        add(l, arena_strdup(l->arena, text));
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

struct iam_texts iam_candidates_list(const struct iam_domain *d, enum iam_family family,
                                     struct arena *a)
{
    struct list l = {.arena = a};

    switch (family) {
    case IAM_FAMILY_BOOL:
        add(&l, "true");
        add(&l, "false");
        break;
    case IAM_FAMILY_NUMBER:
        numbers(d, &l);
        break;
    case IAM_FAMILY_DATE:
        each(d, &l, date, NULL);
        break;
    case IAM_FAMILY_NETWORK: /* of documentation: nobody's */
        add(&l, "203.0.113.7");
        add(&l, "2001:db8::7");
        each(d, &l, network, NULL);
        add(&l, "0.0.0.0");
        add(&l, "255.255.255.255");
        add(&l, "::");
        break;
    case IAM_FAMILY_TEXT:
        break;
    }
    return (struct iam_texts){l.items, l.n, false};
}
