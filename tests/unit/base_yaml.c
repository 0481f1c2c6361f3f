/* base/yaml.h */
#include "base/yaml.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "tests/lib/cases.h"
#include "tests/lib/exact.h"

struct good_case {
    const char *what, *text, *want;
};

static const struct good_case good_cases[] = {
    {"a map", "a: 1\nb: two\n", "{\"a\":1,\"b\":\"two\"}"},
    {"json", "{\"a\":{\"b\":[1,2.5,true,null,\"x\"]}}", "{\"a\":{\"b\":[1,2.5,true,null,\"x\"]}}"},
    {"a scalar", "x", "\"x\""},
    {"an empty document", "---\n", "null"},
    {"nulls", "[~, null, Null, NULL, ]", "[null,null,null,null]"},
    {"no value", "a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}"},
    {"not nulls", "[nULL, none, '~']", "[\"nULL\",\"none\",\"~\"]"},
    {"bools", "[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]"},
    {"not bools", "[yes, no, on, off, y, n, tRUE, 'true']",
     "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"tRUE\",\"true\"]"},
    {"integers", "[0, 12, -12, +12, -0, 0x1F, 0xff, 0o17, 9223372036854775807]",
     "[0,12,-12,12,0,31,255,15,9223372036854775807]"},
    {"past int64", "[9223372036854775808, -9223372036854775809]",
     "[9.223372036854776e18,-9.223372036854776e18]"},
    {"largest hexadecimal", "0x7fffffffffffffff", "9223372036854775807"},
    {"names that look like numbers",
     "[012345678901, 00, -012, +07, 1_000, 0x, 0xg, 0o8, 0b1, 1.2.3, 190:20]",
     "[\"012345678901\",\"00\",\"-012\",\"+07\",\"1_000\",\"0x\",\"0xg\",\"0o8\",\"0b1\",\"1.2.3\","
     "\"190:20\"]"},
    {"signs and points alone", "['-', '+', ., .., -x, +., -.e1, 1e, 1e+, e1]",
     "[\"-\",\"+\",\".\",\"..\",\"-x\",\"+.\",\"-.e1\",\"1e\",\"1e+\",\"e1\"]"},
    {"reals", "[1.5, -1.5, +1.5, .5, 5., 1e3, 1E+3, 1.5e-3, 00.5, -0.0]",
     "[1.5,-1.5,1.5,0.5,5.0,1000.0,1000.0,0.0015,0.5,-0.0]"},
    {"not finite", "[.inf, -.Inf, +.INF, .nan, .NaN, .NAN]", "[null,null,null,null,null,null]"},
    {"quoted is a string", "['1', \"1\", 'null', !!str 1, ! 1]",
     "[\"1\",\"1\",\"null\",\"1\",\"1\"]"},
    {"blocks", "a: |\n  1\n  2\nb: >-\n  x\n  y\n", "{\"a\":\"1\\n2\\n\",\"b\":\"x y\"}"},
    {"a literal block of a number", "|-\n  1\n", "\"1\""},
    {"core tags", "[!!int '7', !!float 7, !!bool 'true', !!null '', !!seq [1], !!map {a: 1}]",
     "[7,7.0,true,null,[1],{\"a\":1}]"},
    {"keys are text", "1: a\ntrue: b\n~: c\n1.50: d\n'x': e\n!!str f: g\n",
     "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\",\"1.50\":\"d\",\"x\":\"e\",\"f\":\"g\"}"},
    {"aliases", "a: &x [1, &y two]\nb: *x\nc: *y\n",
     "{\"a\":[1,\"two\"],\"b\":[1,\"two\"],\"c\":\"two\"}"},
    {"the last anchor counts", "[&a 1, *a, &a 2, *a]", "[1,1,2,2]"},
    {"an anchor within one of its name", "[&a [&a 1, *a], *a]", "[[1,1],1]"},
    {"an alias as a key", "&k name: 1\nb: {*k : 2}\n", "{\"name\":1,\"b\":{\"name\":2}}"},
    {"merge", "b: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n",
     "{\"b\":{\"x\":1,\"y\":2},\"d\":{\"y\":3,\"x\":1}}"},
    {"merge of several", "- &a {x: 1}\n- &b {x: 2, y: 2}\n- {<<: [*a, *b], z: 3}\n",
     "[{\"x\":1},{\"x\":2,\"y\":2},{\"z\":3,\"x\":1,\"y\":2}]"},
    {"merge of a merge", "- &a {x: 1}\n- &b {<<: *a, y: 2}\n- {<<: *b}\n",
     "[{\"x\":1},{\"y\":2,\"x\":1},{\"y\":2,\"x\":1}]"},
    {"merge of nothing", "{<<: {}, a: 1}", "{\"a\":1}"},
    {"a quoted << is a key", "{'<<': 1}", "{\"<<\":1}"},
    {"unknown", "[!unknown , !unknown 'known after apply', !unknown [a.b, c]]",
     "[{\"$unknown\":\"unknown\",\"refs\":[]},{\"$unknown\":\"known after apply\",\"refs\":[]},"
     "{\"$unknown\":\"unknown\",\"refs\":[\"a.b\",\"c\"]}]"},
    {"escapes", "\"\\0\\x1b\\u00e9\\U0001F600\"", "\"\\u0000\\u001b\xc3\xa9\xf0\x9f\x98\x80\""},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a: \xc3\xa9\n",
     "{\"a\":\"\xc3\xa9\"}"},
    {"directive", "%YAML 1.2\n---\na: 1\n...\n", "{\"a\":1}"},
    {"carriage returns", "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
};

