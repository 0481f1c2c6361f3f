#include "tests/lib/cases.h"

#include <stdio.h>
#include <string.h>

#include "scanner/image/tree.h"

/*
 * A small language for layers: words are entries, "|" begins the next layer. "d:path" folder,
 * "f:path=x" file with content x, "s:path>target" symbolic link, "h:path>target" hard link,
 * "w:path" whiteout, "o:path" opaque folder.
 */
struct tree_case {
    const char *what, *layers;
    const char *want;    /* "path" of folders with '/', "path=x", "path>target", joined by blanks */
    const char *remarks; /* texts of remarks, broken ones with '!', joined by ';' */
};

static const struct tree_case tree_cases[] = {
    {"folders that nobody states", "f:a/b/c=1", "a/ a/b/ a/b/c=1", ""},
    {"later layer replaces", "f:a=1 | f:a=2", "a=2", ""},
    {"folder keeps what it holds", "f:a/x=1 | d:a f:a/y=2", "a/ a/x=1 a/y=2", ""},
    {"file replaces folder", "f:a/x=1 f:a/y/z=1 | f:a=2", "a=2", ""},
    {"folder replaces file", "f:a=1 | d:a f:a/x=2", "a/ a/x=2", ""},
    {"whiteout", "f:a=1 f:b=2 | w:a", "b=2", ""},
    {"whiteout of a folder", "f:a/x/y=1 f:b=2 | w:a", "b=2", ""},
    {"whiteout of nothing", "f:a=1 | w:zz w:q/zz", "a=1", ""},
    {"whiteout spares its own layer", "f:a=1 | f:a=2 w:a", "a=2", ""},
    {"whiteout before its own layer's file", "f:a/x=1 | w:a f:a/y=2", "a/ a/y=2", ""},
    {"whiteout after its own layer's file", "f:a/x=1 | f:a/y=2 w:a", "a/ a/y=2", ""},
    {"opaque, first", "f:a/x=1 f:a/d/y=1 | o:a f:a/z=2", "a/ a/z=2", ""},
    {"opaque, last", "f:a/x=1 f:a/d/y=1 | f:a/z=2 f:a/d/k=2 o:a", "a/ a/d/ a/d/k=2 a/z=2", ""},
    {"opaque root", "f:a=1 f:b/c=1 | f:n=2 o:", "n=2", ""},
    {"hard link below", "f:a=1 | h:b>a", "a=1 b=1", ""},
    {"hard link outlives its target", "f:a=1 h:b>a | w:a", "b=1", ""},
    {"hard link to nothing", "h:b>a", "", "!a hard link to a path that is not there"},
    {"hard link to a folder", "d:a h:b>a", "a/", "!a hard link to a folder"},
    {"hard link to itself", "f:a=1 h:a>a", "a=1", "!a hard link to itself"},
    {"hard link over a parent of its own path", "f:x=1 h:x/y>x", "x/ x/y=1",
     "!a file stands where a folder is needed; some runtimes refuse that"},
    {"through a link", "d:real s:link>real f:link/x=1", "link>real real/ real/x=1",
     "leads through a symbolic link; runtimes differ on that"},
    {"through a link that leaves", "d:etc s:up>../../../etc f:up/x=1",
     "etc/ etc/x=1 up>../../../etc", "leads through a symbolic link; runtimes differ on that"},
    {"through an absolute link", "d:v/l s:v/a>/v/l f:v/a/x=1", "v/ v/a>/v/l v/l/ v/l/x=1",
     "leads through a symbolic link; runtimes differ on that"},
    {"links in circles", "s:a>b s:b>a f:a/x=1", "a>b b>a",
     "leads through a symbolic link; runtimes differ on that;!leads through too many symbolic "
     "links"},
    {"link to nowhere makes its folder", "s:a>q/r f:a/x=1", "a>q/r q/ q/r/ q/r/x=1",
     "leads through a symbolic link; runtimes differ on that"},
    {"twice in a layer", "f:a=1 f:a=2", "a=2", "stands twice in one layer; the last counts"},
    {"folder twice is usual", "d:a d:a", "a/", ""},
    {"folder over a link", "s:a>b | d:a f:a/x=1", "a/ a/x=1", "a folder replaces a symbolic link"},
    {"names sort by folder", "f:a.b=1 f:a/x=2 f:a-=3", "a/ a/x=2 a-=3 a.b=1", ""},
};

