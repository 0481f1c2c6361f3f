#include "scanner/formats/pickle/pickle_payload.h"

#include <string.h>

#include "base/base64.h"

const bool pickle_payload_first[256] = {
    [0x80] = true, ['c'] = true,  ['('] = true,  ['g'] = true,  ['P'] = true,
    [0x1f] = true, ['B'] = true,  ['7'] = true,  [0xfd] = true, [0x7f] = true,
    ['M'] = true,  [0xe3] = true, [0xc2] = true,
};

static bool name_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

/* A line of a dotted name. */
static bool name_line(struct slice s, size_t *at)
{
    const size_t from = *at;

    while (*at < s.len && name_byte(s.data[*at]))
        ++*at;
    return *at > from && *at < s.len && s.data[(*at)++] == '\n';
}

/* GLOBAL of protocol 0, also behind a mark. */
static bool global(struct slice s)
{
    size_t at = s.data[0] == '(' ? 1 : 0;

    return at < s.len && s.data[at++] == 'c' && name_line(s, &at) && name_line(s, &at);
}

/* PROTO 2 to 5 and an opcode that picklers write behind it. */
static bool proto(const uint8_t *b)
{
    static const char behind[] = "\x95\x8c\x8a\x8e]}()cXCBKJMNUT\x88\x89\x8fG";

    return b[0] == 0x80 && b[1] >= 2 && b[1] <= 5 && b[2] != 0 && strchr(behind, b[2]) != NULL;
}

/* The same as text that _codecs.encode turns into bytes: characters past 0x7f are two bytes. */
static bool latin1(const uint8_t *b)
{
    const uint8_t raw[3] = {b[1], b[2], b[3] == 0xc2 ? b[4] : b[3]};

    return b[0] == 0xc2 && proto(raw);
}

/* The same in base64. */
static bool encoded(struct slice s)
{
    uint8_t b[3];
    int v[4];

    for (size_t i = 0; i < PICKLE_PAYLOAD_MIN; i++)
        if (base64_digit(s.data[i]) < 0)
            return false;
    for (size_t i = 0; i < 4; i++)
        v[i] = base64_digit(s.data[i]);
    b[0] = (uint8_t)(v[0] << 2 | v[1] >> 4);
    b[1] = (uint8_t)(v[1] << 4 | v[2] >> 2);
    b[2] = (uint8_t)(v[2] << 6 | v[3]);
    return proto(b);
}

static const struct magic {
    const char *bytes;
    size_t n;
    enum pickle_payload what;
} magics[] = {
    {"PK\3\4", 4, PICKLE_PAYLOAD_ARCHIVE},      {"\x1f\x8b\x08", 3, PICKLE_PAYLOAD_ARCHIVE},
    {"BZh", 3, PICKLE_PAYLOAD_ARCHIVE},         {"7z\xbc\xaf\x27\x1c", 6, PICKLE_PAYLOAD_ARCHIVE},
    {"\xfd\x37zXZ", 5, PICKLE_PAYLOAD_ARCHIVE}, {"\x7f\x45LF", 4, PICKLE_PAYLOAD_PROGRAM},
    {"MZ\x90\0", 4, PICKLE_PAYLOAD_PROGRAM},
};

enum pickle_payload pickle_payload_of(struct slice head)
{
    if (head.len < PICKLE_PAYLOAD_MIN || !pickle_payload_first[head.data[0]])
        return PICKLE_PAYLOAD_NONE;
    if (proto(head.data) || latin1(head.data) || global(head) || encoded(head))
        return PICKLE_PAYLOAD_PICKLE;
    /* marshal: TYPE_CODE with FLAG_REF, then the number of arguments */
    if (head.data[0] == 0xe3 && memcmp(head.data + 2, "\0\0\0", 3) == 0)
        return PICKLE_PAYLOAD_CODE;
    for (size_t i = 0; i < ARRAY_LEN(magics); i++)
        if (memcmp(head.data, magics[i].bytes, magics[i].n) == 0)
            return magics[i].what;
    return PICKLE_PAYLOAD_NONE;
}

const char *pickle_payload_name(enum pickle_payload p)
{
    static const char *const names[PICKLE_PAYLOADS] = {"", "pickle", "archive", "program", "code"};

    return names[p];
}

/* Values that are remembered; half as many fit. */
#define ROOM 16384

/* The place of a value, or the free one where it belongs. */
static size_t place_of(const struct pickle_loaded *l, struct pickle_slot s)
{
    const uint64_t key = (uint64_t)s.ref * 8 + s.kind;
    size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 50);

    while (l->kinds[at] != PICKLE_PAYLOAD_NONE &&
           (l->slots[at].kind != s.kind || l->slots[at].ref != s.ref))
        at = (at + 1) % ROOM;
    return at;
}

void pickle_payload_loaded_add(struct pickle_loaded *l, struct pickle_slot s, enum pickle_payload p)
{
    size_t at;

    if (l->slots == NULL) {
        l->slots = calloc(ROOM, sizeof(*l->slots));
        l->kinds = calloc(ROOM, sizeof(*l->kinds));
    }
    if (l->slots == NULL || l->kinds == NULL)
        abort();
    at = place_of(l, s);
    if (l->kinds[at] != PICKLE_PAYLOAD_NONE)
        return;
    if (l->n == ROOM / 2) {
        l->full = true;
        return;
    }
    l->n++;
    l->slots[at] = s;
    l->kinds[at] = (uint8_t)p;
}

enum pickle_payload pickle_payload_loaded_any(const struct pickle_loaded *l,
                                              const struct pickle_slot *s, size_t n)
{
    if (l->n == 0)
        return PICKLE_PAYLOAD_NONE;
    for (size_t i = 0; i < n; i++) {
        const size_t at = place_of(l, s[i]);

        if (l->kinds[at] != PICKLE_PAYLOAD_NONE)
            return (enum pickle_payload)l->kinds[at];
        if (l->full && s[i].kind >= PICKLE_TEXT && s[i].kind <= PICKLE_SET)
            return PICKLE_PAYLOAD_PICKLE;
    }
    return PICKLE_PAYLOAD_NONE;
}

void pickle_payload_loaded_release(struct pickle_loaded *l)
{
    free(l->slots);
    free(l->kinds);
    *l = (struct pickle_loaded){0};
}
