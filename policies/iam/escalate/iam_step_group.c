#include "policies/iam/escalate/iam_step_group.h"

static bool same_thing(const struct iam_path_step *a, const struct iam_step_group *g)
{
    return a->on == g->on && a->on != IAM_ON_ANYTHING && a->object == g->object;
}

size_t iam_step_group_make(const struct iam_path_way *way, struct iam_step_group *out)
{
    size_t n = 0;

    for (size_t i = 0; i < way->n; i++) {
        const struct iam_path_step *s = &way->steps[i];
        size_t k = 0;

        while (k < n && !same_thing(s, &out[k]))
            k++;
        if (k == n)
            out[n++] = (struct iam_step_group){.on = s->on, .object = s->object};
        out[k].steps[out[k].n++] = i;
    }
    return n;
}

const struct iam_step_group *iam_step_group_find(const struct iam_step_group *groups, size_t n,
                                                 bool target)
{
    for (size_t i = 0; i < n; i++)
        if (target ? iam_paths_target(groups[i].on) : groups[i].on == IAM_ON_ROLE_POLICY)
            return &groups[i];
    return NULL;
}

bool iam_step_group_self(const struct iam_path_way *way)
{
    for (size_t i = 0; i < way->n; i++)
        if (iam_paths_own(way->steps[i].on))
            return true;
    return false;
}
