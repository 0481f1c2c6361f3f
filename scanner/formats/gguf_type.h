#ifndef SCANNER_FORMATS_GGUF_TYPE_H
#define SCANNER_FORMATS_GGUF_TYPE_H
/* The types of ggml's tensors. SPEC: gguf.md, ggml_type; ggml-common.h, the block_* structures */
#include <stddef.h>
#include <stdint.h>

#define GGUF_TYPES 35

/* `elems` values take `bytes`. */
struct gguf_type {
    uint16_t number, elems, bytes;
    const char *name;
};

extern const struct gguf_type gguf_type_table[GGUF_TYPES];

/* Its place in the table; GGUF_TYPES when the number was taken back or is not known. */
size_t gguf_type_find(uint32_t number);
#endif
