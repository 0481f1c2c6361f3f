/* How a pickle uses what it imports: what counts as a call, what getattr gives, which persistent
 * ids are classes, and what a name of a framework may be used for. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scanner/formats/pickle/pickle.h"
#include "tests/lib/cases.h"
#include "tests/lib/imports.h"

struct use_case {
    const char *what, *bytes;
    size_t len;
    const char *name; /* of the import that is asked for */
    unsigned uses;
    uint32_t anomalies;
};

#define USE(what, bytes, name, uses, anomalies)                                                    \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, name, uses, anomalies                                      \
    }
#define BIT(a) (UINT32_C(1) << PICKLE_##a)
#define GETATTR "cbuiltins\ngetattr\ncm\nC\n\x8c\1f\x86R"
#define REBUILD "ctorch._tensor\n_rebuild_from_type_v2\n("
#define TENSOR(stride)                                                                             \
    "\x80\x02"                                                                                     \
    "ctorch._utils\n_rebuild_tensor_v2\n(NK\0K\1\x85" stride "\x85tR"
#define TYPE(of)                                                                                   \
    "\x80\x02"                                                                                     \
    "cnumpy\ndtype\nX\2\0\0\0" of "\x89\x88\x87R"
/* a state without flags of objects: its subtype and names, its fields */
#define STATE(names, fields) "(K\3X\1\0\0\0<" names fields "K\x08K\1K\0tb"
/* an array of objects: its shape, and what its items are */
#define ARRAY(shape, items)                                                                        \
    "\x80\x02"                                                                                     \
    "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(K\1" shape            \
    "cm\nC\n)R\x89" items "tb."
#define SPACE "\x80\x02(cm\nC\n)\x81"
#define PARTIAL "cfunctools\npartial\n"
#define GENERATOR "cnumpy.random._pickle\n__generator_ctor\n"

