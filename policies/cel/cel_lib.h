#ifndef POLICIES_CEL_CEL_LIB_H
#define POLICIES_CEL_CEL_LIB_H
/* The functions of the language and its extensions: one table per subject. */
#include "policies/cel/cel_run.h"

enum { CEL_LIB_GLOBAL = 1, CEL_LIB_METHOD = 2 };

struct cel_lib_entry {
    const char *name;           /* with its namespace: "math.abs" */
    uint8_t styles;             /* CEL_LIB_GLOBAL f(x), CEL_LIB_METHOD x.f() */
    uint8_t min_args, max_args; /* the receiver counts; 255 = any number */
    cel_lib_fn *call;
};

/* Each table ends with a NULL name. */
extern const struct cel_lib_entry cel_lib_core_table[];
extern const struct cel_lib_entry cel_lib_string_table[];
extern const struct cel_lib_entry cel_lib_math_table[];
extern const struct cel_lib_entry cel_lib_list_table[];
extern const struct cel_lib_entry cel_lib_time_table[];
extern const struct cel_lib_entry cel_lib_net_table[];
extern const struct cel_lib_entry cel_lib_optional_table[];

/* Shared by the tables: cel_lib_list.c for methods that strings have too, cel_lib_split.c for
 * what makes lists of strings and back. */
cel_lib_fn cel_lib_list_index_of;
cel_lib_fn cel_lib_list_last_index_of;
cel_lib_fn cel_lib_list_reverse;
cel_lib_fn cel_lib_split_join;
cel_lib_fn cel_lib_split_split;
cel_lib_fn cel_lib_split_replace;
cel_lib_fn cel_lib_split_find_all;

/* cel_lib_find(name, style, known): the entry, or NULL; `*known` says that the name exists in
 * some style. */
const struct cel_lib_entry *cel_lib_find(struct slice name, unsigned style, bool *known);

/* cel_lib_type(name, out): the type that a name denotes: int, list, google.protobuf.Timestamp,
 * net.IP, ... */
bool cel_lib_type(struct slice name, struct cel_value *out);
#endif
