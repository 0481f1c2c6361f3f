#ifndef POLICIES_CEL_CEL_EXEC_H
#define POLICIES_CEL_CEL_EXEC_H
/* How the plain nodes are evaluated; logic, selection and loops have files of their own. */
#include "policies/cel/cel_run.h"

cel_node_fn cel_exec_const;
cel_node_fn cel_exec_var;
cel_node_fn cel_exec_local;
cel_node_fn cel_exec_unary;  /* as.unary(args[0]) */
cel_node_fn cel_exec_binary; /* as.binary(args[0], args[1]) */
cel_node_fn cel_exec_equal;  /* args[0] == args[1]; the constant, if any, second */
cel_node_fn cel_exec_lib;    /* as.lib(args...) */
cel_node_fn cel_exec_host;   /* as.host(args...) */
cel_node_fn cel_exec_regex;  /* args[0].matches(as.regex) */
cel_node_fn cel_exec_list;
cel_node_fn cel_exec_map;
#endif