static const struct use_case uses[] = {
    USE("REDUCE calls",
        "\x80\x02"
        "cm\nC\n)R.",
        "C", PICKLE_USE_CALL, 0),
    USE("NEWOBJ makes",
        "\x80\x02"
        "cm\nC\n)\x81}b.",
        "C", PICKLE_USE_CONSTRUCT | PICKLE_USE_BUILD, 0),
    USE("so does _reconstructor", "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.",
        "C", PICKLE_USE_CONSTRUCT, 0),
    USE("which calls the base", "ccopy_reg\n_reconstructor\n(cm\nC\ncm\nB\nNtR.", "B",
        PICKLE_USE_CALL, 0),
    USE("a method of a class is an import", "\x80\x04" GETATTR ".", "C.f", 0, 0),
    USE("and may be called as one", "\x80\x04" GETATTR ")R.", "C.f", PICKLE_USE_CALL, 0),
    USE("a class in a class, before protocol 4", "\x80\x02" GETATTR ")\x81.", "C.f",
        PICKLE_USE_CONSTRUCT, 0),
    USE("a method of an object, too",
        "\x80\x04"
        "cbuiltins\ngetattr\ncm\nC\n)\x81\x8c\1f\x86R.",
        "C.f", 0, 0),
    USE("but its state may have put anything there",
        "\x80\x04"
        "cbuiltins\ngetattr\ncm\nC\n)\x81\x8c\1f\x86R)R.",
        "C.f", 0, BIT(SECOND_ORDER_CALL)),
    USE("_rebuild_from_type_v2 calls", "\x80\x02" REBUILD "cm\nf\ncm\nC\n)}tR.", "f",
        PICKLE_USE_CALL, 0),
    USE("whatever it is given", "\x80\x02" REBUILD "cm\nf\n)Rcm\nC\n)}tR.", "f", PICKLE_USE_CALL,
        BIT(SECOND_ORDER_CALL)),
    USE("and not what calls in its turn",
        "\x80\x02" REBUILD "ctorch._tensor\n_rebuild_from_type\ncm\nC\n(cm\nf\ncm\nC\n)}t}tR.", "f",
        0, BIT(SECOND_ORDER_CALL)),
    USE("nor a partial made by another name",
        "ccopy_reg\n__newobj__\n(cfunctools\npartial\ncm\nf\ntR.", "partial", PICKLE_USE_CONSTRUCT,
        BIT(SECOND_ORDER_CALL)),
    USE("a missing key calls the factory",
        "\x80\x02"
        "ccollections\ndefaultdict\ncm\nf\n\x85R.",
        "f", PICKLE_USE_CALL, 0),
    USE("or the partial of one",
        "\x80\x02"
        "ccollections\ndefaultdict\n" PARTIAL "cm\nf\n\x85R\x85R.",
        "f", PICKLE_USE_CALL, 0),
    USE("if there is one",
        "\x80\x02"
        "ccollections\ndefaultdict\n)R.",
        "defaultdict", PICKLE_USE_CALL, 0),
    USE("which is an import",
        "\x80\x02"
        "ccollections\ndefaultdict\ncm\nf\n)R\x85R.",
        "f", PICKLE_USE_CALL, BIT(SECOND_ORDER_CALL)),
    USE("a generator calls its maker", "\x80\x02" GENERATOR "X\1\0\0\0acm\nf\n\x86R.", "f",
        PICKLE_USE_CALL, 0),
    USE("or the class that stands for a name", "\x80\x02" GENERATOR "cm\nf\n\x85R.", "f",
        PICKLE_USE_CALL, 0),
    USE("its own maker is no surprise",
        "\x80\x02" GENERATOR "X\1\0\0\0acnumpy.random._pickle\n__bit_generator_ctor\n\x86R.",
        "__bit_generator_ctor", 0, 0),
    USE("what gives its argument on is that argument",
        "\x80\x02"
        "ctorch.jit._pickle\nrestore_type_tag\ncm\nC\nX\1\0\0\0a\x86R}b.",
        "C", 0, BIT(WRITE_TO_GLOBAL)),
    USE("an array is of a class that stands there",
        "\x80\x02"
        "cnumpy.core.multiarray\n_reconstruct\ncm\nf\n)RK\0\x85"
        "C\1b\x87R.",
        "f", PICKLE_USE_CALL, BIT(COMPUTED_CLASS)),
    USE("a tensor steps forward", TENSOR("K\2") ".", "_rebuild_tensor_v2", PICKLE_USE_CALL, 0),
    USE("and never back", TENSOR("J\xff\xff\xff\xff") ".", "_rebuild_tensor_v2", PICKLE_USE_CALL,
        BIT(ODD_STRIDES)),
    USE("in a call that another makes, too",
        "\x80\x02" REBUILD
        "ctorch._utils\n_rebuild_qtensor\ncm\nC\n(NK\0)J\xff\xff\xff\xff\x85tNtR.",
        "_rebuild_qtensor", PICKLE_USE_CALL, BIT(ODD_STRIDES)),
    USE("the state of a type", TYPE("f8") STATE("NN", "N") ".", "dtype", PICKLE_USE_CALL, 0),
    USE("that is given twice", TYPE("f8") STATE("NN", "N") STATE("NN", "N") ".", "dtype",
        PICKLE_USE_CALL, BIT(ODD_DTYPE)),
    USE("or when it may be in use", TYPE("f8") "2" STATE("NN", "N") ".", "dtype", PICKLE_USE_CALL,
        BIT(ODD_DTYPE)),
    USE("that denies objects", TYPE("O8") STATE("NN", "N") ".", "dtype", PICKLE_USE_CALL,
        BIT(ODD_DTYPE)),
    USE("with fields in a dict that others had",
        "\x80\x02}q\1" TYPE("V8") STATE("NX\1\0\0\0a\x85", "h\1") ".", "dtype", PICKLE_USE_CALL,
        BIT(ODD_DTYPE)),
    USE("with no fields where there are names", TYPE("V8") STATE("NX\1\0\0\0a\x85", "N") ".",
        "dtype", PICKLE_USE_CALL, BIT(ODD_DTYPE)),
    USE("of one made of a type", TYPE("f8") "q\1cnumpy\ndtype\nh\1\x85R" STATE("NN", "N") ".",
        "dtype", PICKLE_USE_CALL | PICKLE_USE_BUILD, BIT(ODD_DTYPE)),
    USE("partial makes something that calls", "\x80\x02" PARTIAL "cm\nf\n\x85R.", "f",
        PICKLE_USE_CALL, 0),
    USE("its state says again what", "\x80\x02" PARTIAL "cm\nf\n\x85R(cm\ng\n)}Ntb.", "g",
        PICKLE_USE_CALL, 0),
    USE("which must be an import", "\x80\x02" PARTIAL "cm\nf\n\x85R(cm\nf\n)R)}Ntb.", "f",
        PICKLE_USE_CALL, BIT(SECOND_ORDER_CALL)),
    USE("what partial gave is not called", "\x80\x02" PARTIAL "cm\nf\n\x85R)R.", "f",
        PICKLE_USE_CALL, BIT(SECOND_ORDER_CALL)),
    USE("a state with a method",
        "\x80\x02"
        "cm\nC\n)\x81}X\x0c\0\0\0__setstate__cm\nf\nsb.",
        "f", 0, BIT(STATE_METHOD)),
    USE("of a list of pairs",
        "\x80\x02](X\x0c\0\0\0__setstate__cm\nf\n\x86"
        "e.",
        "f", 0, BIT(STATE_METHOD)),
    USE("of a pair made item by item",
        "\x80\x02]X\x0c\0\0\0__setstate__"
        "acm\nf\na.",
        "f", 0, BIT(STATE_METHOD)),
    USE("in another list",
        "\x80\x02]X\x0c\0\0\0__setstate__"
        "a]cm\nf\na.",
        "f", 0, 0),
    USE("or what NumPy calls of an object", "\x80\x02}X\x09\0\0\0__array__cm\nf\ns.", "f", 0,
        BIT(STATE_METHOD)),
    USE("with a name that was made", "\x80\x02}cbuiltins\nstr\n(C\1xX\5\0\0\0asciitRcm\nf\ns.", "f",
        0, BIT(STATE_METHOD)),
    USE("a number under that key", "\x80\x02}X\x0c\0\0\0__setstate__K\1scm\nf\n0.", "f", 0, 0),
    USE("an interface to memory in a state", SPACE "}U\x13__array_interface__}sb.", "C",
        PICKLE_USE_CONSTRUCT | PICKLE_USE_BUILD, BIT(STATE_METHOD)),
    USE("a pair that is a dictionary", "\x80\x02}(U\x0c__setstate__K\0cm\nC\nK\0u.", "C", 0,
        BIT(STATE_METHOD)),
    USE("a step backwards in the state of a tensor",
        "\x80\x02"
        "ctorch\nFloatTensor\n)R(NK\0K\1\x85J\xff\xff\xff\xff\x85tb.",
        "FloatTensor", PICKLE_USE_CALL | PICKLE_USE_BUILD, BIT(ODD_STRIDES)),
    USE("objects of an array", ARRAY("K\2\x85", "](NNe"), "ndarray", 0, 0),
    USE("one by one", ARRAY("K\2\x85", "]NaNa"), "ndarray", 0, 0),
    USE("of protocol 0", ARRAY("K\2\x85", "(lNaNa"), "ndarray", 0, 0),
    USE("none", ARRAY("K\0\x85", "]"), "ndarray", 0, 0),
    USE("too few", ARRAY("K\3\x85", "](NNe"), "ndarray", 0, BIT(ODD_ARRAY)),
    USE("too many", ARRAY("K\1\x85", "](NNe"), "ndarray", 0, BIT(ODD_ARRAY)),
    USE("bytes of an array", ARRAY("K\3\x85", "U\3abc"), "ndarray", 0, 0),
    USE("a shape that nobody can tell", ARRAY("cm\nC\n)R", "](NNe"), "ndarray", 0, BIT(ODD_ARRAY)),
    USE("the class of a module, with its source",
        "\x80\x02(X\6\0\0\0modulecm\nC\nX\1\0\0\0aX\1\0\0\0btQ)\x81}b.", "C",
        PICKLE_USE_CONSTRUCT | PICKLE_USE_BUILD, 0),
    USE("the same before there was a word", "\x80\x02(cm\nC\nX\1\0\0\0aX\1\0\0\0btQ)\x81.", "C",
        PICKLE_USE_CONSTRUCT, 0),
    USE("another persistent id is called",
        "\x80\x02(X\5\0\0\0othercm\nC\nX\1\0\0\0aX\1\0\0\0btQ)\x81.", "C", 0,
        BIT(SECOND_ORDER_CALL)),
};

