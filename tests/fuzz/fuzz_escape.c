/* Every sink over any bytes. */
#include "base/escape.h"
#include "base/json.h"
#include "tests/lib/tree.h"

static struct slice made(struct buf *b, void (*escape)(struct buf *, struct slice), struct slice s)
{
    size_t bad;

    buf_init(b, (size_t)1 << 30);
    escape(b, s);
    TREE_MUST(slice_utf8(buf_slice(b), &bad));
    return buf_slice(b);
}

static bool has(struct slice s, const char *bytes)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] != 0 && strchr(bytes, s.data[i]) != NULL)
            return true;
    return false;
}

static void check_terminal(struct slice s)
{
    struct buf b, twice;
    const struct slice out = made(&b, escape_terminal, s);

    for (size_t i = 0; i < out.len; i++)
        TREE_MUST(out.data[i] >= 0x20 && out.data[i] != 0x7f);
    TREE_MUST(slice_eq(out, made(&twice, escape_terminal, out))); /* nothing is left to escape */
    buf_release(&b);
    buf_release(&twice);
}

/* Between quotes it is JSON that says what the bytes said, mended. */
static void check_json(struct slice s)
{
    const struct value *v = NULL;
    struct err e = {.code = ERR_NONE};
    struct arena a;
    struct buf b;

    arena_init(&a);
    buf_init(&b, (size_t)1 << 30);
    buf_u8(&b, '"');
    escape_json(&b, s);
    buf_u8(&b, '"');
    TREE_MUST(json_read(buf_slice(&b), &a, &v, &e));
    TREE_MUST(value_eq(v, value_bytes(&a, s, NULL)));
    buf_release(&b);
    arena_release(&a);
}

static void check_html(struct slice s)
{
    struct buf b;
    const struct slice out = made(&b, escape_html, s);

    TREE_MUST(!has(out, "<>\"'"));
    for (size_t i = 0; i < out.len; i++)
        TREE_MUST(out.data[i] >= 0x20);
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice s = {data, size};

    check_terminal(s);
    check_json(s);
    check_html(s);
    return 0;
}
