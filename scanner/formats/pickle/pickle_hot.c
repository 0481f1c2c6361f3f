#include "scanner/formats/pickle/pickle_hot.h"

#include <string.h>

#include "scanner/formats/pickle/pickle_call.h"
#include "scanner/formats/pickle/pickle_dtype.h"
#include "scanner/formats/pickle/pickle_ndarray.h"
#include "scanner/formats/pickle/pickle_op.h"

/* Bytes of the longest opcode that is run here, texts excepted: BINFLOAT has 9. */
#define ROOM 16

/* The machine's hot fields; the compiler keeps them in registers. */
struct hot {
    struct pickle_vm *v;
    struct pickle_stack *s;
    const uint8_t *at, *end;
    size_t n; /* objects on the stack */
};

/* Every step: true when the opcode was run. */
static inline bool push(struct hot *h, size_t len, unsigned kind, uint64_t ref)
{
    if (h->n == h->s->cap)
        return false;
    h->s->slots[h->n++] = (struct pickle_slot){.kind = (uint8_t)kind, .ref = ref & PICKLE_REF_NONE};
    h->at += len;
    return true;
}

static inline uint32_t u16(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t u32(const uint8_t *b)
{
    return u16(b) | u16(b + 2) << 16;
}

static inline bool get(struct hot *h, size_t len, uint64_t key)
{
    struct pickle_slot s;

    if (key >= h->s->memo_top)
        return false;
    s = h->s->memo[key];
    if (s.kind == PICKLE_VACANT || s.kind == PICKLE_DTYPE ||
        (pickle_share_kind(s) && !h->v->share.on) ||
        (h->v->wrappers && (s.kind == PICKLE_INSTANCE || s.kind == PICKLE_RESULT)))
        return false;
    return push(h, len, s.kind, s.ref);
}

static inline bool put(struct hot *h, size_t len, uint64_t key)
{
    struct pickle_stack *s = h->s;

    if (h->n == s->fence || key >= s->memo_cap || key > s->memo_top || s->nfar > 0 ||
        s->memo[key].kind != PICKLE_VACANT)
        return false;
    s->memo[key] = s->slots[h->n - 1];
    s->memo_len++;
    if (key == s->memo_top)
        s->memo_top++;
    if (key >= s->top_key)
        s->top_key = key + 1;
    h->at += len;
    return true;
}

static inline bool mark(struct hot *h)
{
    struct pickle_stack *s = h->s;

    if (s->nmarks == s->marks_cap)
        return false;
    s->marks[s->nmarks++] = (uint32_t)h->n;
    s->fence = h->n;
    h->at++;
    return true;
}

/* Takes the last mark; there is one. */
static inline size_t unmark(struct hot *h)
{
    struct pickle_stack *s = h->s;
    const size_t n = h->n - s->marks[--s->nmarks];

    s->fence = s->nmarks > 0 ? s->marks[s->nmarks - 1] : 0;
    return n;
}

static inline void high_water(struct hot *h)
{
    if (h->n > h->s->peak)
        h->s->peak = h->n;
}

static void begin_op(struct hot *h)
{
    h->v->op_at = h->v->in.r.offset + (uint64_t)(h->at - h->v->in.r.data);
    h->v->op = pickle_op_table[*h->at].name;
}

static inline void pairs(struct hot *h, size_t n)
{
    const struct pickle_slot *s = h->s->slots + h->n - n;

    for (size_t i = 1; i < n; i += 2)
        if (pickle_call_telling(s[i])) {
            begin_op(h);
            pickle_call_pair(h->v, s[i - 1], s[i]);
        }
}

/* What pickle_call.c must see on its way. */
static void stored(struct hot *h, size_t n, struct pickle_slot into)
{
    struct pickle_vm *v = h->v;

    begin_op(h);
    pickle_call_stored(v, h->s->slots + h->n - n, n, into);
}

static inline bool tuple(struct hot *h, size_t n)
{
    struct pickle_slot made;

    high_water(h);
    h->s->n = h->n;
    made = pickle_stack_tuple(h->s, n);
    if (n == 2)
        pairs(h, n);
    if (pickle_call_watched(h->v))
        stored(h, n, made);
    h->n -= n;
    h->s->slots[h->n++] = made; /* in the place of one of them, or of the room that was checked */
    h->at++;
    return true;
}

static inline bool small_tuple(struct hot *h, size_t n)
{
    return h->n - h->s->fence >= n && tuple(h, n);
}

static inline bool marked_tuple(struct hot *h)
{
    return h->s->nmarks > 0 && h->n < h->s->cap && tuple(h, unmark(h));
}

/* n objects go into the container below them; `even`: they are pairs. */
static inline bool fill(struct hot *h, size_t n, unsigned kind)
{
    const struct pickle_slot into = h->s->slots[h->n - n - 1];

    high_water(h);
    if (kind == PICKLE_DICT || n == 2) {
        pairs(h, n);
        if (kind == PICKLE_DICT) {
            begin_op(h);
            pickle_call_keys(h->v, into, h->s->slots + h->n - n, n);
        }
    } else if (n == 1) {
        begin_op(h);
        pickle_call_single(h->v, into, h->s->slots[h->n - 1]);
    }
    if (kind == PICKLE_DICT && h->v->nfields > 0) {
        begin_op(h);
        pickle_dtype_fields(h->v, into, h->s->slots + h->n - n, n);
    }
    if (pickle_call_watched(h->v))
        stored(h, n, into);
    h->n -= n;
    h->at++;
    return true;
}

/* A dict whose pairs are looked at, a list whose items are counted: the handler does it. */
static inline bool told(const struct hot *h, struct pickle_slot into)
{
    if (into.kind == PICKLE_LIST)
        return h->v->nitems > 0 && pickle_ndarray_counts(h->v, into);
    return into.kind == PICKLE_DICT && (h->v->ranged || into.ref == h->v->pairs_of);
}

static inline bool fill_one(struct hot *h, size_t n, unsigned kind)
{
    return h->n - h->s->fence > n && h->s->slots[h->n - n - 1].kind == kind &&
           !told(h, h->s->slots[h->n - n - 1]) && fill(h, n, kind);
}

static inline bool fill_marked(struct hot *h, unsigned kind)
{
    const struct pickle_stack *s = h->s;
    size_t n, below;

    if (s->nmarks == 0)
        return false;
    n = h->n - s->marks[s->nmarks - 1];
    below = s->nmarks > 1 ? s->marks[s->nmarks - 2] : 0;
    if (n == 0 || h->n - below <= n || s->slots[h->n - n - 1].kind != kind ||
        (kind == PICKLE_DICT && n % 2 != 0) || told(h, s->slots[h->n - n - 1]))
        return false;
    return fill(h, unmark(h), kind);
}

/* A text of `n` bytes behind `head` bytes of opcode and length. */
static inline bool text(struct hot *h, size_t head, size_t n)
{
    struct pickle_stack *s = h->s;
    const uint8_t *from = h->at + head;
    const uint32_t len = (uint32_t)n;
    uint64_t ref;

    if (n > PICKLE_KEEP || n > (size_t)(h->end - from) ||
        (n >= PICKLE_PAYLOAD_MIN && pickle_payload_first[from[0]]) ||
        n + sizeof(len) > s->pool_cap - s->pool_len || h->n == s->cap)
        return false;
    ref = s->pool_len;
    memcpy(s->pool + ref, &len, sizeof(len));
    memcpy(s->pool + ref + sizeof(len), from, n);
    s->pool_len += sizeof(len) + n;
    return push(h, head + n, PICKLE_TEXT, ref);
}

/* Bytes that are too few to be anything. */
static inline bool bytes(struct hot *h)
{
    const uint64_t at = h->v->in.r.offset + (uint64_t)(h->at - h->v->in.r.data);
    const size_t n = h->at[1];

    return n < PICKLE_PAYLOAD_MIN && push(h, 2 + n, PICKLE_BYTES, at);
}

static inline bool object(struct hot *h, unsigned kind)
{
    /* it may be what its handler looks for: the state of a wrapper, the fields of a type */
    if (kind == PICKLE_DICT && (h->v->wrappers || (h->v->ndtypes > 0 && h->n == h->s->fence + 4)))
        return false;
    if (kind == PICKLE_LIST && pickle_ndarray_place(h->s, h->n))
        return false;
    return push(h, 1, kind, h->s->nobjects) && ++h->s->nobjects > 0;
}

static inline bool pop(struct hot *h)
{
    if (h->n == h->s->fence || pickle_call_watched(h->v))
        return false;
    high_water(h);
    h->n--;
    h->at++;
    return true;
}

/* Marks, tuples and containers. */
static inline bool gather(struct hot *h)
{
    switch (h->at[0]) {
    case '(':
        return mark(h);
    case '0':
        return pop(h);
    case ']':
        return object(h, PICKLE_LIST);
    case '}':
        return object(h, PICKLE_DICT);
    case 0x8f:
        return object(h, PICKLE_SET);
    case 0x85:
        return small_tuple(h, 1);
    case 0x86:
        return small_tuple(h, 2);
    case 0x87:
        return small_tuple(h, 3);
    case 't':
        return marked_tuple(h);
    case 'a':
        return fill_one(h, 1, PICKLE_LIST);
    case 's':
        return fill_one(h, 2, PICKLE_DICT);
    case 'e':
        return fill_marked(h, PICKLE_LIST);
    case 'u':
        return fill_marked(h, PICKLE_DICT);
    case 0x90:
        return fill_marked(h, PICKLE_SET);
    default:
        return false;
    }
}

static inline bool step(struct hot *h)
{
    const uint8_t *at = h->at;

    switch (at[0]) {
    case 'N':
        return push(h, 1, PICKLE_NONE, 0);
    case 0x88:
    case 0x89:
        return push(h, 1, PICKLE_BOOL, 0);
    case 'K':
        return push(h, 2, PICKLE_INT, at[1]);
    case 'M':
        return push(h, 3, PICKLE_INT, u16(at + 1));
    case 'J':
        return push(h, 5, PICKLE_INT, (uint64_t)(int64_t)(int32_t)u32(at + 1));
    case 'G':
        return push(h, 9, PICKLE_FLOAT, 0);
    case 'h':
        return get(h, 2, at[1]);
    case 'j':
        return get(h, 5, u32(at + 1));
    case 'q':
        return put(h, 2, at[1]);
    case 'r':
        return put(h, 5, u32(at + 1));
    case 0x94:
        return put(h, 1, h->s->memo_len);
    case 0x8c:
    case 'U':
        return text(h, 2, at[1]);
    case 'X':
        return text(h, 5, u32(at + 1));
    case 'C':
        return bytes(h);
    default:
        return gather(h);
    }
}

void pickle_hot_run(struct pickle_vm *v)
{
    struct hot h = {v, &v->stack, v->in.r.data, NULL, v->stack.n};
    uint64_t ops = 0;

    if (v->in.r.left < ROOM || v->stack.tuples == NULL)
        return;
    h.end = h.at + v->in.r.left;
    while (h.end - h.at >= ROOM && step(&h))
        ops++;
    v->stack.n = h.n;
    if (h.n > v->stack.peak)
        v->stack.peak = h.n;
    v->opcodes += ops;
    v->in.r.offset += (uint64_t)(h.at - v->in.r.data);
    v->in.r.left = (size_t)(h.end - h.at);
    v->in.r.data = h.at;
}
