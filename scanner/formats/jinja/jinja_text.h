#ifndef SCANNER_FORMATS_JINJA_JINJA_TEXT_H
#define SCANNER_FORMATS_JINJA_JINJA_TEXT_H
/* Strings as Python builds them: literals, printf-style and str.format. All results are in `a`. */
#include "base/arena.h"

/* What is put into a format. */
struct jinja_text_arg {
    struct slice name; /* of a keyword; else empty */
    struct slice text;
    int64_t number;
    bool is_number;
};

struct jinja_text_args {
    const struct jinja_text_arg *at;
    size_t n;
};

/* What stands between the quotes. False: an escape that Python refuses. `lossy`: a \N{...} whose
 * name is not known here became U+FFFD. SPEC: Python 3.11 language reference, 2.4.1 */
MUST_CHECK bool jinja_text_unescape(struct slice raw, struct arena *a, struct slice *out,
                                    bool *lossy);

/* format % args. False: cannot tell. SPEC: Python library reference, "printf-style" */
MUST_CHECK bool jinja_text_percent(struct slice format, const struct jinja_text_args *args,
                                   struct arena *a, struct slice *out);

/* format.format(args). False: cannot tell (attributes, nested fields). */
MUST_CHECK bool jinja_text_braces(struct slice format, const struct jinja_text_args *args,
                                  struct arena *a, struct slice *out);
#endif
