#include "signing/verifier.h"

#include <string.h>

#define VERIFIER(name) extern const struct verifier verifier_##name;
#include "signing/verifiers.def"
#undef VERIFIER

const struct verifier *const verifier_table[] = {
#define VERIFIER(name) &verifier_##name,
#include "signing/verifiers.def"
#undef VERIFIER
    NULL,
};

const struct verifier *verifier_find(const char *scheme)
{
    for (size_t i = 0; verifier_table[i] != NULL; i++)
        if (strcmp(verifier_table[i]->scheme, scheme) == 0)
            return verifier_table[i];
    return NULL;
}
