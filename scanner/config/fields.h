#ifndef SCANNER_CONFIG_FIELDS_H
#define SCANNER_CONFIG_FIELDS_H
/*
 * Documents whose keys are known beforehand: a table says which keys a map has and of what type
 * each is. Keys are compared after blanks and hyphens became underscores (told in a notice); an
 * unknown key is a notice and is left out; a wrong type, a missing key that is required and a key
 * that is given twice are errors with a line. An unknown value fits every type. A key without a
 * value (null) counts as absent, in a notice.
 */
#include "scanner/config/doc.h"

enum field_type {
    FIELD_STRING,
    FIELD_INT, /* not negative */
    FIELD_BOOL,
    FIELD_STRINGS, /* list of strings */
    FIELD_MAP,     /* a map with the keys of `sub` */
    FIELD_MAPS,    /* a list of such maps */
    FIELD_NAMED,   /* a map from any name to such maps */
    FIELD_TAGS     /* a map from text to text, or a list of {Key, Value}: becomes a map */
};

struct field {
    const char *key; /* NULL ends a table */
    enum field_type type;
    bool required;
    const struct field *sub;
};

/* fields_read(d, v, table, where, out, e): `where` is what errors call the map: "" for the
 * document. The result has the keys of the table, in the order of the source. */
struct fields_ask {
    const struct value *value;
    const struct field *table;
    const char *where;
};
MUST_CHECK bool fields_read(struct doc *d, const struct fields_ask *ask, const struct value **out,
                            struct err *e);

/* An object's address taken apart. Other schemes than s3 are kept with bucket NULL. */
struct fields_uri {
    struct slice scheme, bucket, prefix;
};
/* "s3://bucket/any/prefix/": ERR_FORMAT at `v` when there is no scheme, or an s3 address has no
 * bucket. */
MUST_CHECK bool fields_uri(const struct value *v, const char *where, struct fields_uri *out,
                           struct err *e);
/* Adds uri, scheme, bucket and prefix to a map; an unknown address makes all of them unknown. */
MUST_CHECK bool fields_put_uri(struct value_builder *b, const struct value *v, const char *where,
                               struct err *e);
#endif