static const struct value *read_text(const char *text, const struct yaml_options *opt,
                                     struct arena *a, struct err *e)
{
    const struct slice s = exact_str(text);
    const struct value *v = NULL;
    const bool done = yaml_read(s, opt, a, &v, e);

    exact_free(s); /* the tree borrows nothing */
    cr_assert_eq(done, v != NULL);
    cr_assert_eq(done, e->text[0] == '\0');
    return v;
}

static void expect_json(const struct value *v, const char *want, const char *what)
{
    struct json_out o;
    struct buf b;

    buf_init(&b, 1 << 20);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, v);
    cr_expect(slice_is(buf_slice(&b), want), "%s: %.*s", what, (int)b.len, (char *)b.data);
    buf_release(&b);
}

/* TEST-OF: YAML 1.2.2 section 10.3.2 */
CASES(yaml, reads, good_cases)
{
    const struct good_case *c = &good_cases[*case_index];
    struct err e = {0};
    struct arena a;
    const struct value *v;

    arena_init(&a);
    v = read_text(c->text, NULL, &a, &e);
    cr_assert_not_null(v, "%s: %s", c->what, e.text);
    expect_json(v, c->want, c->what);
    arena_release(&a);
}

struct bad_case {
    const char *what, *text;
    enum err_code code;
    const char *want;
    uint64_t offset;
    uint32_t line;
};

