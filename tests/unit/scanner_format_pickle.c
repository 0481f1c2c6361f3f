/* What the pickle machine tells beyond names: where imports go, what they are given, how far shared
 * containers spread, and that the loop for frequent opcodes does what the handlers do. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scanner/formats/pickle/imports.h"
#include "scanner/formats/pickle/pickle.h"
#include "tests/lib/cases.h"
#include "tests/lib/imports.h"

struct told {
    struct pickle p;
    struct arena a;
    uint8_t *bytes;
};

/* `tail` behind `bytes`, in an exact-size heap block. */
static void scan(struct told *t, struct slice bytes, struct slice tail)
{
    static const struct pickle_span all = {0, 0};
    struct format_input in = {0};
    struct feed feed;
    struct err e = {0};

    t->bytes = malloc(bytes.len + tail.len + 1);
    memcpy(t->bytes, bytes.data, bytes.len);
    if (tail.len > 0)
        memcpy(t->bytes + bytes.len, tail.data, tail.len);
    arena_init(&t->a);
    in.scratch = &t->a;
    in.bytes = source_memory((struct slice){t->bytes, bytes.len + tail.len});
    feed_init(&feed, in.bytes, false);
    in.feed = &feed;
    cr_assert(pickle_scan(&in, &all, &t->p, &e), "%s", e.text);
    feed_release(&feed);
    source_free(in.bytes);
}

static void done(struct told *t)
{
    pickle_release(&t->p);
    arena_release(&t->a);
    free(t->bytes);
}

/* ---- chains ---- */
struct chain_case {
    const char *what, *bytes;
    size_t len;
    enum pickle_what steps[PICKLE_STEPS];
    size_t n;
};

#define CHAIN(what, bytes, ...)                                                                    \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, {__VA_ARGS__},                                             \
            sizeof((enum pickle_what[]){__VA_ARGS__}) / sizeof(enum pickle_what)                   \
    }

