/* Configurations: parsed, told, and cleaned of secrets. What is told never holds
 * a value that was found to be a secret. */
#include <string.h>

#include "base/limits.h"
#include "scanner/image/config_secrets.h"
#include "scanner/image/image_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct image_config c;
    struct facts facts;
    struct sink sink;
    struct err e = {0};
    const struct value *attributes;
    bool ok;

    arena_init(&a);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "fuzz";
    ok = image_config_parse((struct slice){data, size}, &a, &c, &e);
    if (ok != (e.code == ERR_NONE) || (ok && c.ndiff_ids > LIMIT_LAYERS))
        abort();
    if (ok) {
        attributes = image_config_attributes(&c, "sha256:0", &a);
        ok = config_secrets_tell(attributes, &a, &sink, &attributes, &e);
        if (ok != (e.code == ERR_NONE) || (ok && !value_is(attributes, VALUE_MAP)))
            abort();
        if (ok && value_get(attributes, "env") == NULL)
            abort();
    }
    arena_release(&a);
    return 0;
}
