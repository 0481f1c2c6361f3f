#include "scanner/formats/pickle/pickle_stack.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

#define TUPLES 1024 /* tuples remembered: arguments are used at once or a few objects later */

#define FAR_MAX 256 /* keys far past the others */

/* The memo is an array while keys come more or less in order: a key may be this many times the
 * number of keys. Emptying it for the next stream costs no more than filling it did. */
#define SPARSE 64
#define SPARSE_FREE 1024

/* An array of `n` more doubled in size, at most `max` items. */
static void *grown(void *p, size_t *cap, size_t max, size_t size)
{
    const size_t next = *cap == 0 ? 256 : *cap > max / 2 ? max : *cap * 2;
    void *q = realloc(p, next * size);

    if (q == NULL)
        abort();
    *cap = next;
    return q;
}

void pickle_stack_init(struct pickle_stack *s)
{
    *s = (struct pickle_stack){0};
}

void pickle_stack_release(struct pickle_stack *s)
{
    free(s->slots);
    free(s->marks);
    free(s->memo);
    free(s->pool);
    free(s->tuples);
    free(s->far);
    *s = (struct pickle_stack){.peak = s->peak, .top_key = s->top_key};
}

void pickle_stack_reset(struct pickle_stack *s, bool keep_memo)
{
    s->n = 0;
    s->nmarks = 0;
    s->fence = 0;
    if (keep_memo)
        return;
    s->pool_len = 0;
    s->memo_len = 0;
    s->nfar = 0;
    for (size_t i = 0; i < s->memo_top; i++)
        s->memo[i].kind = PICKLE_VACANT;
    s->memo_top = 0;
}

bool pickle_stack_push_slow(struct pickle_stack *s, struct pickle_slot v, struct err *e)
{
    if (s->n >= LIMIT_PICKLE_STACK)
        return err_fail(e, ERR_LIMIT,
                        "more than %d objects on the stack of a pickle (LIMIT_PICKLE_STACK)",
                        LIMIT_PICKLE_STACK);
    s->slots = grown(s->slots, &s->cap, LIMIT_PICKLE_STACK, sizeof(*s->slots));
    s->slots[s->n++] = v;
    return true;
}

bool pickle_stack_has(const struct pickle_stack *s, size_t n, struct err *e)
{
    if (s->n - s->fence < n)
        return err_fail(e, ERR_FORMAT, "the opcode needs %zu objects on the stack, there are %zu",
                        n, s->n - s->fence);
    return true;
}

bool pickle_stack_mark(struct pickle_stack *s, struct err *e)
{
    if (s->nmarks >= LIMIT_PICKLE_STACK)
        return err_fail(e, ERR_LIMIT,
                        "more than %d marks on the stack of a pickle (LIMIT_PICKLE_STACK)",
                        LIMIT_PICKLE_STACK);
    if (s->nmarks == s->marks_cap)
        s->marks = grown(s->marks, &s->marks_cap, LIMIT_PICKLE_STACK, sizeof(*s->marks));
    s->marks[s->nmarks++] = (uint32_t)s->n;
    s->fence = s->n;
    return true;
}

bool pickle_stack_unmark(struct pickle_stack *s, size_t *n, struct err *e)
{
    if (s->nmarks == 0)
        return err_fail(e, ERR_FORMAT, "the opcode needs a mark, there is none");
    *n = s->n - s->marks[--s->nmarks];
    s->fence = s->nmarks > 0 ? s->marks[s->nmarks - 1] : 0;
    return true;
}

bool pickle_stack_pop(struct pickle_stack *s, struct err *e)
{
    size_t none;

    if (s->nmarks > 0 && s->marks[s->nmarks - 1] == s->n)
        return pickle_stack_unmark(s, &none, e);
    if (!pickle_stack_has(s, 1, e))
        return false;
    s->n--;
    return true;
}

static struct pickle_far *far_find(const struct pickle_stack *s, uint64_t key)
{
    for (size_t i = 0; i < s->nfar; i++)
        if (s->far[i].key == key)
            return &s->far[i];
    return NULL;
}

struct pickle_slot pickle_stack_get(const struct pickle_stack *s, uint64_t key, bool *missing)
{
    const struct pickle_far *far = NULL;

    *missing = false;
    if (key < s->memo_top && s->memo[key].kind != PICKLE_VACANT)
        return s->memo[key];
    far = far_find(s, key);
    *missing = far == NULL && (key < LIMIT_PICKLE_MEMO || key >= s->memo_len);
    return far == NULL ? (struct pickle_slot){.kind = PICKLE_UNKNOWN} : far->value;
}

/* Keys that are no index. When a memo has grown in order up to the cap, only the count goes on and
 * what is read back is unknown. */
static bool far_put(struct pickle_stack *s, uint64_t key, struct pickle_slot v, bool *again,
                    struct err *e)
{
    struct pickle_far *far = far_find(s, key);

