#include "signing/key.h"
#include "signing/key_source.h"
#include "signing/signer.h"

static bool open_key(const char *rest, const char *password, struct key **out, struct err *e)
{
    AUTO_SECRET struct secret text = {0};

    if (!key_source_env(rest, &text, e))
        return false;
    return key_private_pem(secret_slice(&text), password, out, e) || err_in(e, "key %s", rest);
}

const struct signer signer_env = {"env", "env://NAME", "PEM text in an environment variable",
                                  open_key};
