#ifndef POLICIES_RULE_FILE_H
#define POLICIES_RULE_FILE_H
/* Rule files: the documents of one file, added to a set. */
#include "policies/problem.h"
#include "policies/rule.h"
#include "policies/schema.h"

struct rule_loader {
    struct arena *arena;
    struct rules *rules;
    struct problem_list *problems; /* NULL: the first error ends it; else all are kept */
    bool extra;                    /* the operator's own files */
    bool lean;                     /* nobody asks for the tests of built-in rules */
    size_t nfiles;
};

/* rule_file_add(l, name, text, e) reads every document of a file. The bytes must outlive the
 * set. */
MUST_CHECK bool rule_file_add(struct rule_loader *l, const char *name, struct slice text,
                              struct err *e);

/* The same for documents that were read before; `digest` is that of their text, which must outlive
 * the set as well. */
struct rule_file_read {
    const char *name, *digest;
    struct slice text;
    const struct value *documents;
};
MUST_CHECK bool rule_file_take(struct rule_loader *l, const struct rule_file_read *f,
                               struct err *e);

/* rule_file_digest(l, name, text): data that the scanner reads; only named. */
void rule_file_digest(struct rule_loader *l, const char *name, struct slice text);
void rule_file_named(struct rule_loader *l, const char *name, const char *digest);

/* rule_file_documents(doc, out, e): the documents of one file, each a map with a known
 * apiVersion; for readers of their own kinds. */
MUST_CHECK bool rule_file_documents(const struct schema_doc *doc, const struct value **out,
                                    struct err *e);

/* Once all files are read: sorts the rules, refuses ids that are there twice. */
MUST_CHECK bool rule_file_finish(struct rule_loader *l, struct err *e);
#endif
