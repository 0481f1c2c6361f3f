#include "scanner/formats/graph/message.h"

#include <stdio.h>
#include <string.h>

#include "base/value.h"

#define BIT(n) (1u << (n))

static const char *const wire_names[] = {"a varint", "64 bits", "bytes", "", "", "32 bits"};

void message_init(struct message_walk *w, struct feed *feed, struct arena *a)
{
    protobuf_init(&w->p, feed);
    names_init(&w->twice, a, MESSAGE_TWICE, (size_t)MESSAGE_TWICE * MESSAGE_TEXT);
    w->unknown = 0;
}

static bool wire_fits(const struct message *m, const struct protobuf_field *f)
{
    switch (f->wire) {
    case PROTOBUF_VARINT:
        return (m->varint & BIT(f->number)) != 0;
    case PROTOBUF_BYTES:
        return (m->bytes & BIT(f->number)) != 0;
    case PROTOBUF_FIXED32:
        return (m->fixed32 & BIT(f->number)) != 0;
    case PROTOBUF_FIXED64:
        return (m->fixed64 & BIT(f->number)) != 0;
    }
    return false;
}

static void note_twice(struct message_walk *w, const struct message *m, uint32_t number)
{
    char text[64];

    snprintf(text, sizeof(text), "%s.%u", m->name, (unsigned)number);
    (void)names_add(&w->twice, slice_str(text));
}

bool message_next(struct message_walk *w, const struct message *m, uint32_t *seen,
                  struct protobuf_field *f, struct err *e)
{
    const uint32_t all = m->varint | m->bytes | m->fixed32 | m->fixed64;

    if (!protobuf_next(&w->p, f, e))
        return err_in(e, "%s", m->name);
    if (f->number == 0)
        return true;
    if (f->number >= MESSAGE_UNKNOWN || (all & BIT(f->number)) == 0) {
        w->unknown++;
        f->number = MESSAGE_UNKNOWN;
        return true;
    }
    /* the text form writes numbers by name, too */
    if (w->p.text == NULL && !wire_fits(m, f))
        return err_pos(e, ERR_FORMAT, f->at, "%s: field %u holds %s", m->name, (unsigned)f->number,
                       wire_names[f->wire]);
    /* SPEC: Encoding, "Last One Wins" */
    if ((m->once & *seen & BIT(f->number)) != 0)
        note_twice(w, m, f->number);
    *seen |= BIT(f->number);
    return true;
}

const struct value *message_twice(const struct message_walk *w, struct arena *a)
{
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < w->twice.n; i++)
        value_list_add(&b, value_bytes(a, w->twice.name[i], NULL));
    return value_list_end(&b, NULL);
}

bool message_read_text(struct protobuf *p, struct message_text *t, struct err *e)
{
    struct slice s;

    if (!protobuf_lend(p, &s, e))
        return false;
    t->len = s.len < MESSAGE_TEXT ? s.len : MESSAGE_TEXT;
    if (t->len > 0)
        memcpy(t->bytes, s.data, t->len);
    return true;
}

struct slice message_slice(const struct message_text *t)
{
    return (struct slice){t->bytes, t->len};
}
