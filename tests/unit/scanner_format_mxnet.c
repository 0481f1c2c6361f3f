/* The cap of parameters of MXNet. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/scanner_model_support.h"

/* Arrays of nothing: a magic, a kind, no dimensions. */
static void arrays(uint64_t n, const char *status, const char *reason)
{
    struct buf b;

    buf_init(&b, 64u << 20);
    buf_u64le(&b, 0x112);
    buf_u64le(&b, 0);
    buf_u64le(&b, n);
    for (uint64_t i = 0; i < n; i++) {
        buf_u32le(&b, 0xF993fac9);
        buf_u32le(&b, 0);
        buf_u32le(&b, 0);
    }
    buf_u64le(&b, 0); /* no names */
    scanned_says("m.params", buf_slice(&b), status, reason);
    buf_release(&b);
}

Test(scanner_format_mxnet, arrays_have_a_cap)
{
    arrays(LIMIT_TENSORS, "read", "");
    arrays(LIMIT_TENSORS + 1, "truncated",
           "1000001 arrays, at most 1000000 are read (LIMIT_TENSORS)");
}
