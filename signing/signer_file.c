#include "signing/key.h"
#include "signing/key_source.h"
#include "signing/signer.h"

static bool open_key(const char *rest, const char *password, struct key **out, struct err *e)
{
    AUTO_SECRET struct secret text = {0};

    if (!key_source_file(rest, true, &text, e))
        return false;
    return key_private_pem(secret_slice(&text), password, out, e) || err_in(e, "key %s", rest);
}

const struct signer signer_file = {
    "file", "file:PATH",
    "a PEM file (PKCS#8, plain or encrypted) of mode 600; a bare PATH is the same", open_key};
