#include <string.h>

#include "policies/cel/cel_format.h"
#include "policies/cel/cel_lib.h"
#include "policies/cel/cel_text.h"
#include "policies/cel/regex.h"

/* SPEC: langdef "String Functions"; cel-spec doc/extensions/strings.md. Positions count code
 * points. */

/* Do the arguments have these kinds? `kinds` has one letter each: s string, i int. */
static bool are(const struct cel_value *args, size_t n, const char *kinds)
{
    for (size_t i = 0; i < n; i++)
        if (args[i].kind != (kinds[i] == 's' ? CEL_STRING : CEL_INT))
            return false;
    return true;
}

static struct cel_value out_of_range(struct cel_run *r, int64_t at)
{
    return cel_run_fault(r, CEL_FAULT_VALUE, "index out of range: %lld", (long long)at);
}

/* Where `needle` is in `s` at or behind byte `from`; SIZE_MAX when it is not. */
static size_t find(struct slice s, struct slice needle, size_t from)
{
    const uint8_t *at;

    if (needle.len == 0)
        return from;
    if (needle.len > s.len - from)
        return SIZE_MAX;
    at = memmem(s.data + from, s.len - from, needle.data, needle.len);
    return at != NULL ? (size_t)(at - s.data) : SIZE_MAX;
}

static bool charge_texts(struct cel_run *r, const struct cel_value *args, size_t n)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += cel_value_text(args[i]).len;
    return cel_run_charge(r, bytes / 64 + 1);
}

static struct cel_value contains(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (!are(args, n, "ss"))
        return cel_run_no_overload(r, "contains", args, n);
    if (!charge_texts(r, args, n))
        return r->stopped;
    return cel_value_bool(find(cel_value_text(args[0]), cel_value_text(args[1]), 0) != SIZE_MAX);
}

static struct cel_value starts_with(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (!are(args, n, "ss"))
        return cel_run_no_overload(r, "startsWith", args, n);
    if (!charge_texts(r, args + 1, 1))
        return r->stopped;
    return cel_value_bool(args[1].len <= args[0].len &&
                          memcmp(args[0].as.text, args[1].as.text, args[1].len) == 0);
}

static struct cel_value ends_with(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (!are(args, n, "ss"))
        return cel_run_no_overload(r, "endsWith", args, n);
    if (!charge_texts(r, args + 1, 1))
        return r->stopped;
    return cel_value_bool(
        args[1].len <= args[0].len &&
        memcmp(args[0].as.text + (args[0].len - args[1].len), args[1].as.text, args[1].len) == 0);
}

static struct cel_value compile(struct cel_run *r, struct cel_value pattern,
                                const struct regex **re)
{
    struct err e = {0};

    if (!cel_run_charge(r, 100 + (uint64_t)pattern.len))
        return r->stopped;
    if (!regex_compile(cel_value_text(pattern), r->arena, re, &e))
        return cel_run_fault(r, CEL_FAULT_TEXT, "%s (byte %llu of the pattern)", e.text,
                             (unsigned long long)e.offset);
    return cel_run_memory(r) ? cel_value_null() : r->stopped;
}

static struct cel_value matches(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct regex *re = NULL;
    struct cel_value bad;

    if (!are(args, n, "ss"))
        return cel_run_no_overload(r, "matches", args, n);
    bad = compile(r, args[1], &re);
    if (cel_run_bad(bad))
        return bad;
    if (!cel_run_charge(r, regex_cost(re, args[0].len)))
        return r->stopped;
    return cel_value_bool(regex_match(re, cel_value_text(args[0])));
}

/* SPEC: Kubernetes regex library: the first match, or "" */
static struct cel_value regex_first(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    const struct regex *re = NULL;
    struct cel_value bad;
    size_t at, end;

    if (!are(args, n, "ss"))
        return cel_run_no_overload(r, "find", args, n);
    bad = compile(r, args[1], &re);
    if (cel_run_bad(bad))
        return bad;
    if (!cel_run_charge(r, regex_cost(re, s.len)))
        return r->stopped;
    if (!regex_find(re, s, 0, &at, &end))
        return cel_value_str("");
    return cel_value_string((struct slice){s.data + at, end - at});
}

