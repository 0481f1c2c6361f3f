#include "gate/iam_paths_page.h"

#include <string.h>

#include "base/escape.h"

static void text(struct buf *b, const char *s)
{
    escape_markdown(b, slice_str(s));
}

static void code(struct buf *b, struct slice s)
{
    buf_printf(b, "`%.*s`", (int)s.len, (const char *)s.data);
}

/* What a step acts on, behind its action. */
static void on(struct buf *b, const struct iam_path *p, const struct iam_path_step *s)
{
    static const char *const words[IAM_ON_COUNT] = {
        [IAM_ON_OWN_USER] = " on its own user",
        [IAM_ON_OWN_ROLE] = " on its own role",
        [IAM_ON_OWN_GROUP] = " on a group it is in",
        [IAM_ON_OWN_POLICY] = " on a policy it has",
        [IAM_ON_USER] = " on another user",
        [IAM_ON_ROLE] = " on another role",
        [IAM_ON_GROUP] = " on another group",
        [IAM_ON_ROLE_POLICY] = " on a policy that the role has",
    };

    if (s->on == IAM_ON_OBJECT) {
        buf_str(b, " on ");
        text(b, s->object->is);
    } else if (s->on == IAM_ON_PASSED_ROLE) {
        buf_str(b, " to ");
        for (size_t i = 0; i < p->services.n; i++) {
            buf_str(b, i > 0 ? " or " : "");
            code(b, p->services.items[i]);
        }
    } else if (words[s->on] != NULL) {
        buf_str(b, words[s->on]);
    }
}

static void way(struct buf *b, const struct iam_path *p, const struct iam_path_way *w)
{
    for (size_t i = 0; i < w->n; i++) {
        buf_str(b, i > 0 ? "<br>" : "");
        code(b, w->steps[i].action);
        on(b, p, &w->steps[i]);
    }
}

static void row(struct buf *b, const struct iam_path *p)
{
    buf_str(b, "| ");
    if (p->references[0] != NULL)
        buf_printf(b, "[%s](%s)", p->id, p->references[0]);
    else
        buf_str(b, p->id);
    buf_str(b, "<br>");
    text(b, p->title);
    buf_str(b, " | ");
    for (size_t i = 0; i < p->nways; i++) {
        buf_str(b, i > 0 ? "<br>*or*<br>" : "");
        way(b, p, &p->ways[i]);
    }
    buf_str(b, " | ");
    text(b, p->gain);
    if (p->needs != NULL) {
        buf_str(b, " *Needs:* ");
        text(b, p->needs);
    }
    if (p->cut != p->category->cut) {
        buf_str(b, " *Break:* ");
        text(b, p->cut);
    }
    buf_str(b, " |");
    for (size_t i = 0; p->mitre[i] != NULL; i++)
        buf_printf(b, "%s%s", i > 0 ? ", " : " ", p->mitre[i]);
    buf_str(b, " |\n");
}

void iam_paths_page(const struct iam_paths *p, struct buf *out)
{
    buf_str(out, "# ");
    text(out, p->title);
    buf_printf(
        out,
        "\n\nThe %zu paths that `sallyport iam escalations` asks for, from "
        "`rules/iam/escalations.yaml`; `sallyport iam escalations --page` writes this page.\n"
        "A path is found when each of its steps can be allowed at once by all that is "
        "attached to a principal: on a resource\nof the right kind, under some context, with "
        "denies and the permissions boundary. It is confirmed when the principal it leads\n"
        "to is there and lets itself be reached.\n\n",
        p->n);
    text(out, p->notice);
    buf_str(out, "\n");
    for (size_t c = 0; c < p->ncategories; c++) {
        buf_str(out, "\n## ");
        text(out, p->categories[c].title);
        buf_printf(out, "\n\nCategory `%s`. ", p->categories[c].name);
        text(out, p->categories[c].cut);
        buf_str(out, "\n\n| path | takes | wins | ATT&CK |\n| --- | --- | --- | --- |\n");
        for (size_t i = 0; i < p->n; i++)
            if (p->items[i].category == &p->categories[c])
                row(out, &p->items[i]);
    }
}
