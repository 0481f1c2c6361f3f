#ifndef SCANNER_FORMATS_TABLE_ARROW_H
#define SCANNER_FORMATS_TABLE_ARROW_H
/*
 * Schemas of Apache Arrow: in its files and streams, and in the metadata of Parquet. What a loader
 * makes of them matters: an extension type may be a pickle (pyarrow's PyExtensionType, which
 * versions before 14.0.1 unpickle when they read the schema), and metadata are configurations.
 * SPEC: Apache Arrow 1.5, format/Schema.fbs, format/Message.fbs.
 */
#include "scanner/formats/format.h"
#include "scanner/formats/graph/flatbuffer.h"
#include "scanner/formats/names.h"

enum arrow_header {
    ARROW_SCHEMA = 1,
    ARROW_DICTIONARY = 2,
    ARROW_BATCH = 3,
    ARROW_TENSOR = 4,
    ARROW_SPARSE = 5
};

struct arrow_message {
    uint64_t header; /* enum arrow_header */
    struct flatbuffer_table table;
    uint64_t body; /* bytes behind it */
};

/* The one table of a buffer that begins at f->base. */
MUST_CHECK bool arrow_message(struct flatbuffer *f, struct arrow_message *out, struct err *e);

/* What was seen of one file's schemas, which may stand there twice. */
struct arrow_seen {
    const struct format_input *in;
    struct names extensions; /* names of types */
    struct names keys;       /* of the metadata */
    struct names told;       /* metadata that was judged, and pickles */
    uint64_t top, pickles;   /* fields that are in no other, of the last schema; pickles */
    size_t bytes;            /* of metadata that was read */
};

void arrow_seen_init(struct arrow_seen *s, const struct format_input *in);

/* All fields and all metadata of a schema: extension types are noted, pickles in them scanned as
 * FILE!extension-N.pkl, metadata judged (metadata.h). */
MUST_CHECK bool arrow_schema(struct arrow_seen *s, const struct flatbuffer_table *schema,
                             struct err *e);

/* The same for the message of a schema with its length in front, as metadata of Parquet hold it. */
MUST_CHECK bool arrow_schema_message(struct arrow_seen *s, struct slice bytes, struct err *e);

/* Lists of the extension types' names, and of the keys of the metadata. */
const struct value *arrow_extensions(const struct arrow_seen *s);
const struct value *arrow_keys(const struct arrow_seen *s);
#endif
