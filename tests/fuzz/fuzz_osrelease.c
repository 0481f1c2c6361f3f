/* os-release, passwd and shadow: the first byte chooses; no value is longer than the input. */
#include "scanner/image/accounts.h"
#include "scanner/image/osrelease.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_user(void *ctx, const struct accounts_user *u)
{
    const size_t *size = ctx;

    if (u->line == 0 || u->name.len > *size || (!u->malformed && u->password == NULL))
        abort();
}

static void on_password(void *ctx, const struct accounts_password *p)
{
    if (p->line == 0 || (!p->malformed && p->password == NULL))
        abort();
    if (!p->malformed && (p->scheme != NULL) != (p->password[0] == 'h'))
        abort();
    on_user(ctx, &(struct accounts_user){.line = 1, .malformed = true, .name = p->name});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct osrelease o;
    const struct slice text = {data, size};

    arena_init(&a);
    osrelease_parse(text, &a, &o);
    if (o.id.len > size || o.pretty_name.len > size || o.version_id.len > size)
        abort();
    accounts_users(text, on_user, &size);
    accounts_passwords(text, on_password, &size);
    arena_release(&a);
    return 0;
}
