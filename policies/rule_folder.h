#ifndef POLICIES_RULE_FOLDER_H
#define POLICIES_RULE_FOLDER_H
/* Where rule files come from: a folder, a file, or the program itself. */
#include "policies/rule_file.h"

/* A file, or every *.yaml and *.yml under a folder, sorted by name; names beginning with '.' are
 * left alone. A folder without one is an error. */
MUST_CHECK bool rule_folder_add(struct rule_loader *l, const char *path, struct err *e);

/* The files that were built in. */
MUST_CHECK bool rule_folder_builtin(struct rule_loader *l, struct err *e);
#endif
