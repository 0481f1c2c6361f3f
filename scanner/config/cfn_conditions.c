/* Conditions in three-valued logic. SPEC: CloudFormation User Guide, "Condition functions" */
#include "base/limits.h"
#include "scanner/config/cfn.h"

static enum cfn_truth eval(struct cfn *c, const struct value *node);

void cfn_conditions_read(struct cfn *c)
{
    const struct value *all = value_get(c->d->root, "Conditions");
    struct value_builder names;

    value_map_begin(&names, c->d->arena);
    c->conditions = ARENA_ARRAY(c->d->arena, struct cfn_condition, value_len(all));
    for (size_t i = 0; value_is(all, VALUE_MAP) && i < value_len(all); i++) {
        c->conditions[i].node = all->as.members[i].value;
        value_map_put(&names, all->as.members[i].key, value_int(c->d->arena, (int64_t)i, NULL));
    }
    c->names = value_map_end(&names, NULL);
    for (size_t i = 0; i < value_len(c->names); i++)
        (void)cfn_conditions_get(c, c->names->as.members[i].key, c->names->as.members[i].value);
}

static struct cfn_condition *find(struct cfn *c, struct slice name)
{
    const struct value *i = value_get_slice(c->names, name);

    return i == NULL ? NULL : &c->conditions[value_int_or(i, 0)];
}

enum cfn_truth cfn_conditions_get(struct cfn *c, struct slice name, const struct value *at)
{
    struct cfn_condition *cond = find(c, name);

    if (cond == NULL) {
        doc_note(c->d, at, "condition '%.*s' is not defined", DOC_TEXT(name));
        return CFN_UNKNOWN;
    }
    if (cond->busy) {
        doc_gap(c->d, at, "condition '%.*s' depends on itself", DOC_TEXT(name));
        return CFN_UNKNOWN;
    }
    if (!cond->done) {
        cond->busy = true;
        cond->truth = eval(c, cond->node);
        cond->busy = false;
        cond->done = true;
    }
    return cond->truth;
}

enum cfn_truth cfn_conditions_assume(struct cfn *c, struct slice name, enum cfn_truth truth)
{
    struct cfn_condition *cond = find(c, name);
    enum cfn_truth before = CFN_UNKNOWN;

    if (cond != NULL) {
        before = cond->truth;
        cond->truth = truth;
    }
    return before;
}

/* Lists of known values are equal as text, item by item. */
static enum cfn_truth same(struct cfn *c, const struct value *a, const struct value *b)
{
    struct slice x, y;

    if (a == NULL || b == NULL || a->kind == VALUE_UNKNOWN || b->kind == VALUE_UNKNOWN)
        return CFN_UNKNOWN;
    if (value_scalar(a, c->d->arena, &x) && value_scalar(b, c->d->arena, &y))
        return slice_eq(x, y) ? CFN_TRUE : CFN_FALSE;
    return value_eq(a, b) ? CFN_TRUE : CFN_UNKNOWN;
}

static enum cfn_truth equals(struct cfn *c, const struct value *args, const struct value *node)
{
    if (!value_is(args, VALUE_LIST) || value_len(args) != 2) {
        doc_note(c->d, node, "Fn::Equals takes two values");
        return CFN_UNKNOWN;
    }
    return same(c, cfn_resolve(c, value_item(args, 0)), cfn_resolve(c, value_item(args, 1)));
}

/* And: false wins. Or: true wins. */
static enum cfn_truth all_of(struct cfn *c, const struct value *args, enum cfn_truth wins)
{
    enum cfn_truth out = wins == CFN_FALSE ? CFN_TRUE : CFN_FALSE;

    if (!value_is(args, VALUE_LIST) || value_len(args) == 0)
        return CFN_UNKNOWN;
    for (size_t i = 0; i < value_len(args); i++) {
        const enum cfn_truth t = eval(c, value_item(args, i));

        if (t == wins)
            return wins;
        if (t == CFN_UNKNOWN)
            out = CFN_UNKNOWN;
    }
    return out;
}

static enum cfn_truth negated(enum cfn_truth t)
{
    if (t == CFN_UNKNOWN)
        return t;
    return t == CFN_TRUE ? CFN_FALSE : CFN_TRUE;
}

static enum cfn_truth function(struct cfn *c, const struct value *node)
{
    const struct value_member *m = &node->as.members[0];

    if (slice_is(m->key, "Condition") && value_is(m->value, VALUE_STRING))
        return cfn_conditions_get(c, value_text(m->value), m->value);
    if (slice_is(m->key, "Fn::Equals"))
        return equals(c, m->value, node);
    if (slice_is(m->key, "Fn::And"))
        return all_of(c, m->value, CFN_FALSE);
    if (slice_is(m->key, "Fn::Or"))
        return all_of(c, m->value, CFN_TRUE);
    if (slice_is(m->key, "Fn::Not") && value_len(m->value) == 1)
        return negated(eval(c, value_item(m->value, 0)));
    doc_note(c->d, node, "'%.*s' is not evaluated in conditions", DOC_TEXT(m->key));
    return CFN_UNKNOWN;
}

static enum cfn_truth eval(struct cfn *c, const struct value *node)
{
    enum cfn_truth out;

    if (!value_is(node, VALUE_MAP) || value_len(node) != 1) {
        doc_note(c->d, node, "a condition must be one condition function");
        return CFN_UNKNOWN;
    }
    if (c->depth == LIMIT_JSON_DEPTH) {
        doc_gap(c->d, node, "conditions are nested deeper than LIMIT_JSON_DEPTH (%d)",
                LIMIT_JSON_DEPTH);
        return CFN_UNKNOWN;
    }
    c->depth++;
    out = function(c, node);
    c->depth--;
    return out;
}
