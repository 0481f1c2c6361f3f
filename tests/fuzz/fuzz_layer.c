/*
 * A layer, plain or compressed, read twice as two layers of one image: the ledger sums up, the tree
 * stays a tree, and reading ends well exactly when there is no error.
 */
#include <string.h>

#include "scanner/image/files.h"
#include "scanner/image/layer.h"
#include "scanner/image/software.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(struct tree *t)
{
    uint8_t *buf = malloc(TREE_PATH_MAX);
    size_t n = 0;

    for (const struct tree_node *x = tree_next(&t->root); x != NULL; x = tree_next(x)) {
        const struct tree_node *after = x->next;

        n++;
        if (x->parent->type != '5' || x->depth != x->parent->depth + 1)
            abort();
        if (after != NULL && slice_cmp((struct slice){x->name, x->name_len},
                                       (struct slice){after->name, after->name_len}) >= 0)
            abort();
        if (tree_find(t, tree_path(x, buf), false) != x)
            abort();
    }
    if (n != t->nnodes)
        abort();
    free(buf);
}

static void check_ledger(const struct facts *f)
{
    for (size_t i = 0; i < f->ncoverage; i++) {
        const struct coverage *c = &f->coverage[i];

        if (c->parsed + c->scanned + c->opaque + c->unread != c->bytes)
            abort();
        if ((c->status == COVERAGE_READ) != (c->reason == NULL))
            abort();
    }
}

static void read_one(struct inventory *v, struct slice bytes)
{
    struct source *blob = source_memory(bytes);
    struct err e = {0};
    struct layer l = {.blob = blob, .blob_len = bytes.len, .blob_path = "blob", .media_type = ""};

    inventory_layer(v, "sha256:0", "sha256:0");
    if (layer_read(&l, v, &e) != (e.code == ERR_NONE))
        abort();
    if (l.whole && l.headers + l.content > l.bytes)
        abort();
    source_free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct facts facts;
    struct sink sink;
    struct inventory v;
    struct err e = {0};

    arena_init(&a);
    facts_init(&facts, &a);
    sink_to_facts(&sink, &facts);
    sink.subject_name = sink.input_name = "fuzz";
    if (!inventory_init(&v, &a, &sink, 1, &e))
        abort();
    read_one(&v, (struct slice){data, size});
    read_one(&v, (struct slice){data, size});
    files_tell(&v, true);
    files_tell_secrets(&v);
    software_tell(&v);
    check_tree(&v.tree);
    check_ledger(&facts);
    inventory_release(&v);
    arena_release(&a);
    return 0;
}