static struct cel_value char_at(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    size_t at = 0, end;

    if (!are(args, n, "si"))
        return cel_run_no_overload(r, "charAt", args, n);
    if (!charge_texts(r, args, 1))
        return r->stopped;
    if (args[1].as.integer < 0 || !cel_text_skip(s, 0, (size_t)args[1].as.integer, &at))
        return out_of_range(r, args[1].as.integer);
    if (!cel_text_skip(s, at, 1, &end))
        return cel_value_str("");
    return cel_value_string((struct slice){s.data + at, end - at});
}

static struct cel_value count_to(struct slice s, size_t at)
{
    return cel_value_int((int64_t)cel_text_count((struct slice){s.data, at}));
}

static struct cel_value index_of(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    size_t from = 0, at;

    if (args[0].kind == CEL_LIST)
        return cel_lib_list_index_of(r, args, n);
    if (!are(args, n, "ssi"))
        return cel_run_no_overload(r, "indexOf", args, n);
    if (!charge_texts(r, args, n))
        return r->stopped;
    if (n > 2 &&
        (args[2].as.integer < 0 || !cel_text_skip(s, 0, (size_t)args[2].as.integer, &from)))
        return out_of_range(r, args[2].as.integer);
    at = find(s, cel_value_text(args[1]), from);
    return at == SIZE_MAX ? cel_value_int(-1) : count_to(s, at);
}

/* The last place at or before byte `from`. Forward, so that the time stays linear. */
static size_t find_last(struct slice s, struct slice needle, size_t from)
{
    size_t last = SIZE_MAX;

    if (needle.len == 0)
        return from;
    for (size_t at = find(s, needle, 0); at != SIZE_MAX && at <= from; at = find(s, needle, at + 1))
        last = at;
    return last;
}

static struct cel_value last_index_of(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    size_t from = s.len, at;

    if (args[0].kind == CEL_LIST)
        return cel_lib_list_last_index_of(r, args, n);
    if (!are(args, n, "ssi"))
        return cel_run_no_overload(r, "lastIndexOf", args, n);
    /* overlapping matches cost the needle each time */
    if (!charge_texts(r, args, n) || !cel_run_charge(r, (uint64_t)s.len * (args[1].len / 64)))
        return r->stopped;
    if (n > 2 &&
        (args[2].as.integer < 0 || !cel_text_skip(s, 0, (size_t)args[2].as.integer, &from)))
        return out_of_range(r, args[2].as.integer);
    at = find_last(s, cel_value_text(args[1]), from);
    return at == SIZE_MAX ? cel_value_int(-1) : count_to(s, at);
}

static struct cel_value change_case(struct cel_run *r, struct cel_value v, uint8_t first)
{
    uint8_t *text = cel_run_text(r, v.len);

    if (text == NULL)
        return r->stopped;
    for (uint32_t i = 0; i < v.len; i++) {
        const uint8_t c = v.as.text[i];

        text[i] = c >= first && c < first + 26 ? c ^ 0x20 : c;
    }
    return cel_value_string((struct slice){text, v.len});
}

static struct cel_value lower(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return are(args, n, "s") ? change_case(r, args[0], 'A')
                             : cel_run_no_overload(r, "lowerAscii", args, n);
}

static struct cel_value upper(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return are(args, n, "s") ? change_case(r, args[0], 'a')
                             : cel_run_no_overload(r, "upperAscii", args, n);
}