struct log {
    char remarks[1024], changes[1024];
};

static void on_remark(void *ctx, struct slice path, bool broken, const char *text)
{
    struct log *l = ctx;
    const size_t n = strlen(l->remarks);

    (void)path;
    snprintf(l->remarks + n, sizeof(l->remarks) - n, "%s%s%s", n > 0 ? ";" : "", broken ? "!" : "",
             text);
}

static void on_change(void *ctx, const struct tree_node *n, enum tree_change what)
{
    static const char *const names[] = {"replaced", "deleted", "mode", "owner"};
    struct log *l = ctx;
    uint8_t *buf = malloc(TREE_PATH_MAX);
    const struct slice path = tree_path(n, buf);
    const size_t at = strlen(l->changes);

    snprintf(l->changes + at, sizeof(l->changes) - at, "%s%.*s:%s", at > 0 ? " " : "",
             (int)path.len, (const char *)path.data, names[what]);
    free(buf);
}

static void put(struct tree *t, const char *word)
{
    const char *path = word + 2, *sep = strpbrk(path, "=>");
    struct tree_entry entry = {.mode = 0644};
    struct tree_node *n;
    struct err e = {0};
    uint8_t digest[32] = {0};

    entry.path =
        (struct slice){(const uint8_t *)path, sep != NULL ? (size_t)(sep - path) : strlen(path)};
    entry.type = word[0] == 'd' ? '5' : word[0] == 's' ? '2' : '0';
    if (word[0] == 'w' || word[0] == 'o') {
        tree_whiteout(t, entry.path, word[0] == 'o');
        return;
    }
    if (word[0] == 'h') {
        cr_assert(tree_hardlink(t, entry.path, slice_str(sep + 1), &n, &e), "%s", e.text);
        return;
    }
    if (word[0] == 's')
        entry.link = slice_str(sep + 1);
    if (word[0] == 'd')
        entry.mode = 0755;
    if (word[0] == 'f') {
        digest[0] = (uint8_t)sep[1];
        entry.digest = digest;
        entry.size = 1;
        entry.mode = sep[1] == 'X' ? 0755 : 0644;
        entry.uid = sep[1] == 'U' ? 7 : 0;
        if (strchr("XU", sep[1]) != NULL)
            digest[0] = '1'; /* the content of "=1", another mode or owner */
    }
    cr_assert(tree_put(t, &entry, &n, &e), "%s", e.text);
}

static void apply(struct tree *t, const char *layers)
{
    char text[1024], *at = text, *word;

    snprintf(text, sizeof(text), "%s", layers);
    while ((word = strsep(&at, " ")) != NULL) {
        if (word[0] == '|')
            t->layer++;
        else
            put(t, word);
    }
}

static void print(struct tree *t, char *out, size_t cap)
{
    uint8_t *buf = malloc(TREE_PATH_MAX);
    size_t count = 0;

    tree_sort(t);
    out[0] = '\0';
    for (const struct tree_node *n = tree_next(&t->root); n != NULL; n = tree_next(n)) {
        const struct slice p = tree_path(n, buf);
        const size_t at = strlen(out);

        count++;
        snprintf(out + at, cap - at, "%s%.*s", at > 0 ? " " : "", (int)p.len, (const char *)p.data);
        if (n->type == '5')
            snprintf(out + strlen(out), cap - strlen(out), "/");
        else if (n->type == '2')
            snprintf(out + strlen(out), cap - strlen(out), ">%.*s", (int)n->content.link.len,
                     (const char *)n->content.link.data);
        else
            snprintf(out + strlen(out), cap - strlen(out), "=%c", n->content.digest[0]);
    }
    cr_expect_eq(count, t->nnodes);
    free(buf);
}

