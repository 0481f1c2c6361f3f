#ifndef SCANNER_FORMATS_PYTHON_BYTECODE_H
#define SCANNER_FORMATS_PYTHON_BYTECODE_H
/*
 * What the instructions of CPython's code objects import, as far as a walk from the first to the
 * last one shows. Code that builds code, or that jumps into the middle of an instruction, imports
 * more: nothing follows from what is not told.
 * SPEC: CPython, Lib/opcode.py (2.7 to 3.12), Lib/_opcode_metadata.py (3.13, 3.14).
 */
#include "scanner/formats/names.h"
#include "scanner/formats/python/marshal.h"

struct bytecode_version {
    uint16_t first, last; /* magic numbers. SPEC: Include/internal/pycore_magic_number.h */
    const char *name;     /* "3.11" */
    uint8_t header;       /* bytes in front of the code object */
    bool words;           /* instructions of two bytes; else of one or three */
    uint8_t import_name, import_from, extended;
    struct marshal_form form;
};

/* The version that writes this magic number, or NULL. */
const struct bytecode_version *bytecode_version(uint16_t magic);

/* bytecode_imports(v, c, imports, uses): adds "os" and "os.system" to `imports`, and those of the
 * names of `c` that look others up at run time to `uses`. `lost` counts what found no room. */
void bytecode_imports(const struct bytecode_version *v, const struct marshal_code *c,
                      struct names *imports, struct names *uses, uint64_t *lost);
#endif
