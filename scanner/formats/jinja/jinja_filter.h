#ifndef SCANNER_FORMATS_JINJA_JINJA_FILTER_H
#define SCANNER_FORMATS_JINJA_JINJA_FILTER_H
/* Filters and tests of a template. */
#include "scanner/formats/jinja/jinja_walk.h"

/* A filter's name and its arguments; the bar is taken. `v` becomes what it gives. */
MUST_CHECK bool jinja_filter_one(struct jinja_walk *w, struct jinja_value *v);

/* All filters, tests and calls behind `v`. */
MUST_CHECK bool jinja_filter_all(struct jinja_walk *w, struct jinja_value *v);
#endif
