/* Which message of Caffe a text is: its outermost fields say. */
#include "scanner/formats/graph/caffe.h"
#include "scanner/formats/graph/pbtxt.h"

#define LAYER 100
#define LAYERS 2
#define SOLVER_FIELDS 3 /* that show a solver where no name promises one */

bool caffe_text_like(struct slice head, bool promised)
{
    struct slice word;

    if (!pbtxt_clean(head))
        return false;
    if (!pbtxt_plausible(head, &word))
        return pbtxt_goes_on(head, FORMAT_PROBE_BYTES);
    return promised || caffe_schema_named(CAFFE_NET, word) ||
           caffe_schema_named(CAFFE_SOLVER, word);
}

/* What stands at the outermost level. */
struct outline {
    uint64_t layers, net, solver, others;
    bool ok; /* it could be walked through */
};

static void field(struct outline *o, const struct pbtxt *t, const struct protobuf_field *f)
{
    const struct slice name = t->level[0].name;

    if (f->number == LAYER || f->number == LAYERS)
        o->layers += t->pending;
    else if (f->number != PROTOBUF_OTHER)
        o->net++;
    else if (!caffe_schema_named(CAFFE_SOLVER, name))
        o->others++;
    else
        o->solver += t->pending ? SOLVER_FIELDS : 1; /* a net within it is none by chance */
}

static struct outline walk(const struct caffe *c, struct slice text)
{
    struct outline o = {.ok = true};
    struct protobuf_field f;
    struct err ignored = {0};
    struct pbtxt t;

    pbtxt_init(&t, text, c->names[CAFFE_NET]);
    do {
        o.ok = pbtxt_next(&t, &f, &ignored);
        if (o.ok && f.number != 0)
            field(&o, &t, &f);
    } while (o.ok && f.number != 0);
    pbtxt_release(&t);
    return o;
}

enum caffe_kind caffe_text_kind(const struct caffe *c, struct slice text, bool promised)
{
    const struct outline o = walk(c, text);

    if (o.layers > 0)
        return CAFFE_NET;
    if (o.solver > 0 && (promised || (o.ok && o.others == 0 && o.solver >= SOLVER_FIELDS)))
        return CAFFE_SOLVER;
    /* it begins like a net, and breaks off */
    return !o.ok && promised && caffe_text_like(text, false) ? CAFFE_NET : CAFFE_OTHER;
}
