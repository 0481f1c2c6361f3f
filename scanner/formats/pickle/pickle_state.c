#include "scanner/formats/pickle/pickle_state.h"

#include "scanner/formats/pickle/pickle_call.h"

/* Attributes that are called when an object stands where a loader or a harmless function expects
 * another: by APPEND and APPENDS, dict and its like, torch._utils, uuid, fractions, numpy.random,
 * numpy.datetime64; and the class, which a state of slots can change. */
static bool is_attribute(struct slice name)
{
    static const char *const names[] = {
        "append",    "extend",  "keys",  "items",   "to",        "requires_grad_",
        "set_",      "replace", "ravel", "squeeze", "utcoffset", "as_integer_ratio",
        "__class__",
    };

    return slice_among(name, names, ARRAY_LEN(names));
}

/* What only the loader in Python takes for a state, by whatever stands behind it. */
static bool is_view(const struct pickle_import *x)
{
    return slice_is(x->module, "collections") &&
           (slice_is(x->name, "UserDict") || slice_is(x->name, "ChainMap"));
}

/* A result of what makes dictionaries, made of something; and of what calls a function for it. */
static bool is_computed(const struct pickle_vm *v, struct pickle_slot s)
{
    static const char *const makers[] = {"dict",    "OrderedDict", "defaultdict", "UserDict",
                                         "Counter", "ChainMap",    "tuple"};
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return s.kind != PICKLE_GLOBAL && x != NULL &&
           (x->special == PICKLE_REBUILD || is_view(x) ||
            (x->filled && slice_among(x->name, makers, ARRAY_LEN(makers))));
}

void pickle_state_key(struct pickle_vm *v, struct pickle_slot dict, struct pickle_slot key,
                      struct pickle_slot value)
{
    struct slice text;

    if (!pickle_vm_text(v, key, &text) ||
        !(value.kind == PICKLE_GLOBAL ? is_attribute(text)
                                      : slice_is(text, "__dict__") && is_computed(v, value)))
        return;
    for (size_t i = 0; i < v->nmethods; i++)
        if (v->methods[i] == dict.ref)
            return;
    if (v->nmethods < PICKLE_METHODS_KEPT)
        v->methods[v->nmethods++] = dict.ref;
    else
        pickle_vm_note(v, PICKLE_STATE_METHOD);
}

static bool has_method(const struct pickle_vm *v, struct pickle_slot dict)
{
    for (size_t i = 0; i < v->nmethods; i++)
        if (v->methods[i] == dict.ref)
            return true;
    return false;
}

static bool is_odd(const struct pickle_vm *v, struct pickle_slot s)
{
    return is_computed(v, s) || (s.kind == PICKLE_DICT && has_method(v, s));
}

void pickle_state_given(struct pickle_vm *v, struct pickle_slot state)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, state);

    if (is_odd(v, state) || (state.kind == PICKLE_TUPLE && t == NULL) ||
        (t != NULL && t->len == 2 && (is_odd(v, t->child[0]) || is_odd(v, t->child[1]))))
        pickle_vm_note(v, PICKLE_STATE_METHOD);
}

void pickle_state_called(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args)
{
    const struct pickle_tuple *t = pickle_stack_tuple_of(&v->stack, args);
    const bool made = t == NULL || t->len > (x->special == PICKLE_FACTORY ? 1 : 0);

    x->filled = x->filled || made;
    if (slice_is(x->name, "_rebuild_parameter_with_state") && t != NULL && t->len == 4)
        pickle_state_given(v, t->child[3]);
    if (!made || !slice_is(x->module, "types") || !slice_is(x->name, "SimpleNamespace"))
        return;
    /* SPEC: CPython 3.13, types.SimpleNamespace(mapping_or_iterable=()) */
    if (t == NULL || t->child[0].kind != PICKLE_DICT)
        pickle_vm_note(v, PICKLE_STATE_METHOD);
    else
        pickle_state_given(v, t->child[0]);
}

bool pickle_state_makes_text(const struct pickle_vm *v, struct pickle_slot s)
{
    static const char *const makers[] = {"str", "unicode", "str_", "UserString"};
    const struct pickle_import *x = pickle_call_import_of(v, s);

    return s.kind != PICKLE_GLOBAL && x != NULL &&
           (x->special == PICKLE_ENCODE || slice_among(x->name, makers, ARRAY_LEN(makers)));
}