/* TEST-OF: image-spec v1.1 layer.md, "Whiteouts" */
CASES(scanner_image_tree, merges, tree_cases)
{
    const struct tree_case *c = &tree_cases[*case_index];
    struct log log = {.remarks = ""};
    struct arena a;
    struct tree t;
    char out[2048];

    arena_init(&a);
    tree_init(&t, &a, 0);
    t.remark = on_remark;
    t.ctx = &log;
    apply(&t, c->layers);
    print(&t, out, sizeof(out));
    cr_expect_str_eq(out, c->want, "%s: got '%s'", c->what, out);
    cr_expect_str_eq(log.remarks, c->remarks, "%s: got '%s'", c->what, log.remarks);
    tree_release(&t);
    arena_release(&a);
}

static const struct tree_case change_cases[] = {
    {"replaced", "f:a=1 | f:a=2", "a:replaced", ""},
    {"the same again is no change", "f:a=1 d:d | f:a=1 d:d", "", ""},
    {"mode", "f:a=1 | f:a=X", "a:mode", ""},
    {"owner", "f:a=1 | f:a=U", "a:owner", ""},
    {"deleted folder", "f:a/x=1 f:a/y=1 | w:a", "a/y:deleted a/x:deleted a:deleted", ""},
    {"what upper layers made is theirs", "f:a=1 | f:b=1 | w:b f:b=2", "", ""},
    {"told once", "f:a=1 | f:a=2 | f:a=3 | w:a", "a:replaced", ""},
    {"folder replaced by a file", "f:a/x=1 | f:a=2", "a:replaced a/x:deleted", ""},
};

CASES(scanner_image_tree, tells_changes_to_the_base, change_cases)
{
    const struct tree_case *c = &change_cases[*case_index];
    struct log log = {.changes = ""};
    struct arena a;
    struct tree t;

    arena_init(&a);
    tree_init(&t, &a, 1);
    t.changed = on_change;
    t.ctx = &log;
    apply(&t, c->layers);
    cr_expect_str_eq(log.changes, c->want, "%s: got '%s'", c->what, log.changes);
    tree_release(&t);
    arena_release(&a);
}

Test(scanner_image_tree, grows_and_finds_all)
{
    struct arena a;
    struct tree t;
    char name[64];

    arena_init(&a);
    tree_init(&t, &a, 0);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "f:d%d/n%d=1", i % 7, i);
        put(&t, name);
    }
    cr_expect_eq(t.nnodes, 20007u);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof(name), "d%d/n%d", i % 7, i);
        cr_assert_not_null(tree_find(&t, slice_str(name), false), "%s", name);
    }
    t.layer = 1;
    put(&t, "o:");
    cr_expect_eq(t.nnodes, 0u);
    tree_release(&t);
    arena_release(&a);
}

/* LIMIT_TREE_DEPTH folders hold; one more is refused. */
Test(scanner_image_tree, depth_at_the_cap_and_past_it)
{
    const struct tree_entry folder = {.type = '5', .mode = 0755};
    struct tree_entry entry = folder;
    struct tree_node *n;
    struct arena a;
    struct tree t;
    struct err e = {0};
    char path[2 * LIMIT_TREE_DEPTH + 8];

    arena_init(&a);
    tree_init(&t, &a, 0);
    for (size_t i = 0; i <= LIMIT_TREE_DEPTH; i++)
        memcpy(path + 2 * i, "a/", 2);
    entry.path = (struct slice){(const uint8_t *)path, 2 * LIMIT_TREE_DEPTH - 1};
    cr_expect(tree_put(&t, &entry, &n, &e), "%s", e.text);
    entry.path.len += 2;
    cr_expect_not(tree_put(&t, &entry, &n, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "more than 512 folders deep (LIMIT_TREE_DEPTH)");
    tree_release(&t);
    arena_release(&a);
}
