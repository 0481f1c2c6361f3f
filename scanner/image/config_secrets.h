#ifndef SCANNER_IMAGE_CONFIG_SECRETS_H
#define SCANNER_IMAGE_CONFIG_SECRETS_H
/* Secrets in the configuration of an image: environment, labels, history, arguments. Told as
 * `image.secret`, and cut out of what `image.config` tells. */
#include "base/value.h"
#include "scanner/sink.h"

/* config_secrets_tell(attributes, a, sink, out, e): `*out` is a copy of the attributes without the
 * secrets. Also the value of a variable whose name speaks of a secret is cut out. */
MUST_CHECK bool config_secrets_tell(const struct value *attributes, struct arena *a,
                                    struct sink *sink, const struct value **out, struct err *e);
#endif
