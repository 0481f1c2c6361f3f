/* iam grants: may the policies ever allow these actions or resources? */
#include <string.h>

#include "gate/call.h"
#include "gate/iam_answer.h"
#include "gate/iam_source.h"
#include "gate/iam_verb.h"
#include "gate/iam_words.h"
#include "gate/say.h"
#include "policies/iam/aws/iam_actions.h"

int iam_verb_grants(int argc, char **argv);
const struct command_option *iam_verb_grants_options(void);

const struct command_option *iam_verb_grants_options(void)
{
    static const struct command_option table[] = {
        {"action", 0, "ACTION", "one of these: iam:PassRole, s3:Put* (default: any)", true},
        {"resource", 0, "ARN", "on one of these; wildcards as in policies (default: any)", true},
        {"from", 0, "PATH", "take the policies of --as from a plan, template or snapshot", true},
        {"as", 0, "NAME", "role, user or group of --from", false},
        {"boundary", 0, "FILE", "what must allow a request besides", true},
        {"json", 0, NULL, "print JSON", false},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct grants {
    struct call call;
    struct iam_source source;
    struct iam_docs docs;
    struct iam_docs limits[3]; /* what is asked about, boundaries */
    size_t nlimits;
    struct iam_comparison got;
};

/* What an option names; all there is where it is not given. */
static struct iam_texts texts(struct grants *c, const char *option)
{
    static const struct slice all[] = {SLICE_INIT("*")};
    const struct iam_texts given = iam_source_texts(&c->call, option);

    return given.n > 0 ? given : (struct iam_texts){all, 1, false};
}

static bool check(const struct call *call)
{
    const char *const *actions = options_all(call->o, "action", call->arena);
    const char *const *resources = options_all(call->o, "resource", call->arena);

    for (size_t i = 0; actions != NULL && actions[i] != NULL; i++) {
        size_t number;

        if (!iam_words_action(actions[i], true, call->e))
            return false;
        if (strpbrk(actions[i], "*?") == NULL && !iam_actions_find(slice_str(actions[i]), &number))
            say_note("%s is no action that this version knows", actions[i]);
    }
    for (size_t i = 0; resources != NULL && resources[i] != NULL; i++)
        if (!iam_words_resource(resources[i], call->e))
            return false;
    return true;
}

/* A limit that leaves what is asked about, and nothing else. */
static void asked(struct grants *c)
{
    struct iam_doc *d = ARENA_NEW(c->call.arena, struct iam_doc);
    struct iam_statement *s = ARENA_NEW(c->call.arena, struct iam_statement);

    *s = (struct iam_statement){.effect = IAM_ALLOW,
                                .has_resource = true,
                                .actions = texts(c, "action"),
                                .resources = texts(c, "resource")};
    *d = (struct iam_doc){.name = "", .statements = s, .n = 1};
    c->limits[c->nlimits++] = (struct iam_docs){d, 1, false};
}

static bool ask(struct call *call)
{
    struct grants *c = (struct grants *)call;
    static const struct iam_answer_form form = {
        "sallyport/iam-grants/v1",
        "granted",
        {"granted", "the policies allow this", "not granted",
         "the policies allow none of it, whatever the circumstances", NULL}};
    const struct iam_docs nothing = {NULL, 0, false};
    struct iam_compare_options opt = {.exempt_too = true};
    const struct iam_party *party;

    if (!options_has(c->call.o, "action") && !options_has(c->call.o, "resource"))
        return err_fail(c->call.e, ERR_USAGE, "say what must not be granted: --action, --resource");
    if (!check(call))
        return false;
    asked(c);
    if (call->o->nargs == 0 && !options_has(call->o, "from"))
        return err_fail(call->e, ERR_USAGE, "name policy files, or --from PATH --as NAME");
    if (!iam_source_policies(call, call->o->args, &c->source, &c->docs, &party))
        return false;
    if (party != NULL && party->boundary != NULL)
        c->limits[c->nlimits++] = *party->boundary;
    if (options_has(c->call.o, "boundary") &&
        !iam_source_files(call, "boundary", &c->limits[c->nlimits++]))
        return false;
    for (size_t i = 0; i < c->nlimits; i++)
        c->limits[i] = iam_source_told(&c->limits[i], call->arena);
    c->docs = iam_source_told(&c->docs, call->arena);
    opt.new_limits = (struct iam_limits){c->limits, c->nlimits};
    iam_compare(&nothing, &c->docs, &opt, c->call.arena, &c->got);
    if (c->source.partial && c->got.wider == IAM_NO) {
        c->got.wider = IAM_MAYBE;
        c->got.unknown = "not everything could be read";
    }
    if (c->got.wider == IAM_MAYBE)
        iam_source_note_unknown(party);
    iam_answer_comparison(call, &form, &c->got);
    return true;
}

int iam_verb_grants(int argc, char **argv)
{
    static const struct call_verb verb = {"iam grants", iam_verb_grants_options, NULL, ask};
    struct grants c = {0};

    return call_run(&c.call, &verb, argc, argv);
}