static const struct chain_case chains[] = {
    CHAIN("called and returned", "cm\nn\n)R.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_GIVEN),
    CHAIN("only returned", "cm\nn\n.", PICKLE_IMPORTED, PICKLE_GIVEN),
    CHAIN("thrown away", "cm\nn\n)R0N.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_DROPPED),
    CHAIN("thrown away to the mark", "(cm\nn\n)R1N.", PICKLE_IMPORTED, PICKLE_CALLED,
          PICKLE_DROPPED),
    CHAIN("built", "cm\nn\n)\x81}b.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_BUILT, PICKLE_GIVEN),
    CHAIN("filled", "cm\nn\n)RNNs.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_FILLED, PICKLE_GIVEN),
    CHAIN("in a list", "](cm\nn\n)Re.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_STORED),
    CHAIN("in a dict, far from the end", "}Ncm\nn\n)Rs0NNNN00000N0N0N0N0N0N0N0N0N.",
          PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_STORED),
    CHAIN("called twice", "cm\nn\n)R)R.", PICKLE_IMPORTED, PICKLE_CALLED, PICKLE_CALLEE),
    CHAIN("name of an import", "cm\nn\n)R\x8c\1z\x93.", PICKLE_IMPORTED, PICKLE_CALLED,
          PICKLE_NAMES),
};

CASES(scanner_format_pickle_chain, is_what_the_opcodes_do, chains)
{
    const struct chain_case *c = &chains[*case_index];
    const struct pickle_import *x;
    struct told t;

    scan(&t, (struct slice){(const uint8_t *)c->bytes, c->len}, (struct slice){NULL, 0});
    cr_assert_geq(t.p.table.n, 1, "%s", c->what);
    x = &t.p.table.items[0];
    cr_expect_eq(x->nsteps, c->n, "%s: %zu steps", c->what, x->nsteps);
    for (size_t i = 0; i < x->nsteps && i < c->n; i++)
        cr_expect_eq(x->steps[i].what, c->steps[i], "%s: step %zu is %d", c->what, i,
                     x->steps[i].what);
    done(&t);
}

Test(scanner_format_pickle_chain, names_who_is_given_the_result)
{
    static const char bytes[] = "cx\ny\ncm\nn\n)R\x85R.";
    struct told t;

    scan(&t, SLICE_LIT(bytes), (struct slice){NULL, 0});
    cr_assert_eq(t.p.table.n, 2);
    cr_assert_eq(t.p.table.items[1].nsteps, 3);
    cr_expect_eq(t.p.table.items[1].steps[2].what, PICKLE_ARGUMENT);
    cr_expect_eq(t.p.table.items[1].steps[2].with, 0);
    cr_expect(t.p.table.items[1].steps[2].result);
    done(&t);
}

/* ---- payloads ---- */
struct payload_case {
    const char *what, *bytes;
    size_t len;
    enum pickle_payload want;
};

#define PAYLOAD(what, bytes, want)                                                                 \
    {                                                                                              \
        what, bytes, sizeof(bytes) - 1, want                                                       \
    }

static const struct payload_case payloads[] = {
    PAYLOAD("protocol 4", "\x80\x04\x95\x05\0\0\0\0", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("protocol 2", "\x80\x02}q\0X\1\0", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("protocol 0", "cos\nsystem\n(", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("protocol 0 behind a mark", "(cos\nsystem\n", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("base64", "gASVHgAAAAAAAAC", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("base64 of protocol 3", "gAN9cQAu", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("as Latin-1 text", "\xc2\x80\x02]q\0a.", PICKLE_PAYLOAD_PICKLE),
    PAYLOAD("gzip", "\x1f\x8b\x08\0\0\0\0\0", PICKLE_PAYLOAD_ARCHIVE),
    PAYLOAD("zip", "PK\3\4\0\0\0\0", PICKLE_PAYLOAD_ARCHIVE),
    PAYLOAD("a program", "\x7f\x45LF\2\1\1\0", PICKLE_PAYLOAD_PROGRAM),
    PAYLOAD("marshal", "\xe3\1\0\0\0\0\0\0", PICKLE_PAYLOAD_CODE),
    PAYLOAD("too short", "\x80\x04\x95\x05", PICKLE_PAYLOAD_NONE),
    PAYLOAD("protocol 9", "\x80\x09\x95\x05\0\0\0\0", PICKLE_PAYLOAD_NONE),
    PAYLOAD("a word", "gradient", PICKLE_PAYLOAD_NONE),
    PAYLOAD("a sentence", "count of\nwords\n", PICKLE_PAYLOAD_NONE),
    PAYLOAD("in brackets", "(see below)", PICKLE_PAYLOAD_NONE),
    PAYLOAD("numbers", "\x80\x3f\0\0\x80\x3f\0\0", PICKLE_PAYLOAD_NONE),
};

CASES(scanner_format_pickle_payload, is_told_by_its_first_bytes, payloads)
{
    const struct payload_case *c = &payloads[*case_index];

    cr_expect_eq(pickle_payload_of((struct slice){(const uint8_t *)c->bytes, c->len}), c->want,
                 "%s", c->what);
}

/* More payloads than are remembered: what is not known to be harmless counts as one. */
Test(scanner_format_pickle_payload, too_many_to_remember_are_not_forgotten)
{
    struct pickle_loaded l = {0};
    const struct pickle_slot list = {.kind = PICKLE_LIST, .ref = 1 << 30};
    const struct pickle_slot number = {.kind = PICKLE_INT, .ref = 1 << 30};

    for (uint64_t i = 0; i < 20000; i++)
        pickle_payload_loaded_add(&l, (struct pickle_slot){.kind = PICKLE_BYTES, .ref = i & 0xffff},
                                  PICKLE_PAYLOAD_PICKLE);
    cr_expect(l.full);
    cr_expect_eq(pickle_payload_loaded_any(&l, &list, 1), PICKLE_PAYLOAD_PICKLE);
    cr_expect_eq(pickle_payload_loaded_any(&l, &number, 1), PICKLE_PAYLOAD_NONE);
    pickle_payload_loaded_release(&l);
}

/* ---- shared containers and far keys ---- */
static void laughs(struct buf *b, unsigned layers, unsigned width)
{
    buf_put(b, SLICE_LIT("\x80\x04]\x94"));
    for (unsigned i = 0; i < layers; i++) {
        buf_put(b, SLICE_LIT("]("));
        for (unsigned k = 0; k < width; k++) {
            buf_u8(b, 'h');
            buf_u8(b, (uint8_t)i);
        }
        buf_put(b, SLICE_LIT("e\x94"));
    }
    buf_u8(b, '.');
}

Test(scanner_format_pickle_share, layers_multiply_and_rows_add_up)
{
    struct told t;
    struct buf b;

    buf_init(&b, 1u << 16);
    laughs(&b, 9, 10);
    scan(&t, buf_slice(&b), (struct slice){NULL, 0});
    cr_expect_eq((uint64_t)t.p.vm.share.most, 1000000000);
    done(&t);
    buf_release(&b);
    buf_init(&b, 1u << 16);
    laughs(&b, 1, 900);
    scan(&t, buf_slice(&b), (struct slice){NULL, 0});
    cr_expect_eq((uint64_t)t.p.vm.share.most, 900);
    done(&t);
    buf_release(&b);
}

Test(scanner_format_pickle_memo, far_keys_take_no_room)
{
    static const char far[] = "Nr\xff\xff\xff\x7f.", back[] = "\x8c\x02osr\xff\xff\x0f\0"
                                                              "0\x8c\x01xj\xff\xff\x0f\0\x86.";
    struct told t;

    scan(&t, SLICE_LIT(far), (struct slice){NULL, 0});
    cr_expect_eq(t.p.vm.stack.top_key, UINT64_C(0x80000000));
    cr_expect_eq(t.p.memo_keys, 1);
    done(&t);
    scan(&t, SLICE_LIT(back), (struct slice){NULL, 0});
    cr_expect_not(pickle_vm_has(&t.p.vm, PICKLE_MEMO_MISS));
    done(&t);
}

/* A key near the others after one far away: both are found, and count once. */
Test(scanner_format_pickle_memo, far_and_near_keys_are_one_memo)
{
    static const char bytes[] = "\x8c\x02osr\xff\xff\x0f\0"
                                "0\x8c\x06system\x94"
                                "0j\xff\xff\x0f\0h\x01\x93.";
    struct told t;

    scan(&t, SLICE_LIT(bytes), (struct slice){NULL, 0});
    cr_assert_eq(t.p.table.n, 1);
    cr_expect(slice_is(t.p.table.items[0].module, "os"));
    cr_expect(slice_is(t.p.table.items[0].name, "system"));
    cr_expect_eq(t.p.memo_keys, 2);
    done(&t);
}

/* ---- the loop for frequent opcodes ---- */
#define BYTES(b)                                                                                   \
    {                                                                                              \
        (const uint8_t *)(b), sizeof(b) - 1                                                        \
    }

static const struct slice alike[] = {
    BYTES("\x80\x04]\x94(K\1M\1\2J\1\2\3\4G\0\0\0\0\0\0\0\0N\x88\x89"
          "e0}\x94(\x8c\1aK\1X\1\0\0\0bU\1cu0\x8f\x94(K\1\x90"
          "0)K\1\x85K\1K\2\x86K\1K\2K\3\x87(NNt"),
    BYTES("\x80\x04](h\0a."),
    BYTES("\x80\x04K\1q\0q\0h\0h\1."),
    BYTES("\x80\x04NNs."),
    BYTES("\x80\x04}(Nu."),
    BYTES("\x80\x04(0(00."),
    BYTES("\x80\x04\x8c\2os\x94\x8c\6system\x94\x93h\0h\1\x93"),
    BYTES("\x80\x04N(e."),
    BYTES("\x80\x04]Na(NtN(K\1\x85t"),
};

/* The same opcodes at the end of the bytes, where the handlers run them, and far from it. */
Test(scanner_format_pickle_hot, does_what_the_handlers_do)
{
    uint8_t pad[64];

    memset(pad, 'N', sizeof(pad));
    for (size_t i = 0; i < ARRAY_LEN(alike); i++) {
        struct told cold, hot;

        scan(&cold, alike[i], (struct slice){NULL, 0});
        scan(&hot, alike[i], (struct slice){pad, sizeof(pad)});
        cr_expect_eq(cold.p.table.n, hot.p.table.n, "row %zu", i);
        cr_expect_eq(cold.p.vm.anomalies & ~(1u << PICKLE_TRAILING_BYTES),
                     hot.p.vm.anomalies & ~(1u << PICKLE_TRAILING_BYTES), "row %zu", i);
        if (cold.p.error.code != ERR_NONE && !cold.p.vm.in.starved) {
            cr_expect_str_eq(cold.p.error.text, hot.p.error.text, "row %zu", i);
            cr_expect_eq(cold.p.error.offset, hot.p.error.offset, "row %zu", i);
        }
        done(&cold);
        done(&hot);
    }
}

/* ---- the table of names ---- */
struct name_case {
    const char *what, *module, *name;
    enum imports_risk risk;
    const char *profile, *use;
};

static const struct name_case names[] = {
    {"core", "collections", "OrderedDict", IMPORTS_ALLOW, "", "map"},
    {"core, a value", "torch", "float32", IMPORTS_ALLOW, "", "data"},
    {"core, called", "torch._utils", "_rebuild_tensor_v2", IMPORTS_ALLOW, "", ""},
    {"both spellings of NumPy", "numpy._core.multiarray", "_reconstruct", IMPORTS_ALLOW, "", ""},
    {"a framework", "sklearn.svm._classes", "SVC", IMPORTS_UNKNOWN, "sklearn", ""},
    {"another", "torch.nn.modules.linear", "Linear", IMPORTS_UNKNOWN, "torch-nn", ""},
    {"one that may be called", "sklearn.tree._tree", "Tree", IMPORTS_UNKNOWN, "sklearn", "call"},
    {"one that evaluates its state", "scipy.stats._continuous_distns", "norm_gen", IMPORTS_UNKNOWN,
     "", ""},
    {"listed in a denied module", "inspect", "Signature", IMPORTS_UNKNOWN, "fastai", "call"},
    {"not listed in it", "inspect", "getsource", IMPORTS_DENY, "", ""},
    {"nobody's", "my.module", "Thing", IMPORTS_UNKNOWN, "", ""},
    {"near a framework", "sklearn.svm._classes", "SVC2", IMPORTS_UNKNOWN, "", ""},
    {"denied by name", "builtins", "eval", IMPORTS_DENY, "", ""},
    {"denied by module", "subprocess", "Popen", IMPORTS_DENY, "", ""},
    {"one that opens what it is given", "xgboost.core", "DMatrix", IMPORTS_DENY, "", ""},
    {"a library that runs commands", "mailcap", "findmatch", IMPORTS_DENY, "", ""},
    {"below a denied module", "os.path", "join", IMPORTS_DENY, "", ""},
    {"a module in a module", "torch.serialization", "os", IMPORTS_DENY, "", ""},
    {"along attributes", "torch", "serialization.os.system", IMPORTS_DENY, "", ""},
    {"a method that writes", "my.module", "Path.write_text", IMPORTS_DENY, "", ""},
    {"to the interpreter", "my.module", "f.__globals__", IMPORTS_DENY, "", ""},
};

CASES(scanner_format_imports, are_judged_by_the_table, names)
{
    const struct name_case *c = &names[*case_index];
    const struct imports_answer got =
        imports_of(imports_table(), slice_str(c->module), slice_str(c->name));

    cr_expect_eq(got.risk, c->risk, "%s: %s", c->what, imports_risk_name(got.risk));
    cr_expect(slice_is(got.profile, c->profile), "%s", c->what);
    cr_expect(slice_is(got.use, c->use), "%s", c->what);
    cr_expect_eq(got.why.len > 0, c->risk != IMPORTS_UNKNOWN, "%s", c->what);
}
