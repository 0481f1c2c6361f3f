#include "signing/signer.h"

#include <string.h>

#define SIGNER(name) extern const struct signer signer_##name;
#include "signing/signers.def"
#undef SIGNER

const struct signer *const signer_table[] = {
#define SIGNER(name) &signer_##name,
#include "signing/signers.def"
#undef SIGNER
    NULL,
};

const struct signer *signer_find(const char *scheme)
{
    for (size_t i = 0; signer_table[i] != NULL; i++)
        if (strcmp(signer_table[i]->scheme, scheme) == 0)
            return signer_table[i];
    return NULL;
}