static bool scan(struct pickle *p, struct arena *a, struct slice bytes)
{
    static const struct pickle_span all = {0, 0};
    struct format_input in = {.scratch = a, .bytes = source_memory(bytes)};
    struct feed feed;
    struct err e = {0};
    bool ok;

    feed_init(&feed, in.bytes, false);
    in.feed = &feed;
    ok = pickle_scan(&in, &all, p, &e);
    feed_release(&feed);
    source_free(in.bytes);
    return ok;
}

/* The same opcodes at the end of the bytes, where the handlers run them, and far from it, where
 * the loop for frequent ones does. */
CASES(scanner_format_pickle_uses, are_told_by_the_opcodes, uses)
{
    const uint32_t told = BIT(SECOND_ORDER_CALL) | BIT(STATE_METHOD) | BIT(WRITE_TO_GLOBAL) |
                          BIT(COMPUTED_CLASS) | BIT(ODD_DTYPE) | BIT(ODD_STRIDES) | BIT(ODD_ARRAY);
    const struct use_case *c = &uses[*case_index];
    uint8_t padded[256];

    for (size_t pad = 0; pad <= 64; pad += 64) {
        const struct pickle_import *x = NULL;
        struct pickle p;
        struct arena a;

        memset(padded, '.', sizeof(padded));
        memcpy(padded, c->bytes, c->len);
        arena_init(&a);
        cr_assert(scan(&p, &a, (struct slice){padded, c->len + pad}), "%s", c->what);
        for (size_t i = 0; i < p.table.n; i++)
            if (p.table.items[i].stream == 0 && slice_is(p.table.items[i].name, c->name))
                x = &p.table.items[i];
        cr_assert_not_null(x, "%s", c->what);
        cr_expect_eq(x->uses, c->uses, "%s: uses %u", c->what, x->uses);
        cr_expect_eq(p.vm.anomalies & told, c->anomalies, "%s: anomalies %x", c->what,
                     p.vm.anomalies);
        pickle_release(&p);
        arena_release(&a);
    }
}