static const struct bad_case bad_cases[] = {
    {"nothing", "", ERR_FORMAT, "no document", 0, 1},
    {"a comment", "# nothing\n", ERR_FORMAT, "no document", 0, 1},
    {"two documents", "a: 1\n---\nb: 2\n", ERR_FORMAT, "a second document, one was expected", 5, 2},
    {"duplicate key", "a: 1\nb: 2\n\na: 3\n", ERR_FORMAT, "duplicate key 'a' on lines 1 and 4", 11,
     4},
    {"duplicate of another spelling", "{a: 1, \"\\x61\": 2}", ERR_FORMAT,
     "duplicate key 'a' on lines 1 and 1", 7, 1},
    {"duplicate merge key", "{<<: {a: 1}, <<: {b: 1}}", ERR_FORMAT,
     "duplicate key '<<' on lines 1 and 1", 13, 1},
    {"duplicate behind letters", "\xc3\xa9\xf0\x9f\x98\x80: \xe4\xb8\xad\nk: 1\nk: 2\n", ERR_FORMAT,
     "duplicate key 'k' on lines 2 and 3", 17, 3},
    {"a list as key", "? [a]\n: b\n", ERR_FORMAT, "a key that is not a scalar", 2, 1},
    {"a map as key", "{{a: b}: c}", ERR_FORMAT, "a key that is not a scalar", 1, 1},
    {"an alias to a list as key", "- &a [x]\n- {*a : 1}\n", ERR_FORMAT,
     "a key that is not a string", 12, 2},
    {"a key with a local tag", "!Ref a: b\n", ERR_UNSUPPORTED, "a key with the tag '!Ref'", 0, 1},
    {"no anchor", "a: *b\n", ERR_FORMAT, "no anchor 'b' stands before its alias", 3, 1},
    {"an anchor of the document before", "--- &a 1\n--- *a\n", ERR_FORMAT,
     "a second document, one was expected", 9, 2},
    {"an alias within its anchor", "&a [*a]", ERR_FORMAT,
     "the alias 'a' stands within its own anchor", 4, 1},
    {"local tag", "a:\n  - !Ref b\n", ERR_UNSUPPORTED, "the tag '!Ref' has no meaning here", 7, 2},
    {"local tag of a map", "!x {a: 1}", ERR_UNSUPPORTED, "the tag '!x' has no meaning here", 0, 1},
    {"binary", "!!binary aGk=", ERR_UNSUPPORTED,
     "the tag 'tag:yaml.org,2002:binary' has no meaning here", 0, 1},
    {"map tag on a list", "!!map [1]", ERR_UNSUPPORTED,
     "the tag 'tag:yaml.org,2002:map' has no meaning here", 0, 1},
    {"foreign tag", "!<tag:example.org,2026:x> 1", ERR_UNSUPPORTED,
     "the tag 'tag:example.org,2026:x' has no meaning here", 0, 1},
    {"not of its tag", "!!int x", ERR_FORMAT, "'x' is not of its tag 'tag:yaml.org,2002:int'", 0,
     1},
    {"unknown of a map", "!unknown {a: 1}", ERR_FORMAT,
     "!unknown takes a reason or a list of references", 0, 1},
    {"unknown of numbers", "!unknown [1]", ERR_FORMAT,
     "a reference of !unknown that is not a string", 0, 1},
    {"merge of a scalar", "a: 1\n<<: x\n", ERR_FORMAT, "the value of a merge key is not a map", 5,
     2},
    {"merge of a list of scalars", "<<: [{a: 1}, 2]\n", ERR_FORMAT,
     "the value of a merge key is not a map", 0, 1},
    {"merge of null", "<<:\n", ERR_FORMAT, "the value of a merge key is not a map", 0, 1},
    {"hexadecimal past int64", "x: 0x8000000000000000", ERR_FORMAT,
     "the number '0x8000000000000000' is too large", 3, 1},
    {"too large", "x: 1e999", ERR_FORMAT, "the number '1e999' is too large", 3, 1},
    {"bad utf-8", "a: 1\nb: \xff\n", ERR_FORMAT, "a byte that is not utf-8", 8, 2},
    {"control character", "a: \x01\n", ERR_FORMAT, "a control character", 3, 1},
    {"control character behind a mark", "\xef\xbb\xbf\n\x7f", ERR_FORMAT, "a control character", 4,
     2},
    {"C1 control", "\xc2\x80", ERR_FORMAT, "a control character", 0, 1},
    {"mark within the text", "a: \xef\xbb\xbf", ERR_FORMAT, "a control character", 3, 1},
    {"surrogate escape", "\"\\ud800\"", ERR_FORMAT,
     "while parsing a quoted scalar, found invalid Unicode character escape code", 3, 1},
    {"open list", "[1,\n", ERR_FORMAT,
     "while parsing a flow node, did not find expected node content", 4, 2},
    {"map in a value", "a: b: c\n", ERR_FORMAT, "mapping values are not allowed in this context", 4,
     1},
    {"tab for blanks", "a:\n\tb: 1\n", ERR_FORMAT,
     "while scanning for the next token, found character that cannot start any token", 3, 2},
};
CASES(yaml, refuses, bad_cases)
{
    const struct bad_case *c = &bad_cases[*case_index];
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_null(read_text(c->text, NULL, &a, &e), "%s", c->what);
    cr_expect_eq(e.code, c->code, "%s", c->what);
    cr_expect_str_eq(e.text, c->want, "%s: got '%s'", c->what, e.text);
    cr_expect_eq(e.offset, c->offset, "%s: at %ju", c->what, (uintmax_t)e.offset);
    cr_expect_eq(e.line, c->line, "%s: line %u", c->what, e.line);
    arena_release(&a);
}

