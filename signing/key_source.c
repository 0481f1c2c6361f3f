#include "signing/key_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"

void key_source_split(const char *ref, char scheme[KEY_SOURCE_SCHEME_MAX], const char **rest)
{
    const size_t n = strspn(ref, "abcdefghijklmnopqrstuvwxyz0123456789+-");
    const bool url = n > 0 && strncmp(ref + n, "://", 3) == 0;

    if (n < KEY_SOURCE_SCHEME_MAX && (url || strncmp(ref, "file:", 5) == 0)) {
        memcpy(scheme, ref, n);
        scheme[n] = '\0';
        *rest = ref + n + (url ? 3 : 1);
        return;
    }
    memcpy(scheme, "file", sizeof("file"));
    *rest = ref;
}

static bool check_file(int fd, const char *path, bool secret, struct err *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return err_sys(e, "%s: cannot look at it", path);
    if (!S_ISREG(st.st_mode))
        return err_fail(e, ERR_USAGE, "%s: not a regular file", path);
    if (secret && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return err_fail(e, ERR_USAGE, "%s: mode %04o, others may use the key: chmod 600 %s", path,
                        (unsigned)(st.st_mode & 07777), path);
    return true;
}

bool key_source_file(const char *path, bool secret, struct secret *out, struct err *e)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct secret text = {0};
    size_t have = 0;
    ssize_t got = 1;

    if (fd < 0)
        return err_sys(e, "%s: cannot open", path);
    if (!check_file(fd, path, secret, e))
        return false;
    secret_alloc(&text, LIMIT_KEY_BYTES + 1); /* never grows: no copy is left behind */
    while (got > 0 && have < text.len) {
        got = read(fd, text.data + have, text.len - have);
        if (got > 0)
            have += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    if (got >= 0 && have <= LIMIT_KEY_BYTES) {
        text.len = have;
        *out = text;
        return true;
    }
    if (got < 0)
        err_set_sys(e, errno, "%s: cannot read", path);
    else
        err_set(e, ERR_LIMIT, ERR_NO_OFFSET, "%s: larger than %u bytes (LIMIT_KEY_BYTES)", path,
                LIMIT_KEY_BYTES);
    secret_wipe(&text);
    return false;
}

bool key_source_env(const char *name, struct secret *out, struct err *e)
{
    const char *text = name[0] != '\0' ? getenv(name) : NULL;
    size_t len;

    if (text == NULL || text[0] == '\0')
        return err_fail(e, ERR_USAGE, "the environment variable '%s' holds no key", name);
    len = strlen(text);
    if (len > LIMIT_KEY_BYTES)
        return err_fail(e, ERR_LIMIT, "%s holds %zu bytes, %u allowed (LIMIT_KEY_BYTES)", name, len,
                        LIMIT_KEY_BYTES);
    secret_alloc(out, len);
    memcpy(out->data, text, len);
    return true;
}
