#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H
/*
 * The searches that readers of JSON spend their time in. Sixteen bytes at a
 * time where the processor has SSE2, else eight in a word. None reads at or past `end`.
 */
#include <string.h>

#include "base/slice.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define JSON_SCAN_ONES UINT64_C(0x0101010101010101)
#define JSON_SCAN_HIGH UINT64_C(0x8080808080808080)

static inline bool json_scan_is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The high bit of each byte of w that is '"', '\', a control or not ASCII; exact up to the first
 * such byte. */
static inline uint64_t json_scan_word(uint64_t w)
{
    const uint64_t quote = w ^ (JSON_SCAN_ONES * '"');
    const uint64_t slash = w ^ (JSON_SCAN_ONES * '\\');

    return (w | (w - JSON_SCAN_ONES * 0x20) | (quote - JSON_SCAN_ONES) | (slash - JSON_SCAN_ONES)) &
           JSON_SCAN_HIGH;
}

/* json_scan_plain(p, end) is the first byte that ends a run of plain ASCII within a string, or
 * `end`. */
static inline const uint8_t *json_scan_plain(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    while (end - p >= 16) {
        const __m128i v = _mm_loadu_si128((const void *)p);
        const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
        const __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        /* signed: bytes from 0x80 on are less than a blank, like the controls */
        const __m128i other = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
        const int hits = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), other));

        if (hits != 0)
            return p + __builtin_ctz((unsigned)hits);
        p += 16;
    }
#endif
    while (end - p >= 8) {
        uint64_t w;

        memcpy(&w, p, sizeof(w));
        if (json_scan_word(w) != 0)
            break;
        p += 8;
    }
    while (p < end && json_scan_is_plain(*p))
        p++;
    return p;
}

static inline bool json_scan_is_structure(uint8_t c)
{
    return c == '"' || (c | 0x20) == '{' || (c | 0x20) == '}';
}

/* json_scan_structure(p, end) is the first quote, bracket or brace, or `end`. */
static inline const uint8_t *json_scan_structure(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    while (end - p >= 16) {
        const __m128i v = _mm_loadu_si128((const void *)p);
        const __m128i brace = _mm_or_si128(v, _mm_set1_epi8(0x20)); /* '[' is '{' then */
        const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
        const __m128i opens = _mm_cmpeq_epi8(brace, _mm_set1_epi8('{'));
        const __m128i closes = _mm_cmpeq_epi8(brace, _mm_set1_epi8('}'));
        const int hits = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, opens), closes));

        if (hits != 0)
            return p + __builtin_ctz((unsigned)hits);
        p += 16;
    }
#endif
    while (p < end && !json_scan_is_structure(*p))
        p++;
    return p;
}

/* json_scan_blanks(p, end) is the first byte that is not a blank (0x20), or `end`. */
static inline const uint8_t *json_scan_blanks(const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 8) {
        uint64_t w;

        memcpy(&w, p, sizeof(w));
        if (w != JSON_SCAN_ONES * ' ')
            break;
        p += 8;
    }
    while (p < end && *p == ' ')
        p++;
    return p;
}
#endif
