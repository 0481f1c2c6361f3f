#include "scanner/formats/r/r_walk.h"

#include <inttypes.h>

#include "base/limits.h"
#include "scanner/formats/r/r_item.h"

#define NAME_BYTES ((size_t)4 << 20) /* of all names */
#define STRINGS 1000000              /* of the list that names a namespace: name and version */

/* SPEC: src/main/serialize.c, "type codes"; src/include/Rinternals.h, SEXPTYPE */
enum type {
    NIL = 0,
    SYMBOL = 1,
    LIST = 2,
    CLOSURE = 3,
    ENVIRONMENT = 4,
    PROMISE = 5,
    CALL = 6,
    SPECIAL = 7,
    BUILTIN = 8,
    CHARS = 9,
    LOGICAL = 10,
    INTEGER = 13,
    REAL = 14,
    COMPLEX = 15,
    STRING = 16,
    DOTS = 17,
    VECTOR = 19,
    EXPRESSION = 20,
    BYTECODE = 21,
    POINTER = 22,
    WEAK = 23,
    RAW = 24,
    S4 = 25,
    ALTREP = 238,
    ATTR_LIST = 239,
    ATTR_CALL = 240,
    BASE_ENV = 241,
    EMPTY_ENV = 242,
    REPEATED = 243,
    REPEAT = 244,
    PACKAGE = 248,
    NAMESPACE = 249,
    PERSIST = 247,
    BASE_NAMESPACE = 250,
    MISSING = 251,
    UNBOUND = 252,
    GLOBAL_ENV = 253,
    NIL_VALUE = 254,
    REFERENCE = 255
};

#define HAS_ATTR 0x200
#define HAS_TAG 0x400
#define ACTIVE (1 << 27) /* bit 15 of the levels: a function stands for the value */

const char *r_walk_use(enum r_use use)
{
    static const char *const names[] = {"call",   "symbol",  "function",
                                        "native", "package", "altrep"};

    return use < R_USES ? names[use] : "";
}

/* ---- strings and symbols ---- */
/* A CHARSXP where one must be; "NA" has no text. */
static bool read_chars(struct r_walk *w, struct slice *out, struct err *e)
{
    int32_t flags, len;

    *out = (struct slice){NULL, 0};
    if (!r_stream_int(&w->s, &flags, e))
        return false;
    if ((flags & 0xff) != CHARS || (flags & HAS_ATTR) != 0)
        return err_at(e, ERR_FORMAT, &w->s.r, "a name that is no string");
    if (!r_stream_int(&w->s, &len, e) || len == -1)
        return len == -1;
    if (len < 0)
        return err_at(e, ERR_FORMAT, &w->s.r, "a string of %" PRId32 " bytes", len);
    return r_stream_text(&w->s, (uint64_t)len, R_ITEM_NAME, out, e);
}

static bool read_symbol(struct r_walk *w, const struct expect *x, struct err *e)
{
    struct r_ref ref = {.symbol = true};

    if (!read_chars(w, &ref.name, e) || !r_item_ref(w, &ref, e))
        return false;
    r_item_symbol(w, x, ref.name);
    return true;
}

/* Strings that find an environment: a namespace is loaded with its package. */
static bool read_strings(struct r_walk *w, const struct expect *x, enum type type, struct err *e)
{
    struct r_ref ref = {.environment = true};
    struct slice text;
    int32_t zero, n;

    if (!r_stream_int(&w->s, &zero, e) || !r_stream_int(&w->s, &n, e))
        return false;
    if (zero != 0 || n < 0 || n > STRINGS)
        return err_at(e, ERR_FORMAT, &w->s.r, "a list of %" PRId32 " names", n);
    for (int32_t i = 0; i < n; i++) {
        if (!read_chars(w, &text, e))
            return false;
        if (i == 0)
            ref.name = text;
    }
    if (type == NAMESPACE)
        r_item_package(w, ref.name);
    w->hooks += type == PERSIST;
    if (type != NAMESPACE)
        ref.name = (struct slice){NULL, 0};
    r_item_environment(w, x, ref.name);
    return r_item_ref(w, &ref, e);
}

