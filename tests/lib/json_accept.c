/* json_accept FILE...: one line a file, "accept" or "refuse", with the reason. For
 * public corpora of accept and reject cases. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const struct value *v;
        struct arena a;
        struct slice text;
        struct err e = {0};

        arena_init(&a);
        if (!file_read(argv[i], LIMIT_CONFIG_BYTES, &a, &text, &e))
            printf("error %s: %s\n", argv[i], e.text);
        else if (json_read(text, &a, &v, &e))
            printf("accept %s\n", argv[i]);
        else
            printf("refuse %s: %s\n", argv[i], e.text);
        arena_release(&a);
    }
    return 0;
}