    *again = far != NULL;
    if (key >= LIMIT_PICKLE_MEMO && key == s->memo_len && far == NULL) {
        s->memo_len++;
        return true;
    }
    if (far == NULL && s->nfar == FAR_MAX)
        return err_fail(e, ERR_LIMIT,
                        "memo key %" PRIu64 " of a pickle, at most %d (LIMIT_PICKLE_MEMO) and near "
                        "the others",
                        key, LIMIT_PICKLE_MEMO);
    if (s->far == NULL)
        s->far = malloc(FAR_MAX * sizeof(*s->far));
    if (s->far == NULL)
        abort();
    if (far == NULL) {
        far = &s->far[s->nfar++];
        s->memo_len++;
    }
    *far = (struct pickle_far){key, v};
    return true;
}

bool pickle_stack_put(struct pickle_stack *s, uint64_t key, struct pickle_slot v, bool *again,
                      struct err *e)
{
    if (key >= s->top_key)
        s->top_key = key + 1;
    if (key >= LIMIT_PICKLE_MEMO || (s->nfar > 0 && far_find(s, key) != NULL) ||
        (key >= s->memo_top && key / SPARSE > s->memo_len + SPARSE_FREE))
        return far_put(s, key, v, again, e);
    while (key >= s->memo_cap) {
        const size_t old = s->memo_cap;

        s->memo = grown(s->memo, &s->memo_cap, LIMIT_PICKLE_MEMO, sizeof(*s->memo));
        for (size_t i = old; i < s->memo_cap; i++)
            s->memo[i] = (struct pickle_slot){.kind = PICKLE_VACANT};
    }
    *again = s->memo[key].kind != PICKLE_VACANT;
    if (!*again)
        s->memo_len++;
    if (key >= s->memo_top)
        s->memo_top = (size_t)key + 1;
    s->memo[key] = v;
    return true;
}

uint64_t pickle_stack_keep(struct pickle_stack *s, struct slice text)
{
    const size_t need = sizeof(uint32_t) + text.len;
    const uint64_t ref = s->pool_len;
    const uint32_t len = (uint32_t)text.len;

    if (text.len > LIMIT_PICKLE_KEPT || need > LIMIT_PICKLE_KEPT - s->pool_len)
        return PICKLE_REF_NONE;
    while (need > s->pool_cap - s->pool_len)
        s->pool = grown(s->pool, &s->pool_cap, LIMIT_PICKLE_KEPT, 1);
    memcpy(s->pool + s->pool_len, &len, sizeof(len));
    if (len > 0)
        memcpy(s->pool + s->pool_len + sizeof(len), text.data, len);
    s->pool_len += need;
    return ref;
}

struct slice pickle_stack_text(const struct pickle_stack *s, uint64_t ref)
{
    uint32_t len;

    if (ref == PICKLE_REF_NONE)
        return SLICE_LIT("");
    memcpy(&len, s->pool + ref, sizeof(len));
    return (struct slice){s->pool + ref + sizeof(len), len};
}

/* The tuple has another within it. */
static void deeper(struct pickle_stack *s, struct pickle_tuple *t, struct pickle_slot child)
{
    const struct pickle_tuple *c = pickle_stack_tuple_of(s, child);

    if (c != NULL && c != t && c->depth >= t->depth)
        t->depth = c->depth + 1;
    if (t->depth > s->depth)
        s->depth = t->depth;
}

struct pickle_slot pickle_stack_tuple(struct pickle_stack *s, size_t n)
{
    struct pickle_tuple *t;
    const size_t kept = n < PICKLE_CHILDREN ? n : PICKLE_CHILDREN;

    if (s->tuples == NULL)
        s->tuples = calloc(TUPLES, sizeof(*s->tuples));
    if (s->tuples == NULL)
        abort();
    t = &s->tuples[s->ntuples % TUPLES];
    t->serial = s->ntuples;
    t->len = n;
    for (size_t i = 0; i < kept; i++)
        t->child[i] = s->slots[s->n - n + i];
    t->odd = false;
    t->depth = 1;
    for (size_t i = 0; i < kept; i++)
        if (t->child[i].kind == PICKLE_TUPLE)
            deeper(s, t, t->child[i]);
    for (size_t i = kept; i < n; i++) {
        const struct pickle_slot c = s->slots[s->n - n + i];

        deeper(s, t, c);
        t->odd =
            t->odd || c.kind == PICKLE_UNKNOWN || (c.kind == PICKLE_INT && pickle_stack_int(c) < 0);
    }
    return (struct pickle_slot){.kind = PICKLE_TUPLE, .ref = s->ntuples++ & PICKLE_REF_NONE};
}

const struct pickle_tuple *pickle_stack_tuple_of(const struct pickle_stack *s, struct pickle_slot v)
{
    if (v.kind != PICKLE_TUPLE || v.ref >= s->ntuples || s->tuples[v.ref % TUPLES].serial != v.ref)
        return NULL;
    return &s->tuples[v.ref % TUPLES];
}

int64_t pickle_stack_int(struct pickle_slot v)
{
    return (int64_t)((uint64_t)v.ref << 8) >> 8;
}