static bool read_reference(struct r_walk *w, const struct expect *x, int32_t flags, struct err *e)
{
    int32_t at = (int32_t)((uint32_t)flags >> 8);
    const struct r_ref *ref;

    if (at == 0 && !r_stream_int(&w->s, &at, e))
        return false;
    if (at < 1 || (uint64_t)at > w->nrefs)
        return err_at(e, ERR_FORMAT, &w->s.r, "reference %" PRId32 " of %zu", at, w->nrefs);
    ref = &w->refs[at - 1];
    if (ref->symbol)
        r_item_symbol(w, x, ref->name);
    else if (ref->environment)
        r_item_environment(w, x, ref->name);
    return true;
}

/* A function of R itself, by its name. */
static bool read_builtin(struct r_walk *w, const struct expect *x, struct err *e)
{
    struct slice name;
    int32_t len;

    if (!r_stream_int(&w->s, &len, e))
        return false;
    if (len < 0)
        return err_at(e, ERR_FORMAT, &w->s.r, "a name of %" PRId32 " bytes", len);
    if (!r_stream_text(&w->s, (uint64_t)len, R_ITEM_NAME, &name, e))
        return false;
    r_item_function(w, x, name);
    return true;
}

/* ---- lists ---- */
static enum role role_of_first(enum role role)
{
    switch (role) {
    case AFTER_COLON:
        return IN_PACKAGE;
    case AFTER_PACKAGE:
        return MEMBER;
    case AFTER_NATIVE:
        return NATIVE;
    case ALT_INFO:
        return ALT_CLASS;
    case TOP:
        return VALUE;
    default:
        return NO_ROLE;
    }
}

static enum role role_of_rest(enum role role)
{
    return role == AFTER_COLON ? AFTER_PACKAGE : role == TOP ? TOP : NO_ROLE;
}

/* A list, a call, or what else has two halves: attributes, tag, first, rest. */
static bool read_pair(struct r_walk *w, const struct expect *x, enum type type, int32_t flags,
                      struct err *e)
{
    unsigned first = x->ctx & ~(unsigned)(FRAME | BOUND), rest = first;
    enum role head_role = role_of_first(x->role), rest_role = role_of_rest(x->role);

    if (type == LIST && (x->ctx & FRAME) != 0) {
        first |= BOUND;
        rest |= FRAME;
        w->active += (flags & ACTIVE) != 0;
    } else if (type == CALL) {
        first |= CODE;
        rest |= CODE;
        head_role = HEAD;
        rest_role = NO_ROLE;
    } else if (type == CLOSURE) {
        w->closures++;
        first = rest = CODE | FUNCTION;
        if (x->role == VALUE)
            w->untold += names_add(&w->functions, w->binding) == NAMES_NONE;
    } else if (type == PROMISE) {
        w->promises++;
        w->loose += (x->ctx & BOUND) == 0;
        rest = CODE | FUNCTION;
    } else if (type == DOTS && (x->ctx & BOUND) != 0) { /* promises of arguments */
        first |= BOUND;
        rest |= BOUND;
    }
    if (type == DOTS) { /* its rest is a list again */
        const struct expect more = {.what = ITEM,
                                    .ctx = rest | ((x->ctx & BOUND) != 0 ? FRAME : 0)};

        if (!r_item_push(w, &more, e))
            return false;
    } else if (!r_item_push_one(w, x, rest_role, rest, e)) {
        return false;
    }
    if (!r_item_push_one(w, x, head_role, first, e))
        return false;
    if ((flags & HAS_TAG) != 0 && !r_item_push_one(w, x,
                                                   type == CLOSURE || type == PROMISE ? SCOPE
                                                   : x->role == TOP                   ? BINDING
                                                                                      : TAG,
                                                   0, e))
        return false;
    return (flags & HAS_ATTR) == 0 || r_item_push_data(w, 1, e);
}

static bool read_environment(struct r_walk *w, const struct expect *x, struct err *e)
{
    const struct r_ref ref = {.environment = true};
    int32_t locked;

    w->environments++;
    r_item_environment(w, x, ref.name);
    if (!r_stream_int(&w->s, &locked, e) || !r_item_ref(w, &ref, e))
        return false;
    for (unsigned i = 0; i < 4; i++) { /* attributes, table, list, what encloses it */
        const struct expect part = {.ctx = i == 1 || i == 2 ? FRAME : 0};

        if (!r_item_push(w, &part, e))
            return false;
    }
    return true;
}

