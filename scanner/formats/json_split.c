#include "scanner/formats/json_split.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"

#define CHUNK ((size_t)256 << 10)

void json_split_init(struct json_split *s, struct source *source, const char *const *lists)
{
    *s = (struct json_split){.source = source, .lists = lists};
    buf_init(&s->rest, LIMIT_CAPTURE_BYTES);
    buf_init(&s->one, LIMIT_JSON_TREE);
}

void json_split_release(struct json_split *s)
{
    buf_release(&s->rest);
    buf_release(&s->one);
}

static uint64_t count_lines(struct slice text)
{
    const uint8_t *p = text.data, *end = text.len > 0 ? p + text.len : p;
    uint64_t n = 0;

    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        n++;
        p++;
    }
    return n;
}

static uint64_t place(const struct json_split *s, const uint8_t *p)
{
    return s->bytes + (uint64_t)(p - s->chunk);
}

/* What went by up to `to`, of the text or of an item. */
static void keep(struct json_split *s, const uint8_t *to)
{
    if (s->state == SPLIT_TEXT || s->state == SPLIT_ITEM)
        buf_put(s->state == SPLIT_ITEM ? &s->one : &s->rest,
                (struct slice){s->from, (size_t)(to - s->from)});
    s->from = to;
}

/* ---- where the text is ----------------------------------------------------------------------- */

/* A part of a string that may be a key on the way to a list. */
static void spell(struct json_split *s, const uint8_t *from, const uint8_t *to)
{
    const size_t n = (size_t)(to - from);

    if (s->key_len > JSON_SPLIT_PATH || n > JSON_SPLIT_PATH - s->key_len) {
        s->key_len = JSON_SPLIT_PATH + 1;
        return;
    }
    memcpy(s->key + s->key_len, from, n);
    s->key_len += n;
}

/* Up to the byte behind the quote that ends the string. */
static const uint8_t *in_string(struct json_split *s, const uint8_t *p, const uint8_t *end)
{
    const uint8_t *from = p;

    while (p < end && s->string) {
        if (s->escape) {
            s->escape = false;
            p++;
            continue;
        }
        p = json_scan_plain(p, end);
        if (p == end)
            break;
        s->string = *p != '"';
        s->escape = *p == '\\';
        if (s->escape)
            s->key_len = JSON_SPLIT_PATH + 1;
        p++;
    }
    if (s->state == SPLIT_TEXT && s->depth == s->on)
        spell(s, from, s->string ? p : p - 1);
    return p;
}

/* Does the path with the last key lead to a list, or further on the way to one? */
static bool leads(const struct json_split *s, size_t n, bool map, size_t *list)
{
    for (size_t i = 0; s->lists[i] != NULL; i++) {
        const size_t len = strlen(s->lists[i]);

        if (len < n || memcmp(s->lists[i], s->path, n) != 0 || (len == n) == map)
            continue;
        *list = i;
        return true;
    }
    return false;
}

/* A list begins whose items are wanted. */
static void enter(struct json_split *s, size_t list, const uint8_t *behind)
{
    if (s->ncuts == JSON_SPLIT_LISTS) {
        s->odd = true;
        return;
    }
    keep(s, behind);
    s->lines = count_lines(buf_slice(&s->rest));
    for (size_t i = 0; i < s->ncuts; i++)
        s->lines += s->cuts[i].lines;
    s->of[s->ncuts] = list;
    s->cuts[s->ncuts++] = (struct json_cut){.at = place(s, behind)};
    s->state = SPLIT_FIRST;
}

/* SPEC: RFC 8259: what opens in a map has the last string as its key. */
static void descend(struct json_split *s, bool map, const uint8_t *behind)
{
    const bool on = s->depth == s->on;
    size_t n, list;

    s->depth++;
    if (!on || s->on == JSON_SPLIT_KEYS)
        return;
    if (s->depth == 1) {
        s->on = map;
        return;
    }
    n = s->path_len[s->on];
    if (s->key_len >= JSON_SPLIT_PATH - n)
        return;
    memcpy(s->path + n, s->key, s->key_len);
    n += s->key_len;
    s->path[n++] = '"';
    if (!leads(s, n, map, &list))
        return;
    if (map)
        s->path_len[++s->on] = n;
    else
        enter(s, list, behind);
}

