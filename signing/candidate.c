#include "signing/candidate.h"

#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "signing/key.h"

bool candidate_no(struct candidate_result *r, const char *reason, const char *text)
{
    r->reason = reason;
    snprintf(r->text, sizeof(r->text), "%s", text);
    return false;
}

bool candidate_no_err(struct candidate_result *r, const char *what, const struct err *e)
{
    r->reason = "malformed";
    snprintf(r->text, sizeof(r->text), "%s: %.400s", what, e->text);
    return false;
}

void candidate_keep_text(struct slice text, char out[256])
{
    struct buf b;
    size_t n;

    if (text.len > 160)
        text.len = 160;
    buf_init(&b, LIMIT_KEY_BYTES);
    escape_terminal(&b, text);
    n = b.len < 255 ? b.len : 255;
    if (n > 0)
        memcpy(out, b.data, n);
    out[n] = '\0';
    buf_release(&b);
}

const struct candidate_key *candidate_signer(const struct candidate_key *keys, size_t n,
                                             struct slice message, struct slice sig,
                                             struct candidate_result *r)
{
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};

        if (!key_verify(keys[i].key, message, sig, &e) &&
            !key_verify_other(keys[i].key, message, sig))
            continue;
        r->key = keys[i].name;
        key_id(keys[i].key, r->keyid);
        return &keys[i];
    }
    return NULL;
}
