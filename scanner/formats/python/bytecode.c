#include "scanner/formats/python/bytecode.h"

#include "base/limits.h"

#define HAVE_ARGUMENT 90 /* of instructions of one or three bytes */
#define DOTTED 512       /* bytes of a name that is told */

/* Bounds of the magic numbers hold the alphas too, whose code objects may have other fields: those
 * are malformed here. SPEC: PEP 552 for headers since 3.7. */
static const struct bytecode_version versions[] = {
    {62171, 62211, "2.7", 8, false, 108, 109, 145, {4, true, false, false}},
    {3000, 3131, "3.0", 8, false, 108, 109, 144, {5, true, false, false}},
    {3140, 3151, "3.1", 8, false, 108, 109, 144, {5, true, false, false}},
    {3160, 3180, "3.2", 8, false, 108, 109, 144, {5, true, false, false}},
    {3190, 3230, "3.3", 12, false, 108, 109, 144, {5, true, false, false}},
    {3250, 3310, "3.4", 12, false, 108, 109, 144, {5, true, true, false}},
    {3320, 3351, "3.5", 12, false, 108, 109, 144, {5, true, true, false}},
    {3360, 3379, "3.6", 12, true, 108, 109, 144, {5, true, true, false}},
    {3390, 3394, "3.7", 16, true, 108, 109, 144, {5, true, true, false}},
    {3400, 3401, "3.8", 16, true, 108, 109, 144, {5, true, true, false}},
    {3410, 3413, "3.8", 16, true, 108, 109, 144, {6, true, true, false}},
    {3420, 3425, "3.9", 16, true, 108, 109, 144, {6, true, true, false}},
    {3430, 3439, "3.10", 16, true, 108, 109, 144, {6, true, true, false}},
    {3450, 3495, "3.11", 16, true, 108, 109, 144, {5, false, true, false}},
    {3500, 3531, "3.12", 16, true, 108, 109, 144, {5, false, true, false}},
    {3550, 3571, "3.13", 16, true, 75, 74, 71, {5, false, true, false}},
    {3600, 3627, "3.14", 16, true, 73, 72, 69, {5, false, true, true}},
};

const struct bytecode_version *bytecode_version(uint16_t magic)
{
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        if (magic >= versions[i].first && magic <= versions[i].last)
            return &versions[i];
    return NULL;
}

/* A walk over the instructions of one code object. */
struct walk {
    const struct bytecode_version *version;
    struct reader r;
    uint32_t prefix; /* of EXTENDED_ARG */
};

static bool next(struct walk *w, uint8_t *op, uint32_t *arg)
{
    uint16_t wide;
    uint8_t narrow;

    *arg = w->prefix;
    if (!reader_u8(&w->r, op))
        return false;
    if (w->version->words) {
        if (!reader_u8(&w->r, &narrow))
            return false;
        *arg |= narrow;
    } else if (*op >= HAVE_ARGUMENT) {
        if (!reader_u16le(&w->r, &wide))
            return false;
        *arg |= wide;
    }
    w->prefix = *op == w->version->extended ? *arg << (w->version->words ? 8 : 16) : 0;
    return true;
}

static struct slice name_of(const struct marshal_code *c, uint32_t i)
{
    static const struct slice none = {NULL, 0};

    return i < c->names->n ? c->names->items[i]->bytes : none;
}

static void add(struct names *to, struct slice module, struct slice name, uint64_t *lost)
{
    uint8_t both[DOTTED];
    size_t n = 0;

    if (module.len + name.len + 1 > sizeof(both)) {
        (*lost)++;
        return;
    }
    for (size_t i = 0; i < module.len; i++)
        both[n++] = module.data[i];
    if (name.len > 0)
        both[n++] = '.';
    for (size_t i = 0; i < name.len; i++)
        both[n++] = name.data[i];
    if (names_add(to, (struct slice){both, n}) == NAMES_NONE)
        (*lost)++;
}

/* "import a.b.c as d" reads b of a, and c of that: no more than a.b.c. */
static bool is_step(struct slice module, struct slice name)
{
    for (size_t i = 0; i < module.len; i++) {
        const struct slice rest = slice_from(module, i + 1);

        if (module.data[i] == '.' && rest.len >= name.len && name.len > 0 &&
            slice_eq((struct slice){rest.data, name.len}, name) &&
            (rest.len == name.len || rest.data[name.len] == '.'))
            return true;
    }
    return false;
}

void bytecode_imports(const struct bytecode_version *v, const struct marshal_code *c,
                      struct names *imports, struct names *uses, uint64_t *lost)
{
    static const char *const telling[] = {"__import__",   "eval",    "exec",    "execfile",
                                          "compile",      "getattr", "globals", "open",
                                          "__builtins__", "system",  "Popen",   "loads"};
    struct walk w = {.version = v, .r = reader_over(c->code->bytes)};
    struct slice module = {NULL, 0};
    uint32_t arg;
    uint8_t op;

    while (next(&w, &op, &arg)) {
        if (op == v->import_name) {
            module = name_of(c, arg);
            if (module.len > 0)
                add(imports, module, (struct slice){NULL, 0}, lost);
        } else if (op == v->import_from && !is_step(module, name_of(c, arg))) {
            add(imports, module, name_of(c, arg), lost);
        }
    }
    for (uint32_t i = 0; i < c->names->n; i++)
        if (slice_among(name_of(c, i), telling, ARRAY_LEN(telling)))
            (void)names_add(uses, name_of(c, i));
}
