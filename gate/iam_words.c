#include "gate/iam_words.h"

#include <string.h>

#define DIGITS "0123456789"
#define CANONICAL_ID 64 /* hex digits */

bool iam_words_action(const char *text, bool wild, struct err *e)
{
    const char *colon = strchr(text, ':');
    const bool two = colon != NULL && colon != text && colon[1] != '\0';

    if (wild)
        return two || strcmp(text, "*") == 0 ||
               err_fail(e, ERR_USAGE,
                        "--action %s: expected SERVICE:ACTION, with * and ? if need be", text);
    return (two && strpbrk(text, "*?") == NULL) ||
           err_fail(e, ERR_USAGE, "--action %s: expected one action, SERVICE:ACTION", text);
}

/* Six fields; a star may stand for several. */
static bool is_arn(const char *text)
{
    size_t colons = 0;

    for (const char *p = text; *p != '\0'; p++)
        colons += *p == ':';
    return strncmp(text, "arn:", 4) == 0 && (colons >= 5 || strchr(text, '*') != NULL);
}

bool iam_words_resource(const char *text, struct err *e)
{
    return strcmp(text, "*") == 0 || is_arn(text) ||
           err_fail(e, ERR_USAGE, "--resource %s: expected an ARN (arn:aws:s3:::data/x), or *",
                    text);
}

bool iam_words_principal(const char *text, struct err *e)
{
    const bool service = strchr(text, '.') != NULL && strpbrk(text, ":/") == NULL;
    const bool canonical =
        strlen(text) == CANONICAL_ID && strspn(text, DIGITS "abcdef") == CANONICAL_ID;

    return is_arn(text) || service || canonical || strcmp(text, "anonymous") == 0 ||
           strcmp(text, "*") == 0 ||
           err_fail(e, ERR_USAGE,
                    "--principal %s: expected an ARN (arn:aws:iam::123456789012:role/x), a service "
                    "(x.amazonaws.com), a canonical user id, or anonymous",
                    text);
}

static bool is_account(const char *text)
{
    if (strncmp(text, "o-", 2) == 0)
        return strspn(text + 2, "abcdefghijklmnopqrstuvwxyz" DIGITS) == strlen(text) - 2 &&
               text[2] != '\0';
    return strlen(text) == 12 && strspn(text, DIGITS) == 12;
}

bool iam_words_accounts(const struct options *o, struct arena *a, struct err *e)
{
    const char *const *all = options_all(o, "account", a);

    for (size_t i = 0; all != NULL && all[i] != NULL; i++)
        if (!is_account(all[i]))
            return err_fail(e, ERR_USAGE,
                            "--account %s: expected 12 digits, or an organisation (o-...)", all[i]);
    return true;
}
