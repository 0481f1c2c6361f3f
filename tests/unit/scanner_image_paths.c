#include "tests/lib/cases.h"

#include <string.h>

#include "scanner/image/paths.h"

struct glob_case {
    const char *what, *glob, *path;
    bool want;
};

static const struct glob_case glob_cases[] = {
    {"plain", "etc/shadow", "etc/shadow", true},
    {"plain, other", "etc/shadow", "etc/shadow-", false},
    {"plain, below", "etc/shadow", "x/etc/shadow", false},
    {"star in a name", "etc/ssh/ssh_host_*_key", "etc/ssh/ssh_host_rsa_key", true},
    {"star and a suffix", "etc/ssh/ssh_host_*_key", "etc/ssh/ssh_host_rsa_key.pub", false},
    {"star stays in its name", "etc/*", "etc/a/b", false},
    {"double star, none", "**/.netrc", ".netrc", true},
    {"double star, one", "**/.netrc", "root/.netrc", true},
    {"double star, many", "**/.netrc", "home/a/b/.netrc", true},
    {"double star wants a whole name", "**/.netrc", "root/x.netrc", false},
    {"double star then folders", "**/.aws/credentials", "a/.aws/b/.aws/credentials", true},
    {"double star at the end", "var/spool/cron/**", "var/spool/cron/crontabs/root", true},
    {"double star at the end, itself", "var/spool/cron/**", "var/spool/cron", false},
    {"class", "usr/bin/gcc-[0-9]*", "usr/bin/gcc-12", true},
    {"class, other", "usr/bin/gcc-[0-9]*", "usr/bin/gcc-ar", false},
    {"question mark", "a?c", "abc", true},
    {"question mark is not a slash", "a?c", "a/c", false},
    {"two stars in a row of names", "**/*.p12", "x/y/z.p12", true},
    {"empty path", "**/x", "", false},
};

CASES(scanner_image_paths, globs, glob_cases)
{
    const struct glob_case *c = &glob_cases[*case_index];

    cr_expect_eq(paths_glob(c->glob, slice_str(c->path)), c->want, "%s", c->what);
}

struct path_case {
    const char *what, *path;
    const char *ids; /* joined by blanks */
};

static const struct path_case path_cases[] = {
    {"shell", "bin/sh", "shell"},
    {"deep credentials", "home/u/.aws/credentials", "aws-credentials"},
    {"host key", "etc/ssh/ssh_host_ed25519_key", "ssh-host-key"},
    {"public host key", "etc/ssh/ssh_host_ed25519_key.pub", ""},
    {"pip by version", "opt/venv/bin/pip3.11", "package-manager-pip"},
    {"key store by suffix", "srv/app/id.p12", "keystore"},
    {"nothing", "usr/share/doc/x", ""},
    {"root", "", ""},
};

CASES(scanner_image_paths, matches, path_cases)
{
    const struct path_case *c = &path_cases[*case_index];
    const struct detectors_path *match[PATHS_MATCHES_MAX];
    char ids[256] = "";
    struct arena a;
    size_t n;

    arena_init(&a);
    n = paths_match(paths_new(&a), slice_str(c->path), match);
    for (size_t i = 0; i < n; i++)
        snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%s", i > 0 ? " " : "",
                 match[i]->id);
    cr_expect_str_eq(ids, c->ids, "%s: got '%s'", c->what, ids);
    arena_release(&a);
}

/* Each glob finds something: a path made from it by filling its stars. */
Test(scanner_image_paths, every_glob_is_reachable)
{
    const struct detectors_path *match[PATHS_MATCHES_MAX];
    struct arena a;
    const struct paths *p;

    arena_init(&a);
    p = paths_new(&a);
    for (size_t i = 0; i < detectors_npaths; i++)
        for (const char *const *g = detectors_path[i].globs; *g != NULL; g++) {
            char path[256];
            size_t n = 0, count;
            bool found = false;

            for (const char *s = *g; *s != '\0'; s++) {
                if (*s == '[') {
                    path[n++] = s[1];
                    s = strchr(s, ']');
                } else if (s[0] == '*' && s[1] == '*') {
                    path[n++] = 'q';
                    s++;
                } else {
                    path[n++] = *s == '*' || *s == '?' ? '1' : *s;
                }
            }
            count = paths_match(p, (struct slice){(const uint8_t *)path, n}, match);
            for (size_t k = 0; k < count; k++)
                found = found || match[k] == &detectors_path[i];
            cr_expect(found, "%s: %s", detectors_path[i].id, *g);
        }
    arena_release(&a);
}
