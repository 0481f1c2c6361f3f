#ifndef POLICIES_HOST_INDEX_STATE_H
#define POLICIES_HOST_INDEX_STATE_H
/* Inside of host_index: shared by the files host_index*.c only. */
#include "policies/host_index.h"
#include "policies/view.h"

struct host_list {
    struct slice source, type;
    const struct value *value;
};

/* A candidate of a join, under one text that it names or one fact that it refers to. */
struct host_link {
    struct slice text;
    const struct fact *target; /* or NULL: by text */
    const struct fact *from;
    bool maybe;
};

/* All candidates of (type, path). */
struct host_join {
    struct slice type, path;
    struct host_link *links; /* sorted: by target, then by text */
    size_t nlinks;
    const struct value *vague; /* an unknown, when some refer to nothing we know; else NULL */
    size_t nvague;
};

/* All of a type by what they tell of. */
struct host_paths {
    struct slice type;
    struct host_path {
        struct slice path;
        const struct fact *fact;
        const struct value *list; /* of the first of its path: all of that path, once asked for */
    } * items;                    /* sorted by subject, path and fact */
    size_t n;
};

struct host_dataset {
    struct slice uri; /* without a '/' at the end */
    const struct fact *fact;
};

/* What was answered about one fact. */
struct host_answers {
    struct host_answered {
        const struct value *question, *answer;
        bool first;
    } * items;
    size_t n;
};

struct host_index {
    struct arena *arena;
    const struct facts *facts;
    const struct fact **by_type;    /* by (type, source, subject, address) */
    const struct fact **by_address; /* by (subject, source, address) */
    struct host_group *groups;
    size_t ngroups;
    const struct value **resources;    /* of facts->facts[i], once asked for */
    const struct value **subjects;     /* of facts->subjects[i], once asked for */
    const struct subject **subject_of; /* of facts->facts[i]; NULL: not in the list of subjects */
    struct host_list *lists;
    size_t nlists;
    const struct value *nothing;
    struct host_join *joins;
    size_t njoins;
    struct host_paths *by_path;
    size_t nby_path;
    struct host_dataset *datasets;
    size_t ndatasets;
    bool has_datasets;
    struct iam_account *account;
    struct host_document {
        const struct value *doc;
    } * paths; /* of escalation, as the rules have them */
    size_t npaths;
    int64_t now;
    struct iam_escalate *escalate;
    struct host_answers *answers; /* by place of the fact; NULL: none asked for yet */
};

/* strcmp that takes NULL as "". */
int host_index_cmp(const char *a, const char *b);
#endif
