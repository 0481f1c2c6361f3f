#include "signing/key.h"
#include "signing/key_source.h"
#include "signing/verifier.h"

static bool open_key(const char *rest, struct key **out, struct err *e)
{
    AUTO_SECRET struct secret text = {0};

    if (!key_source_env(rest, &text, e))
        return false;
    return key_public_pem(secret_slice(&text), out, e) || err_in(e, "key %s", rest);
}

const struct verifier verifier_env = {"env", "env://NAME", "PEM text in an environment variable",
                                      open_key};
