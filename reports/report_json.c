#include "reports/report.h"
#include "signing/signing.h"

/* The very bytes whose digest stands in the attestations. */
static bool write_json(const struct value_doc *verdict, const struct report_options *opt,
                       struct buf *out, struct err *e)
{
    (void)opt;
    return statement_verdict_json(verdict, out, e);
}

const struct report_format report_json = {
    "json",
    "the verdict document itself; its SHA-256 stands in the attestations",
    "application/json",
    write_json,
};