/* Attributes stand behind most objects. */
static bool attributes(struct r_walk *w, int32_t flags, struct err *e)
{
    return (flags & HAS_ATTR) == 0 || r_item_push_data(w, 1, e);
}

static bool read_vector(struct r_walk *w, const struct expect *x, enum type type, int32_t flags,
                        struct err *e)
{
    struct expect items = {.what = ITEMS, .ctx = x->ctx & ~(unsigned)BOUND, .scope = x->scope};

    if (type == EXPRESSION)
        items.ctx |= CODE;
    return attributes(w, flags, e) && r_stream_length(&w->s, &items.left, e) &&
           r_item_push(w, &items, e);
}

static bool read_numbers(struct r_walk *w, enum type type, int32_t flags, struct err *e)
{
    const unsigned size = type == COMPLEX ? 16 : type == REAL ? 8 : type == RAW ? 1 : 4;
    const bool pairs = type == COMPLEX && w->s.form == R_ASCII;
    uint64_t n;

    return attributes(w, flags, e) && r_stream_length(&w->s, &n, e) &&
           r_stream_skip(&w->s, pairs ? 2 * n : n, size, e);
}

static bool read_text(struct r_walk *w, int32_t flags, struct err *e)
{
    int32_t len;

    if (!attributes(w, flags, e) || !r_stream_int(&w->s, &len, e))
        return false;
    if (len < -1)
        return err_at(e, ERR_FORMAT, &w->s.r, "a string of %" PRId32 " bytes", len);
    return len <= 0 || r_stream_text(&w->s, (uint64_t)len, 0, NULL, e);
}

/* Two or three parts that are objects of their own. */
static bool read_parts(struct r_walk *w, enum type type, int32_t flags, struct err *e)
{
    const struct expect none = {0};
    const struct r_ref ref = {0};

    if (type == ALTREP)
        return r_item_push_data(w, 2, e) && r_item_push_one(w, &none, ALT_INFO, 0, e);
    w->pointers++;
    return r_item_ref(w, &ref, e) && attributes(w, flags, e) &&
           (type == WEAK || (r_item_push_data(w, 2, e)));
}

/* ---- bytecode. SPEC: src/main/serialize.c, ReadBC, ReadBC1, ReadBCConsts, ReadBCLang ---- */
static bool push_what(struct r_walk *w, const struct expect *x, enum what what, struct err *e)
{
    struct expect inner = {.what = what, .ctx = CODE | FUNCTION, .scope = x->scope};

    return r_item_push(w, &inner, e);
}

static bool start_bytecode(struct r_walk *w, const struct expect *x, int32_t flags, struct err *e)
{
    int32_t repeated;

    w->bytecodes++;
    return attributes(w, flags, e) && r_stream_int(&w->s, &repeated, e) &&
           push_what(w, x, BC_START, e);
}

static bool is_pair(int32_t type)
{
    return type == CALL || type == LIST || type == ATTR_CALL || type == ATTR_LIST;
}

/* The rest of a call, its head, its tag. */
static bool bytecode_call(struct r_walk *w, const struct expect *x, int32_t type, struct err *e)
{
    struct expect half = {.what = BC_CALL, .ctx = CODE | FUNCTION, .scope = x->scope};
    int32_t at;

    if (type == REPEATED)
        return r_stream_int(&w->s, &at, e);
    if (type == REPEAT) {
        if (!r_stream_int(&w->s, &at, e) || !r_stream_int(&w->s, &type, e))
            return false;
        if (!is_pair(type))
            return err_at(e, ERR_FORMAT, &w->s.r, "a repeated part of the type %" PRId32, type);
    }
    if (!is_pair(type))
        return r_item_push_one(w, x, x->role, CODE | FUNCTION, e);
    half.role = type == CALL || type == ATTR_CALL ? NO_ROLE : role_of_rest(x->role);
    if (!r_item_push(w, &half, e))
        return false;
    half.role = type == CALL || type == ATTR_CALL ? HEAD : role_of_first(x->role);
    return r_item_push(w, &half, e) && r_item_push_one(w, x, TAG, 0, e) &&
           ((type != ATTR_CALL && type != ATTR_LIST) || r_item_push_data(w, 1, e));
}