static struct cel_value substring(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    size_t from, to = s.len;

    if (!are(args, n, "sii"))
        return cel_run_no_overload(r, "substring", args, n);
    if (!charge_texts(r, args, 1))
        return r->stopped;
    if (args[1].as.integer < 0 || !cel_text_skip(s, 0, (size_t)args[1].as.integer, &from))
        return out_of_range(r, args[1].as.integer);
    if (n > 2 && (args[2].as.integer < 0 || !cel_text_skip(s, 0, (size_t)args[2].as.integer, &to)))
        return out_of_range(r, args[2].as.integer);
    if (to < from)
        return cel_run_fault(r, CEL_FAULT_VALUE, "invalid substring range: start %lld, end %lld",
                             (long long)args[1].as.integer, (long long)args[2].as.integer);
    return cel_value_string((struct slice){s.data + from, to - from});
}

static struct cel_value trim(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    size_t from = SIZE_MAX, to = 0, at = 0;

    if (!are(args, n, "s"))
        return cel_run_no_overload(r, "trim", args, n);
    if (!charge_texts(r, args, 1))
        return r->stopped;
    while (at < s.len) {
        const size_t start = at;

        if (cel_text_blank(cel_text_next(s, &at)))
            continue;
        from = from == SIZE_MAX ? start : from;
        to = at;
    }
    if (from == SIZE_MAX)
        return cel_value_str("");
    return cel_value_string((struct slice){s.data + from, to - from});
}

static struct cel_value reverse(struct cel_run *r, const struct cel_value *args, size_t n)
{
    const struct slice s = cel_value_text(args[0]);
    uint8_t *text;
    size_t at = 0;

    if (args[0].kind == CEL_LIST)
        return cel_lib_list_reverse(r, args, n);
    if (!are(args, n, "s"))
        return cel_run_no_overload(r, "reverse", args, n);
    text = cel_run_text(r, s.len);
    if (text == NULL)
        return r->stopped;
    while (at < s.len) {
        const size_t start = at;

        (void)cel_text_next(s, &at);
        memcpy(text + (s.len - at), s.data + start, at - start);
    }
    return cel_value_string((struct slice){text, s.len});
}

static struct cel_value quote(struct cel_run *r, const struct cel_value *args, size_t n)
{
    return are(args, n, "s") ? cel_format_quote(r, args[0])
                             : cel_run_no_overload(r, "strings.quote", args, n);
}

static struct cel_value format(struct cel_run *r, const struct cel_value *args, size_t n)
{
    if (args[0].kind != CEL_STRING || args[1].kind != CEL_LIST)
        return cel_run_no_overload(r, "format", args, n);
    return cel_format_text(r, args[0], args[1]);
}

const struct cel_lib_entry cel_lib_string_table[] = {
    {"contains", CEL_LIB_METHOD, 2, 2, contains},
    {"startsWith", CEL_LIB_METHOD, 2, 2, starts_with},
    {"endsWith", CEL_LIB_METHOD, 2, 2, ends_with},
    {"matches", CEL_LIB_GLOBAL | CEL_LIB_METHOD, 2, 2, matches},
    {"find", CEL_LIB_METHOD, 2, 2, regex_first},
    {"findAll", CEL_LIB_METHOD, 2, 3, cel_lib_split_find_all},
    {"charAt", CEL_LIB_METHOD, 2, 2, char_at},
    {"indexOf", CEL_LIB_METHOD, 2, 3, index_of},
    {"lastIndexOf", CEL_LIB_METHOD, 2, 3, last_index_of},
    {"lowerAscii", CEL_LIB_METHOD, 1, 1, lower},
    {"upperAscii", CEL_LIB_METHOD, 1, 1, upper},
    {"substring", CEL_LIB_METHOD, 2, 3, substring},
    {"trim", CEL_LIB_METHOD, 1, 1, trim},
    {"reverse", CEL_LIB_METHOD, 1, 1, reverse},
    {"join", CEL_LIB_METHOD, 1, 2, cel_lib_split_join},
    {"split", CEL_LIB_METHOD, 2, 3, cel_lib_split_split},
    {"replace", CEL_LIB_METHOD, 3, 4, cel_lib_split_replace},
    {"strings.quote", CEL_LIB_GLOBAL, 1, 1, quote},
    {"format", CEL_LIB_METHOD, 2, 2, format},
    {NULL, 0, 0, 0, NULL},
};
