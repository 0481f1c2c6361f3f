/* iam_names: a pattern of actions a line on standard input; for each a line with all actions that
 * it matches. For comparing the table of actions with other people's. */
#include <stdio.h>
#include <string.h>

#include "policies/iam/aws/iam_actions.h"

static void print(void *ctx, size_t i)
{
    const struct iam_action x = iam_actions_at(i);

    (void)ctx;
    printf(" %.*s:%.*s", (int)x.service.len, (const char *)x.service.data, (int)x.name.len,
           (const char *)x.name.data);
}

int main(void)
{
    char line[1 << 12];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        (void)iam_actions_each(slice_str(line), print, NULL);
        putchar('\n');
    }
    return 0;
}