static bool bytecode_count(struct r_walk *w, const struct expect *x, struct err *e)
{
    struct expect constants = {.what = BC_CONSTANTS, .ctx = CODE | FUNCTION, .scope = x->scope};
    int32_t n;

    if (!r_stream_int(&w->s, &n, e))
        return false;
    if (n < 0)
        return err_at(e, ERR_FORMAT, &w->s.r, "bytecode of %" PRId32 " constants", n);
    constants.left = (uint64_t)n;
    return r_item_push(w, &constants, e);
}

static bool bytecode_constant(struct r_walk *w, const struct expect *x, struct err *e)
{
    int32_t type;

    if (!r_stream_int(&w->s, &type, e))
        return false;
    return type == BYTECODE ? push_what(w, x, BC_START, e) : bytecode_call(w, x, type, e);
}

/* ---- one object ---- */
/* Those that have their attributes behind them. */
static bool read_other(struct r_walk *w, const struct expect *x, int32_t flags, struct err *e)
{
    const enum type type = (enum type)(flags & 0xff);

    switch (type) {
    case SPECIAL:
    case BUILTIN:
        return attributes(w, flags, e) && read_builtin(w, x, e);
    case CHARS:
        return read_text(w, flags, e);
    case LOGICAL:
    case INTEGER:
    case REAL:
    case COMPLEX:
    case RAW:
        return read_numbers(w, type, flags, e);
    case STRING:
    case VECTOR:
    case EXPRESSION:
        return read_vector(w, x, type, flags, e);
    case BYTECODE:
        return start_bytecode(w, x, flags, e);
    case POINTER:
    case WEAK:
    case ALTREP:
        return read_parts(w, type, flags, e);
    case S4:
        return attributes(w, flags, e);
    default:
        return err_at(e, ERR_FORMAT, &w->s.r, "an object of the unknown type %d", flags & 0xff);
    }
}

static bool read_item(struct r_walk *w, const struct expect *x, struct err *e)
{
    int32_t flags;

    if (!r_stream_int(&w->s, &flags, e))
        return false;
    w->objects++;
    switch ((enum type)(flags & 0xff)) {
    case NIL:
    case NIL_VALUE:
    case MISSING:
    case UNBOUND:
        return true;
    case EMPTY_ENV:
    case GLOBAL_ENV:
        r_item_environment(w, x, (struct slice){NULL, 0});
        return true;
    case BASE_ENV:
    case BASE_NAMESPACE:
        r_item_environment(w, x, SLICE_LIT("base"));
        return true;
    case REFERENCE:
        return read_reference(w, x, flags, e);
    case SYMBOL:
        return read_symbol(w, x, e);
    case PACKAGE:
    case NAMESPACE:
    case PERSIST:
        return read_strings(w, x, (enum type)(flags & 0xff), e);
    case LIST:
    case CALL:
    case CLOSURE:
    case PROMISE:
    case DOTS:
        return read_pair(w, x, (enum type)(flags & 0xff), flags, e);
    case ENVIRONMENT:
        return read_environment(w, x, e);
    default:
        return read_other(w, x, flags, e);
    }
}

static bool step(struct r_walk *w, struct err *e)
{
    struct expect x = w->todo[--w->ntodo];
    int32_t type;

    if (x.what == ITEMS || x.what == BC_CONSTANTS) { /* one of them, then the others */
        if (x.left == 0)
            return true;
        x.left--;
        if (!r_item_push(w, &x, e))
            return false;
    }
    switch (x.what) {
    case BC_START:
        return push_what(w, &x, BC_COUNT, e) && r_item_push_one(w, &x, NO_ROLE, 0, e);
    case BC_COUNT:
        return bytecode_count(w, &x, e);
    case BC_CONSTANTS:
        return bytecode_constant(w, &x, e);
    case BC_CALL:
        return r_stream_int(&w->s, &type, e) && bytecode_call(w, &x, type, e);
    default:
        return read_item(w, &x, e);
    }
}

bool r_walk_read(struct r_walk *w, struct err *e)
{
    names_init(&w->keys, w->a, LIMIT_TALLY_NAMES, NAME_BYTES);
    names_init(&w->bindings, w->a, LIMIT_TALLY_NAMES, NAME_BYTES);
    names_init(&w->functions, w->a, LIMIT_TALLY_NAMES, NAME_BYTES);
    if (!r_item_push_one(w, &(struct expect){0}, w->workspace ? TOP : NO_ROLE, 0, e))
        return false;
    while (w->ntodo > 0)
        if (!step(w, e))
            return false;
    return true;
}