/* ---- persistent ids ---- */
struct id_case {
    const char *what, *bytes;
    size_t len;
    uint64_t foreign;
    const char *key; /* of the storage, or NULL */
};

#define ID(what, bytes, foreign, key)                                                              \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, foreign, key                                               \
    }
#define STORAGE "\x80\x02(X\7\0\0\0storagectorch\nFloatStorage\n"

static const struct id_case ids[] = {
    ID("of torch.save",
       STORAGE "X\1\0\0\0"
               "7X\3\0\0\0cpuK\4tQ.",
       0, "7"),
    ID("of torch.package", STORAGE "K\7X\3\0\0\0cpuK\4tQ.", 0, "7"),
    ID("a key that is neither", STORAGE "NX\3\0\0\0cpuK\4tQ.", 1, NULL),
    ID("a module", "\x80\x02(X\6\0\0\0modulecm\nC\nX\1\0\0\0aX\1\0\0\0btQ.", 0, NULL),
    ID("a module without a class", "\x80\x02(X\6\0\0\0moduleNX\1\0\0\0aX\1\0\0\0btQ.", 1, NULL),
    ID("without a word", "\x80\x02(cm\nC\nX\1\0\0\0aX\1\0\0\0btQ.", 1, NULL),
    ID("a call", "\x80\x02(X\x0e\0\0\0reduce_packageK\1cm\nf\n)tQ.", 1, NULL),
};

