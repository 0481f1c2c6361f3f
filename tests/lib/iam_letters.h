#ifndef TESTS_LIB_IAM_LETTERS_H
#define TESTS_LIB_IAM_LETTERS_H
/* Questions of iam_evaluate in short: who asks, and a letter for each statement of each side. */
#include <string.h>

#include "policies/iam/evaluate/iam_evaluate.h"
#include "tests/lib/iam_text.h"

#define HOME "123456789012"
#define AWAY "210987654321"
#define USER "arn:aws:iam::" HOME ":user/ann"
#define ROLE "arn:aws:iam::" HOME ":role/r"
#define SESSION "arn:aws:sts::" HOME ":assumed-role/r/s"
#define FEDERATED "arn:aws:sts::" HOME ":federated-user/bob"
#define ROOT "arn:aws:iam::" HOME ":root"
#define LINKED "arn:aws:iam::" HOME ":role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"

/*
 * Policies in short, a letter a statement:
 *   a allows, d denies, n allows something else; A and D the same under a condition that nobody
 *   can tell; e either allows or denies; ? whatever there is. "" has no statement.
 * In a resource's policy a sign before each letter says whom: p the principal's own ARN, r the
 * role, c the account, * anybody, u nobody knows whom, w the role and nobody knows whom else,
 * v ec2.amazonaws.com, o another user.
 */
static inline const char *iam_letters_elements(char letter)
{
    switch (letter) {
    case 'a':
        return "\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"";
    case 'd':
        return "\"Effect\": \"Deny\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"";
    case 'A':
        return "\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": "
               "\"!\"";
    case 'D':
        return "\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": \"!\"";
    case 'e':
        return "\"Effect\": \"!\", \"Action\": \"*\", \"Resource\": \"*\"";
    default:
        return "\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"";
    }
}

static inline const char *iam_letters_whom(char sign, const char *principal, struct arena *a)
{
    switch (sign) {
    case 'p':
        return arena_printf(a, "{\"AWS\": \"%s\"}", principal);
    case 'r':
        return "{\"AWS\": \"" ROLE "\"}";
    case 'c':
        return "{\"AWS\": \"" HOME "\"}";
    case 'u':
        return "{\"AWS\": \"!\"}";
    case 'w':
        return "{\"AWS\": [\"!\", \"" ROLE "\"]}";
    case 'v':
        return "{\"Service\": \"ec2.amazonaws.com\"}";
    case 'o':
        return "{\"AWS\": \"arn:aws:iam::" HOME ":user/other\"}";
    default:
        return "\"*\"";
    }
}

static inline struct iam_doc iam_letters_doc(const char *letters, bool resource,
                                             const char *principal, struct arena *a)
{
    char *text = arena_printf(a, "{\"Version\": \"2012-10-17\", \"Statement\": [");

    if (strchr(letters, '?') != NULL)
        return iam_doc_unknown("");
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const char sign = letters[i];

        i += resource;
        text = arena_printf(a, "%s%s{%s", text, text[strlen(text) - 1] == '[' ? "" : ", ",
                            iam_letters_elements(letters[i]));
        text = resource ? arena_printf(a, "%s, \"Principal\": %s}", text,
                                       iam_letters_whom(sign, principal, a))
                        : arena_printf(a, "%s}", text);
    }
    return iam_text_doc(arena_printf(a, "%s]}", text), a);
}

static inline const struct iam_docs *iam_letters_docs(const char *letters, struct arena *a)
{
    struct iam_docs *out;
    struct iam_doc *d;

    if (letters == NULL)
        return NULL;
    out = ARENA_NEW(a, struct iam_docs);
    d = ARENA_NEW(a, struct iam_doc);
    *d = iam_letters_doc(letters, false, NULL, a);
    *out = (struct iam_docs){d, 1, false};
    return out;
}

/* Levels apart by '/'. */
static inline struct iam_level *iam_letters_levels(const char *letters, struct arena *a, size_t *n)
{
    struct iam_level *out = NULL;

    *n = 0;
    for (const char *from = letters; from != NULL;) {
        const char *to = strchr(from, '/');
        struct iam_level *level = ARENA_PUSH(a, &out, n);

        level->docs = *iam_letters_docs(
            to == NULL ? from : arena_printf(a, "%.*s", (int)(to - from), from), a);
        from = to == NULL ? NULL : to + 1;
    }
    return out;
}

struct iam_letters {
    const char *identity, *resource, *boundary, *session, *scp, *rcp, *endpoint;
};

static inline struct iam_question iam_letters_question(const struct iam_letters *s,
                                                       const char *principal, const char *account,
                                                       struct arena *a)
{
    struct iam_question q = {.request = {.action = SLICE_LIT("s3:GetObject"),
                                         .resource = SLICE_LIT("arn:aws:s3:::b/k"),
                                         .resource_account = slice_str(account),
                                         .principal = slice_str(principal)}};

    if (s->identity != NULL)
        q.identity = *iam_letters_docs(s->identity, a);
    if (s->resource != NULL) {
        struct iam_doc *d = ARENA_NEW(a, struct iam_doc);

        *d = iam_letters_doc(s->resource, true, principal, a);
        q.resource = d;
    }
    q.boundary = iam_letters_docs(s->boundary, a);
    q.session = iam_letters_docs(s->session, a);
    q.endpoint = iam_letters_docs(s->endpoint, a);
    q.scps = iam_letters_levels(s->scp, a, &q.nscps);
    q.rcps = iam_letters_levels(s->rcp, a, &q.nrcps);
    return q;
}

#define YES IAM_ALLOWED
#define NO IAM_IMPLICITLY_DENIED
#define DENY IAM_EXPLICITLY_DENIED
#define OPEN IAM_UNDECIDED
#endif
