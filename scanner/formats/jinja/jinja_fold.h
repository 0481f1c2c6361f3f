#ifndef SCANNER_FORMATS_JINJA_JINJA_FOLD_H
#define SCANNER_FORMATS_JINJA_JINJA_FOLD_H
/* What filters and methods make of a value. */
#include "scanner/formats/jinja/jinja_value.h"

/* v|name(args) */
struct jinja_value jinja_fold_filter(struct jinja_fold *f, struct jinja_value v, struct slice name,
                                     const struct jinja_args *args);
/* v.name(args) */
struct jinja_value jinja_fold_method(struct jinja_fold *f, struct jinja_value v, struct slice name,
                                     const struct jinja_args *args);
#endif