CASES(scanner_format_pickle_ids, are_those_of_pytorch, ids)
{
    const struct id_case *c = &ids[*case_index];
    struct pickle p;
    struct arena a;

    arena_init(&a);
    cr_assert(scan(&p, &a, (struct slice){(const uint8_t *)c->bytes, c->len}), "%s", c->what);
    cr_expect_eq(p.vm.persids, 1, "%s", c->what);
    cr_expect_eq(p.vm.foreign_persids, c->foreign, "%s", c->what);
    cr_assert_eq(p.vm.nstorages, c->key != NULL, "%s", c->what);
    if (c->key != NULL)
        cr_expect(slice_is(p.vm.storages[0].key, c->key), "%s", c->what);
    pickle_release(&p);
    arena_release(&a);
}

/* ---- files within ---- */
Test(scanner_format_pickle_nested, are_counted_up_to_a_limit)
{
    static const char head[] = "\x80\x04"
                               "C\1x\x94"
                               "ctorch.storage\n_load_from_bytes\n\x94";

    for (size_t n = LIMIT_PICKLE_NESTED; n <= LIMIT_PICKLE_NESTED + 1; n++) {
        struct pickle p;
        struct arena a;
        struct buf b;

        buf_init(&b, 1u << 20);
        buf_put(&b, SLICE_LIT(head));
        for (size_t i = 0; i < n; i++)
            buf_put(&b, SLICE_LIT("h\1h\0\x85R0"));
        buf_u8(&b, '.');
        arena_init(&a);
        cr_assert(scan(&p, &a, buf_slice(&b)));
        cr_expect_eq(p.vm.nnested, LIMIT_PICKLE_NESTED);
        cr_expect_eq(p.vm.nested[0], 2);
        cr_expect_eq(p.table.items[0].loose, n > LIMIT_PICKLE_NESTED);
        pickle_release(&p);
        arena_release(&a);
        buf_release(&b);
    }
}

/* ---- the table as it is shipped ---- */
struct listed {
    const struct value *names[4096];
    size_t n;
};

static size_t times(const struct listed *l, const struct value *name)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += slice_eq(value_text(l->names[i]), value_text(name));
    return n;
}

static void list(struct listed *l, const struct value *groups)
{
    for (size_t g = 0; g < value_len(groups); g++)
        for (size_t i = 0; i < value_len(groups->as.members[g].value); i++) {
            cr_assert_lt(l->n, ARRAY_LEN(l->names));
            l->names[l->n++] = value_item(groups->as.members[g].value, i);
        }
}

Test(scanner_format_imports_table, names_stand_once_and_uses_are_of_them)
{
    static struct listed known, used, denied;
    const struct yaml_options plain = {0};
    const struct value *table;
    struct slice text;
    struct arena a;
    struct err e = {0};

    arena_init(&a);
    cr_assert(file_read(IMPORTS_TABLE, 1u << 20, &a, &text, &e), "%s", e.text);
    cr_assert(yaml_read(text, &plain, &a, &table, &e), "%s", e.text);
    list(&known, value_get(table, "allow"));
    list(&known, value_get(table, "profiles"));
    list(&used, value_get(table, "uses"));
    list(&denied, value_get(value_get(table, "deny"), "names"));
    for (size_t i = 0; i < known.n; i++) {
        const struct slice s = value_text(known.names[i]);

        cr_expect_eq(times(&known, known.names[i]), 1, "%.*s", (int)s.len, (const char *)s.data);
        cr_expect_eq(times(&denied, known.names[i]), 0, "%.*s", (int)s.len, (const char *)s.data);
    }
    for (size_t i = 0; i < used.n; i++) {
        const struct slice s = value_text(used.names[i]);

        cr_expect_eq(times(&known, used.names[i]), 1, "%.*s", (int)s.len, (const char *)s.data);
        cr_expect_eq(times(&used, used.names[i]), 1, "%.*s", (int)s.len, (const char *)s.data);
    }
    arena_release(&a);
}
