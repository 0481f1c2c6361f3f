#ifndef SCANNER_FORMATS_SETTINGS_PBTXT_H
#define SCANNER_FORMATS_SETTINGS_PBTXT_H
/* The text form of a protobuf message of any schema, as nested lists of maps of one member; names
 * and numbers are strings. SPEC: Protocol Buffers, "Text Format Language". */
#include "base/value.h"

MUST_CHECK bool settings_pbtxt_read(struct slice text, struct arena *a, const struct value **out,
                                    struct err *e);
#endif
