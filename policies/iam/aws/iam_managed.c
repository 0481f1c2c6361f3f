#include "policies/iam/aws/iam_managed.h"

#include <string.h>
#include <zstd.h>

#include "base/json.h"
#include "policies/iam/aws/iam_managed_table.h"

static const struct iam_managed_row *find(struct slice arn)
{
    size_t low = 0, high = iam_managed_nrows;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int c = slice_cmp(slice_str(iam_managed_rows[mid].arn), arn);

        if (c == 0)
            return &iam_managed_rows[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* The administrator is the same everywhere; what others allow names ARNs of its own partition. */
static struct slice everywhere(struct slice arn)
{
    if (slice_is(arn, "arn:aws-cn:iam::aws:policy/AdministratorAccess") ||
        slice_is(arn, "arn:aws-us-gov:iam::aws:policy/AdministratorAccess"))
        return SLICE_LIT("arn:aws:iam::aws:policy/AdministratorAccess");
    return arn;
}

bool iam_managed_find(struct slice arn, struct arena *a, const struct value **out)
{
    const struct iam_managed_row *row = find(everywhere(arn));
    const struct iam_managed_piece *p;
    struct err e = {0};
    struct arena scratch;
    uint8_t *text;
    size_t n;
    bool ok;

    if (row == NULL)
        return false;
    p = &iam_managed_pieces[row->piece];
    arena_init(&scratch);
    text = arena_alloc(&scratch, p->text_len);
    n = ZSTD_decompress(text, p->text_len, iam_managed_data + p->at, p->len);
    ok = !ZSTD_isError(n) && n == p->text_len &&
         json_read((struct slice){text + row->at, row->len}, a, out, &e);
    arena_release(&scratch);
    return ok;
}

size_t iam_managed_count(void)
{
    return iam_managed_nrows;
}

const char *iam_managed_arn(size_t i)
{
    return iam_managed_rows[i].arn;
}

const char *iam_managed_source(void)
{
    return iam_managed_origin;
}
