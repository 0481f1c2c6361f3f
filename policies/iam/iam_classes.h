#ifndef POLICIES_IAM_IAM_CLASSES_H
#define POLICIES_IAM_IAM_CLASSES_H
/*
 * All actions there are and ever may be, in as few classes as statements tell apart: service by
 * service, by the automata of the names they list. A class is shown by an action of AWS where there
 * is one, else by the shortest name that nobody has given yet.
 */
#include "policies/iam/iam_automaton.h"

struct iam_class {
    const bool *matches;   /* for each statement: does its Action or NotAction match? */
    struct slice action;   /* "s3:GetObject"; of several the one that can do most; "s3:x" */
    bool known;            /* actions of AWS; else names that nobody has given yet */
    bool star;             /* known: they have no resources: asked on "*" */
    struct iam_texts arns; /* known: patterns of the ARNs that they are asked on */
    unsigned shape;        /* known: equal for actions that are asked on the same */
    unsigned level;
};

struct iam_classes {
    const struct iam_class *items;
    size_t n;
    bool complete; /* false: the budget ran out */
};

struct iam_classes_options {
    bool known_only; /* actions of AWS alone */
    /* `arns` are those of the resource types of each action; else all ARNs of the services that
     * they belong to, so that types which AWS adds count too */
    bool typed;
};

void iam_classes_make(const struct iam_statement *const *statements, size_t n,
                      const struct iam_classes_options *opt, struct iam_budget *b, struct arena *a,
                      struct iam_classes *out);
#endif