static void ascend(struct json_split *s)
{
    if (s->depth > 0)
        s->depth--;
    if (s->on > s->depth)
        s->on = s->depth;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool give(struct json_split *s, const uint8_t *behind, struct err *e)
{
    struct json_cut *cut = &s->cuts[s->ncuts - 1];
    struct json_split_item item = {.list = s->of[s->ncuts - 1],
                                   .cut = s->ncuts - 1,
                                   .offset = s->one_at,
                                   .lines = s->lines + cut->lines};

    keep(s, behind);
    item.text = buf_slice(&s->one);
    s->state = SPLIT_BEHIND;
    if (s->one.full) {
        s->odd = true;
        return true;
    }
    if (!s->item(s->ctx, &item, e))
        return false;
    cut->lines += count_lines(item.text);
    buf_clear(&s->one);
    return true;
}

static void leave(struct json_split *s, const uint8_t *at)
{
    struct json_cut *cut = &s->cuts[s->ncuts - 1];

    cut->bytes = place(s, at) - cut->at;
    s->state = s->once ? SPLIT_DONE : SPLIT_TEXT;
    ascend(s);
    s->from = at;
}

/* One byte between the items of a list. */
static void between(struct json_split *s, const uint8_t *p)
{
    const bool wants = s->state == SPLIT_FIRST || s->state == SPLIT_NEXT;

    if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
        s->cuts[s->ncuts - 1].lines += *p == '\n';
    } else if (*p == '{' && wants) {
        s->state = SPLIT_ITEM;
        s->one_at = place(s, p);
        s->one_depth = 1;
        s->from = p;
    } else if (*p == ']' && s->state != SPLIT_NEXT) {
        leave(s, p);
    } else if (*p == ',' && s->state == SPLIT_BEHIND) {
        s->state = SPLIT_NEXT;
    } else {
        s->odd = true;
    }
}

/* ---- going by -------------------------------------------------------------------------------- */

/* Up to the byte behind the next one that means something outside of strings. */
static bool outside(struct json_split *s, const uint8_t **at, const uint8_t *end, struct err *e)
{
    const uint8_t *p = json_scan_structure(*at, end);
    const bool item = s->state == SPLIT_ITEM;
    const uint8_t c = p < end ? *p++ : 0;

    *at = p;
    if (c == '"') {
        s->string = true;
        s->key_len = 0;
    } else if (c == '{' || c == '[') {
        if (item)
            s->one_depth++;
        else
            descend(s, c == '{', p);
    } else if (c != 0 && !item) {
        ascend(s);
    } else if (c != 0 && --s->one_depth == 0) {
        return give(s, p, e);
    }
    return true;
}

static bool chunk(struct json_split *s, struct slice bytes, struct err *e)
{
    const uint8_t *p = bytes.data, *end = p + bytes.len;

    s->chunk = s->from = p;
    while (p < end && !s->odd && s->state != SPLIT_DONE) {
        if (s->string)
            p = in_string(s, p, end);
        else if (s->state != SPLIT_TEXT && s->state != SPLIT_ITEM)
            between(s, p++);
        else if (!outside(s, &p, end, e))
            return false;
    }
    keep(s, end);
    s->bytes += bytes.len;
    if (s->rest.full || s->one.full)
        s->odd = true;
    return true;
}

static bool run(struct json_split *s, struct err *e)
{
    uint8_t *buf = malloc(CHUNK);
    size_t got = 1;
    bool ok = true;

    if (buf == NULL)
        abort();
    while (ok && got > 0 && !s->odd && s->state != SPLIT_DONE) {
        ok = source_some(s->source, s->bytes, buf, CHUNK, &got, e) &&
             chunk(s, (struct slice){buf, got}, e);
        if (ok && s->bytes > LIMIT_JSON_TREES_BYTES)
            ok = err_fail(e, ERR_LIMIT, "more than LIMIT_JSON_TREES_BYTES (%llu) bytes",
                          LIMIT_JSON_TREES_BYTES);
    }
    free(buf);
    return ok;
}

bool json_split_all(struct json_split *s, struct err *e)
{
    const uint64_t known = source_len(s->source);
    uint64_t lines;
    uint8_t more;

    if (!run(s, e))
        return false;
    if (!s->odd && known != SOURCE_LEN_UNKNOWN && s->bytes != known) {
        s->odd = true; /* it ends too early, which reading on tells */
        return source_read(s->source, s->bytes, &more, 1, e);
    }
    if (s->odd || s->state == SPLIT_TEXT)
        return true;
    lines = 1 + s->lines + s->cuts[s->ncuts - 1].lines + count_lines(buf_slice(&s->one));
    return err_place(e, ERR_FORMAT, lines < UINT32_MAX ? (uint32_t)lines : UINT32_MAX, s->bytes,
                     "the text ends within a list");
}

bool json_split_again(struct json_split *s, const struct json_cut *cut, size_t list, struct err *e)
{
    s->bytes = cut->at;
    s->cuts[0].at = cut->at;
    s->of[0] = list;
    s->ncuts = 1;
    s->state = SPLIT_FIRST;
    s->once = true;
    if (!run(s, e))
        return false;
    if (s->state == SPLIT_DONE && s->cuts[0].bytes == cut->bytes)
        return true;
    return err_pos(e, ERR_FORMAT, cut->at, "the list is not what it was before");
}
