#ifndef SCANNER_FORMATS_EMBEDDED_H
#define SCANNER_FORMATS_EMBEDDED_H
/* Data of a model that begins like something else: what weights do not begin with but by intent. */
#include "base/value.h"

#define EMBEDDED_HEAD 8 /* bytes that are looked at */
#define EMBEDDED_MAX 64 /* such places that are told of one file */

/* "elf", "macho", "zip" or "script"; NULL: nothing that is known. */
const char *embedded_kind(const uint8_t head[EMBEDDED_HEAD]);

/* Adds what begins at `at` to the list: {`what`: index, offset, kind}; EMBEDDED_MAX at most. */
void embedded_add(struct value_builder *list, const char *what, uint32_t index, uint64_t at,
                  const char *kind);
#endif
