#ifndef SCANNER_IMAGE_SECRET_CHECK_H
#define SCANNER_IMAGE_SECRET_CHECK_H
/* What the pattern alone cannot say of a hit: its neighbours, its entropy,
 * whether a key follows. */
#include "scanner/image/pattern.h"
#include "scanner/image/secrets.h"

/* secret_check(what, window, hit, out): false when it is no secret. Fills
 * everything of `out` but offset and line. */
bool secret_check(const struct detectors_secret *what, struct slice window,
                  const struct pattern_hit *hit, struct secrets_hit *out);

/* Shannon entropy in bits a byte. */
double secret_check_entropy(struct slice s);
#endif
