#include "policies/builtin.h"

#include "base/value_wire.h"

bool builtin_documents(const struct builtin_file *f, struct arena *a, const struct value **out,
                       struct err *e)
{
    struct reader r = reader_over((struct slice){f->wire, f->wire_len});

    return value_wire_get(&r, a, out, e) || err_in(e, "%s", f->name);
}