Test(yaml, a_NUL_is_a_control_character)
{
    const struct slice s = exact("a: \0", 4);
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_not(yaml_read(s, NULL, &a, &v, &e));
    cr_expect_str_eq(e.text, "a control character");
    exact_free(s);
    arena_release(&a);
}

Test(yaml, nodes_know_their_place)
{
    struct err e = {0};
    struct arena a;
    const struct value *v;

    arena_init(&a);
    v = read_text("# \xc3\xa9\n\xc3\xa9: x\nlist:\n  - 1\n  - {k: \xe4\xb8\xad, l: z}\n", NULL, &a,
                  &e);
    cr_assert_not_null(v, "%s", e.text);
    cr_expect(v->offset == 5 && v->line == 2);
    cr_expect(value_get(v, "\xc3\xa9")->offset == 9 && value_get(v, "\xc3\xa9")->line == 2);
    cr_expect(value_path(v, "list.0")->offset == 21 && value_path(v, "list.0")->line == 4);
    cr_expect(value_path(v, "list.1")->offset == 27 && value_path(v, "list.1")->line == 5);
    cr_expect(value_path(v, "list.1.l")->offset == 39 && value_path(v, "list.1.l")->line == 5);
    cr_expect_eq(v->as.members[1].key_offset, 11);
    arena_release(&a);
}

Test(yaml, many_documents)
{
    const struct yaml_options many = {.many = true};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    expect_json(read_text("a: 1\n---\n- b\n---\n...\n", &many, &a, &e), "[{\"a\":1},[\"b\"],null]",
                "three");
    expect_json(read_text("# none\n", &many, &a, &e), "[]", "none");
    cr_expect_null(read_text("--- &a 1\n--- *a\n", &many, &a, &e),
                   "anchors end with their document");
    cr_expect_str_eq(e.text, "no anchor 'a' stands before its alias");
    arena_release(&a);
}

/* {"Ref": value} for !Ref; everything else is refused, !bad without a word. */
static const struct value *on_tag(void *ctx, struct arena *a, const char *tag,
                                  const struct value *node, struct err *e)
{
    struct value_builder b;

    ++*(int *)ctx;
    if (strcmp(tag, "!bad") == 0)
        return NULL;
    if (strcmp(tag, "!Ref") != 0) {
        err_set(e, ERR_USAGE, ERR_NO_OFFSET, "'%s' is not for you", tag);
        return NULL;
    }
    value_map_begin(&b, a);
    value_map_add(&b, "Ref", node);
    return value_map_end(&b, NULL);
}

Test(yaml, local_tags_go_to_the_callback)
{
    int calls = 0;
    const struct yaml_options opt = {.on_tag = on_tag, .ctx = &calls};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    expect_json(
        read_text(
            "a: !Ref 12\nb: !Ref '12'\nc: !Ref [!Ref x]\nd: !Ref {k: v}\ne: &z !Ref y\nf: *z\n",
            &opt, &a, &e),
        "{\"a\":{\"Ref\":12},\"b\":{\"Ref\":\"12\"},\"c\":{\"Ref\":[{\"Ref\":\"x\"}]},"
        "\"d\":{\"Ref\":{\"k\":\"v\"}},\"e\":{\"Ref\":\"y\"},\"f\":{\"Ref\":\"y\"}}",
        "refs");
    cr_expect_eq(calls, 6, "%d calls", calls);
    cr_expect_null(read_text("x:\n  - !Sub y\n", &opt, &a, &e));
    cr_expect_eq(e.code, ERR_USAGE);
    cr_expect_str_eq(e.text, "'!Sub' is not for you");
    cr_expect_eq(e.line, 2);
    err_clear(&e);
    cr_expect_null(read_text("!bad x", &opt, &a, &e));
    cr_expect_str_eq(e.text, "a tag that is not understood");
    arena_release(&a);
}

/* `n` times `each`, between `open` and `close`. */
static char *repeat(const char *open, const char *each, size_t n, const char *close)
{
    const size_t len = strlen(each);
    char *text = malloc(strlen(open) + n * len + strlen(close) + 1);
    char *at = text + strlen(open);

    memcpy(text, open, strlen(open));
    for (size_t i = 0; i < n; i++)
        memcpy(at + i * len, each, len);
    memcpy(at + n * len, close, strlen(close) + 1);
    return text;
}

