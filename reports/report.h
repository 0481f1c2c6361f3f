#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H
/*
 * Renderings of a verdict document (docs/verdict.schema.json). A report never decides anything.
 * One line in reports.def a format; the loop in report.c owns the temporary file, the rename and
 * the failure, so a writer only writes.
 */
#include "base/buf.h"
#include "base/value_doc.h"

struct report_options {
    bool color;     /* ANSI colours; text only */
    unsigned width; /* columns of the terminal; 0 = 100 */
    bool verbose;   /* passes too */
};

struct report_format {
    const char *name, *summary, *media_type;
    /* `verdict` is untrusted text in a trusted shape: escape every string for the sink. `out` may
     * have a drain: what was written cannot be looked at again. */
    bool (*write)(const struct value_doc *verdict, const struct report_options *opt,
                  struct buf *out, struct err *e);
};

extern const struct report_format *const report_table[]; /* ends with NULL */
const struct report_format *report_find(const char *name);

/*
 * report_check(specs, e): would report_emit know each format and have a path, and does each go
 * somewhere else? Two into one file would leave the second only; two to standard output would be no
 * document. `specs` ends with NULL, or is NULL.
 */
MUST_CHECK bool report_check(const char *const *specs, struct err *e);

/*
 * report_emit("json=out.json" | "text" | "-"...): writes to PATH atomically, folders on the way are
 * made; or to standard output, of which a failure may leave a part. A spec that report_check lets
 * pass.
 */
MUST_CHECK bool report_emit(const char *spec, const struct value_doc *verdict,
                            const struct report_options *opt, struct err *e);
#endif
