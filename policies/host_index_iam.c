/* Who holds which policies, and the ways to more: asked for by few rules, made once. */
#include "policies/host_index_state.h"
#include "policies/iam/iam_escalate.h"

const struct iam_account *host_index_account(struct host_index *ix)
{
    if (ix->account == NULL) {
        ix->account = ARENA_NEW(ix->arena, struct iam_account);
        iam_account_read_index(ix, ix->arena, ix->account);
    }
    return ix->account;
}

void host_index_paths(struct host_index *ix, const struct value *doc, int64_t now)
{
    ix->paths = doc;
    ix->now = now;
}

struct iam_escalate *host_index_escalate(struct host_index *ix, struct err *e)
{
    const struct schema_doc d = {.file = "iam/escalations.yaml", .arena = ix->arena, .lean = true};
    struct iam_escalate_input in = {.account = host_index_account(ix), .one = true, .now = ix->now};
    struct iam_paths *paths;

    if (ix->escalate != NULL)
        return ix->escalate;
    if (ix->paths == NULL) {
        err_set(e, ERR_USAGE, ERR_NO_OFFSET, "the rules have no document of kind EscalationPaths");
        return NULL;
    }
    paths = ARENA_NEW(ix->arena, struct iam_paths);
    if (!iam_paths_read(&d, ix->paths, paths, e))
        return NULL;
    in.paths = paths;
    ix->escalate = iam_escalate_new(&in, ix->arena);
    return ix->escalate;
}

static bool same_question(const struct host_answered *a, const struct host_answer_key *k)
{
    return a->first == k->first &&
           (k->question == NULL ? a->question == NULL : value_eq(a->question, k->question));
}

const struct value *host_index_answer(const struct host_index *ix, const struct host_answer_key *k)
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

void host_index_remember(struct host_index *ix, const struct host_answer_key *k,
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