static void expect_limit(const char *text, const char *want)
{
    const struct yaml_options many = {.many = true};
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_eq(read_text(text, &many, &a, &e) != NULL, want == NULL, "%s", e.text);
    if (want != NULL) {
        cr_expect_eq(e.code, ERR_LIMIT);
        cr_expect_str_eq(e.text, want);
        cr_expect_neq(e.line, 0);
    }
    arena_release(&a);
}

Test(yaml, depth_at_the_cap_and_past_it)
{
    static const char *const want = "deeper than LIMIT_YAML_DEPTH (100 levels)";
    char *text = repeat("", "- ", LIMIT_YAML_DEPTH, "x");

    expect_limit(text, NULL);
    free(text);
    text = repeat("", "- ", LIMIT_YAML_DEPTH + 1, "x");
    expect_limit(text, want);
    free(text);
    text = repeat("", "[", 100000, "");
    expect_limit(text, want);
    free(text);
}

/* Each anchor holds the one before: no line is deep, the tree is. */
static void chain(struct buf *b, int levels)
{
    buf_str(b, "- &a0 x\n");
    for (int i = 1; i <= levels; i++)
        buf_printf(b, "- &a%d [*a%d]\n", i, i - 1);
    buf_u8(b, 0);
}

Test(yaml, depth_of_aliases)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    chain(&b, LIMIT_YAML_DEPTH - 1);
    expect_limit((const char *)b.data, NULL);
    buf_clear(&b);
    chain(&b, LIMIT_YAML_DEPTH);
    expect_limit((const char *)b.data, "deeper than LIMIT_YAML_DEPTH (100 levels)");
    buf_release(&b);
}

/* The list of documents, the list and its items: all are nodes. */
Test(yaml, nodes_at_the_cap_and_past_it)
{
    char *text = repeat("[", "1,", LIMIT_YAML_NODES - 2, "]");

    expect_limit(text, NULL);
    free(text);
    text = repeat("[", "1,", LIMIT_YAML_NODES - 1, "]");
    expect_limit(text, "more than LIMIT_YAML_NODES (2000000) nodes");
    free(text);
}

Test(yaml, the_billion_laughs)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    buf_str(&b, "- &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(&b, "- &a%d [", i);
        for (int k = 0; k < 10; k++)
            buf_printf(&b, "*a%d,", i - 1);
        buf_str(&b, "]\n");
    }
    buf_u8(&b, 0);
    expect_limit((const char *)b.data, "more than LIMIT_YAML_NODES (2000000) nodes");
    buf_release(&b);
}

/* The same with merge keys: the maps grow wide, not deep. */
Test(yaml, the_billion_merges)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    buf_str(&b, "- &a0 {");
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "k%d: x,", i);
    buf_str(&b, "}\n");
    for (int i = 0; i < 9999; i++)
        buf_str(&b, "- {<<: *a0, z: 1}\n");
    buf_u8(&b, 0);
    expect_limit((const char *)b.data, "more than LIMIT_YAML_NODES (2000000) nodes");
    buf_release(&b);
}

Test(yaml, aliases_at_the_cap_and_past_it)
{
    char *text = repeat("- &a x\n", "- *a\n", LIMIT_YAML_ALIASES, "");

    expect_limit(text, NULL);
    free(text);
    text = repeat("- &a x\n", "- *a\n", LIMIT_YAML_ALIASES + 1, "");
    expect_limit(text, "more than LIMIT_YAML_ALIASES (10000) aliases");
    free(text);
}

Test(yaml, anchors_at_the_cap_and_past_it)
{
    char *text = repeat("", "- &a x\n", LIMIT_YAML_ANCHORS, "");

    expect_limit(text, NULL);
    free(text);
    text = repeat("", "- &a x\n", LIMIT_YAML_ANCHORS + 1, "");
    expect_limit(text, "more than LIMIT_YAML_ANCHORS (10000) anchors");
    free(text);
}

Test(yaml, length_past_the_cap)
{
    static const uint8_t nothing[1];
    const struct value *v = NULL;
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    cr_expect_not(
        yaml_read((struct slice){nothing, (size_t)LIMIT_CONFIG_BYTES + 1}, NULL, &a, &v, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    cr_expect_str_eq(e.text, "a text longer than LIMIT_CONFIG_BYTES (268435456 bytes)");
    arena_release(&a);
}
