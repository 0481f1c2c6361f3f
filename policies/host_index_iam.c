/* Who holds which policies, and the ways to more: asked for by few rules, made once. */
#include "policies/host_index_state.h"
#include "policies/iam/escalate/iam_escalate.h"

const struct iam_account *host_index_iam_account(struct host_index *ix)
{
    if (ix->account == NULL) {
        ix->account = ARENA_NEW(ix->arena, struct iam_account);
        iam_account_read_index(ix, ix->arena, ix->account);
    }
    return ix->account;
}

void host_index_iam_paths(struct host_index *ix, const struct value *doc)
{
    *(struct host_document *)ARENA_PUSH(ix->arena, &ix->paths, &ix->npaths) =
        (struct host_document){doc};
}

/* The paths of all documents as one table. */
static bool read_paths(struct host_index *ix, struct iam_paths *out, struct err *e)
{
    const struct schema_doc d = {.file = "iam/escalations.yaml", .arena = ix->arena, .lean = true};
    struct iam_path *items = NULL;
    struct iam_paths one;

    *out = (struct iam_paths){.n = 0};
    for (size_t i = 0; i < ix->npaths; i++) {
        if (!iam_paths_read(&d, ix->paths[i].doc, &one, e))
            return false;
        for (size_t k = 0; k < one.n; k++)
            *(struct iam_path *)ARENA_PUSH(ix->arena, &items, &out->n) = one.items[k];
    }
    out->items = items;
    return true;
}

struct iam_escalate *host_index_iam_escalate(struct host_index *ix, struct err *e)
{
    struct iam_escalate_input in = {.one = true, .now = ix->now};
    struct iam_paths *paths;

    if (ix->escalate != NULL)
        return ix->escalate;
    if (ix->npaths == 0) {
        err_set(e, ERR_USAGE, ERR_NO_OFFSET, "the rules have no document of kind EscalationPaths");
        return NULL;
    }
    paths = ARENA_NEW(ix->arena, struct iam_paths);
    if (!read_paths(ix, paths, e))
        return NULL;
    in.paths = paths;
    in.account = host_index_iam_account(ix);
    ix->escalate = iam_escalate_new(&in, ix->arena);
    return ix->escalate;
}

static bool same_question(const struct host_answered *a, const struct host_answer_key *k)
{
    return a->first == k->first &&
           (k->question == NULL ? a->question == NULL : value_eq(a->question, k->question));
}

const struct value *host_index_iam_answer(const struct host_index *ix,
                                          const struct host_answer_key *k)
{
    const struct host_answers *all;

    if (ix->answers == NULL)
        return NULL;
    all = &ix->answers[k->fact - ix->facts->facts];
    for (size_t i = 0; i < all->n; i++)
        if (same_question(&all->items[i], k))
            return all->items[i].answer;
    return NULL;
}

void host_index_iam_remember(struct host_index *ix, const struct host_answer_key *k,
                             const struct value *answer)
{
    struct host_answers *all;

    if (ix->answers == NULL)
        ix->answers = ARENA_ARRAY(ix->arena, struct host_answers, ix->facts->nfacts);
    all = &ix->answers[k->fact - ix->facts->facts];
    *(struct host_answered *)ARENA_PUSH(ix->arena, &all->items, &all->n) =
        (struct host_answered){k->question != NULL ? value_copy(k->question, ix->arena) : NULL,
                               value_copy(answer, ix->arena), k->first};
}
