/* config.cfg of spaCy and Thinc: which registered functions make the parts of a pipeline. */
#include <string.h>

#include "scanner/formats/document_walk.h"

/* "@architectures = "spacy.Tagger.v2"": a function that some package registered. */
static void visit(void *ctx, const struct document_at *at)
{
    struct document_teller *t = ctx;
    const struct slice s = value_text(at->value);

    if (value_is(at->value, VALUE_STRING) && at->key.len > 1 && at->key.data[0] == '@')
        document_walk_loader(t, at, "registry", s, false);
    if (value_is(at->value, VALUE_STRING) && slice_is(at->key, "path") &&
        document_walk_outside(s) != NULL)
        document_walk_loader(t, at, "reference-escape", s,
                             strcmp(document_walk_outside(s), "url") == 0);
}

static bool is(const struct document_input *d)
{
    return slice_ends(slice_str(d->name), ".cfg") && value_is(d->root, VALUE_LIST);
}

static void tell(const struct document_input *d)
{
    struct document_teller t = {.in = d->in};

    document_walk(d->root, visit, &t);
}

const struct document document_spacy = {
    .name = "spacy",
    .summary = "config.cfg of spaCy: the functions that make the parts of a pipeline",
    .spec = "spaCy 3.8, config.cfg; confection 0.1",
    .is = is,
    .tell = tell,
};
