#include "base/json_cut.h"

#define LINE_LAST ((UINT32_C(1) << 28) - 1)

/* What was taken out before a byte of the rest. */
static struct json_cut taken(const struct json_cut_rest *rest, uint64_t at)
{
    struct json_cut sum = {0};

    for (size_t i = 0; i < rest->ncuts && at + sum.bytes >= rest->cuts[i].at; i++) {
        sum.bytes += rest->cuts[i].bytes;
        sum.lines += rest->cuts[i].lines;
    }
    return sum;
}

static uint32_t moved(uint32_t line, uint64_t lines)
{
    return lines < LINE_LAST - line ? line + (uint32_t)lines : LINE_LAST;
}

/* The tree was read just now: nobody has seen it as it is, so its nodes may still be written. */
union fresh {
    const void *read;
    void *write;
};

static void move(const struct value *v, const struct json_cut_rest *rest)
{
    const struct json_cut before = taken(rest, v->offset);
    struct value *node = (union fresh){.read = v}.write;

    node->offset += before.bytes;
    node->line = moved(v->line, before.lines) & LINE_LAST;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->len; i++)
        move(v->as.items[i], rest);
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->len; i++) {
        struct value_member *m = (union fresh){.read = &v->as.members[i]}.write;

        m->key_offset += taken(rest, m->key_offset).bytes;
        move(m->value, rest);
    }
}

bool json_cut_read(const struct json_cut_rest *rest, struct arena *a, const struct value **out,
                   struct err *e)
{
    const bool fresh = e->code == ERR_NONE;

    if (json_read(rest->text, a, out, e)) {
        if (rest->ncuts > 0)
            move(*out, rest);
        return true;
    }
    if (fresh && e->offset != ERR_NO_OFFSET) {
        const struct json_cut before = taken(rest, e->offset);

        e->offset += before.bytes;
        e->line = moved(e->line, before.lines);
    }
    return false;
}
