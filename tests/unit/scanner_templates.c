/* What the judge of templates finds: names of attributes in every disguise, and nothing in plain
 * ones. */
#include "base/limits.h"
#include "scanner/formats/jinja/jinja_parse.h"
#include "tests/lib/fixture.h"
#include "tests/unit/scanner_model_support.h"

struct template_case {
    const char *what; /* the template */
    const char *list; /* where in the fact */
    const char *name; /* must be */
};

static const struct template_case payloads[] = {
    {"{% set ns = namespace(a=[]) %}{% for c in ['__', 'class', '__'] %}{% set _ = ns.a.append(c) "
     "%}{% endfor %}{{ x[ns.a | join] }}",
     "computed", "subscript"},
    {"{% macro f() %}{{ x[varargs[0] | reverse] }}{% endmacro %}{{ f('__ssalc__') }}", "computed",
     "subscript"},
    {"{% macro f(a) %}{{ x[a] }}{% endmacro %}{% set g = f %}{{ g('__ssalc__'[::-1]) }}", "texts",
     "__class__"},
    {"{% set ns = namespace(a='') %}{% for c in ['__', 'class', '__'] %}{% set ns.a = ns.a + c "
     "%}{% endfor %}{{ x[ns.a] }}",
     "computed", "subscript"},
    {"{{ x[r] }}{% set r = '__class__' %}", "dunders", "__class__"},
    {"{% macro f(a) %}{{ x[a[::-1]] }}{% endmacro %}{{ f('__ssalc__') }}", "dunders", "__class__"},
    {"{{ x['%(a)sclass%(a)s' % {'a': '__'}] }}", "dunders", "__class__"},
    {"{% for a, b in [('__class__', 'b')] %}{{ x[a] }}{% endfor %}", "dunders", "__class__"},
    {"{% for k in {'__class__': 1} %}{{ x[k] }}{% endfor %}", "dunders", "__class__"},
    {"{{ x\n[ \"__cl\" \n \"ass__\" ] }}", "dunders", "__class__"},
    {"{{ ''.__class__.__mro__[1].__subclasses__() }}", "dunders", "__subclasses__"},
    {"{{ ''['__class__']['__mro__'][1]['__subclasses__']() }}", "dunders", "__subclasses__"},
    {"{{ cycler.__init__.__globals__.os.popen('id').read() }}", "dunders", "__globals__"},
    {"{{ joiner.__init__.__globals__.os.popen('id').read() }}", "dunders", "__globals__"},
    {"{{ namespace.__init__.__globals__.os.popen('id').read() }}", "dunders", "__globals__"},
    {"{{ lipsum.__globals__['os'].popen('id').read() }}", "dunders", "__globals__"},
    {"{{ lipsum.__globals__.os.popen('id').read() }}", "dunders", "__globals__"},
    {"{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() "
     "}}",
     "dunders", "__import__"},
    {"{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id')"
     ".read() }}",
     "dunders", "__globals__"},
    {"{{ request.application.__globals__.__builtins__.__import__('os').popen('id').r"
     "ead() }}",
     "dunders", "__import__"},
    {"{{ request|attr('application')|attr('\\x5f\\x5fglobals\\x5f\\x5f')|attr('\\x5f"
     "\\x5fgetitem\\x5f\\x5f')('\\x5f\\x5fbuiltins\\x5f\\x5f')|attr('\\x5f\\x5fgetit"
     "em\\x5f\\x5f')('\\x5f\\x5fimport\\x5f\\x5f')('os')|attr('popen')('id')|attr('r"
     "ead')() }}",
     "dunders", "__getitem__"},
    {"{{ request|attr(['_'*2,'class','_'*2]|join) }}", "dunders", "__class__"},
    {"{{ request|attr('%s%sclass%s%s'|format('_','_','_','_')) }}", "dunders", "__class__"},
    {"{{ request|attr(request.args.param) }}", "computed", "attr"},
    {"{{ config.__class__.__init__.__globals__['os'].popen('ls').read() }}", "dunders",
     "__globals__"},
    {"{{ url_for.__globals__.os.popen('id').read() }}", "dunders", "__globals__"},
    {"{{ get_flashed_messages.__globals__.__builtins__.open('/etc/passwd').read() }}", "dunders",
     "__builtins__"},
    {"{{ config.items() }}", "names", "config"},
    {"{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}", "dunders", "__class__"},
    {"{{ ''[\"\\u005f\\u005fclass\\u005f\\u005f\"] }}", "dunders", "__class__"},
    {"{{ ''[\"\\137\\137class\\137\\137\"] }}", "dunders", "__class__"},
    {"{{ ''[\"\\N{LOW LINE}\\N{LOW LINE}class\\N{LOW LINE}\\N{LOW LINE}\"] }}", "dunders",
     "__class__"},
    {"{{ ''['__cla' 'ss__'] }}", "dunders", "__class__"},
    {"{{ ''['__cla' + 'ss__'] }}", "dunders", "__class__"},
    {"{{ ''['__cla' ~ 'ss__'] }}", "dunders", "__class__"},
    {"{{ ''|attr('__ssalc__'|reverse) }}", "dunders", "__class__"},
    {"{{ ''['__ssalc__'[::-1]] }}", "dunders", "__class__"},
    {"{{ ''|attr('__CLASS__'|lower) }}", "dunders", "__class__"},
    {"{{ ''['__CLASS__'.lower()] }}", "dunders", "__class__"},
    {"{{ ''['XXclassXX'|replace('X','_')] }}", "dunders", "__class__"},
    {"{{ ''['XXclassXX'.replace('X','_')] }}", "dunders", "__class__"},
    {"{{ ''['{0}{0}class{0}{0}'.format('_')] }}", "dunders", "__class__"},
    {"{{ ''['%s%sclass%s%s' % ('_','_','_','_')] }}", "dunders", "__class__"},
    {"{{ ''['%c%cclass%c%c' % (95,95,95,95)] }}", "dunders", "__class__"},
    {"{{ ''[dict(__cla=1,ss__=2)|join] }}", "dunders", "__class__"},
    {"{{ ''[(dict(__cla=1)|list|first) ~ (dict(ss__=1)|list|last)] }}", "dunders", "__class__"},
    {"{% set a='__cla' %}{% set b='ss__' %}{{ ''[a~b] }}", "dunders", "__class__"},
    {"{% set ns=namespace(u='_') %}{% set ns.c = ns.u*2 ~ 'class' ~ ns.u*2 %}{{ ''[n"
     "s.c] }}",
     "dunders", "__class__"},
    {"{% set chr=['_','_','c','l','a','s','s','_','_'] %}{{ ''|attr(chr|join('')) }}", "dunders",
     "__class__"},
    {"{% set l=[] %}{% for c in ['_','_','class','_','_'] %}{% set _ = l.append(c) %"
     "}{% endfor %}{{ ''[l|join] }}",
     "computed", "subscript"},
    {"{% set x %}__class__{% endset %}{{ ''[x] }}", "dunders", "__class__"},
    {"{% macro m(a) %}{{ ''[a] }}{% endmacro %}{{ m('__cla' ~ 'ss__') }}", "dunders", "__class__"},
    {"{% macro u() %}__class__{% endmacro %}{{ ''[u()] }}", "computed", "subscript"},
    {"{{ [''] | map(attribute='__class__') | list }}", "dunders", "__class__"},
    {"{{ [''] | map('attr','__class__') | list }}", "dunders", "__class__"},
    {"{{ [''] | selectattr('__class__.__mro__') | list }}", "dunders", "__mro__"},
    {"{{ [''] | groupby('__class__') }}", "dunders", "__class__"},
    {"{{ '{0.__class__.__init__.__globals__}'.format(x) }}", "dunders", "__globals__"},
    {"{{ ((lipsum|string|list)[18]*2 ~ 'globals' ~ (lipsum|string|list)[18]*2) }}{{ "
     "lipsum[((lipsum|string|list)[18]*2 ~ 'globals' ~ (lipsum|string|list)[18]*2)] "
     "}}",
     "computed", "subscript"},
    {"{% for c in ''.__class__.__base__.__subclasses__() %}{% if c.__name__ == 'catc"
     "h_warnings' %}{{ c()._module.__builtins__['eval'](\"1\") }}{% endif %}{% endfo"
     "r %}",
     "dunders", "__builtins__"},
    {"{% with a='__glo' %}{% with b='bals__' %}{{ lipsum[a+b] }}{% endwith %}{% endw"
     "ith %}",
     "dunders", "__globals__"},
    {"{{ x.__getattribute__('__class__') }}", "dunders", "__class__"},
    {"{{ x.get('a').gi_frame.f_builtins }}", "attributes", "f_builtins"},
    {"{% include '/etc/passwd' %}", "statements", "/etc/passwd"},
    {"{% import 'os' as os %}", "statements", "os"},
    {"{% extends layout %}", "statements", "(computed)"},
    {"{{ range(1000000000)|list }}", "expansions", "range"},
    {"{{ 'a'*1000000000 }}", "expansions", "*"},
    {"{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor"
     " %}",
     "expansions", "loops"},
    {"{{ x['\\137\\137class' ~ k] }}", "computed", "subscript"},
    {"{{ x|attr(k) }}", "computed", "attr"},
    {"{% set f = 'attr' %}{{ [x]|map(f, k)|list }}", "computed", "attr"},
    {"{{ joiner.__init__['__glob' 'als__'] }}", "dunders", "__globals__"},
    {"{{ {'a':'__class__'}.a }}{{ x[{'a':'__cl' ~ 'ass__'}['a']] }}", "dunders", "__class__"},
    {"{{ x[['__class__','b'][0]] }}", "dunders", "__class__"},
    {"{{ x[('__class__','b')|first] }}", "dunders", "__class__"},
    {"{{ x['_'.join(['','','class','',''])] }}", "dunders", "__class__"},
    {"{{ x['a,__class__'.split(',')[1]] }}", "dunders", "__class__"},
    {"{{ x[('__class__' if true else 'a')] }}", "dunders", "__class__"},
    {"{{ x[(none or '__class__')] }}", "dunders", "__class__"},
    {"{{ x[y|default('__class__')] }}", "dunders", "__class__"},
    {"{% raw %}{{ x.__class__ }}{% endraw %}{{ x.__class__ }}", "dunders", "__class__"},
    {"{#- comment -#}{{- x.__class__ -}}", "dunders", "__class__"},
    {"{% if x.__class__ %}{% elif x.__mro__ %}{% endif %}", "dunders", "__mro__"},
    {"{% filter attr('__class__') %}a{% endfilter %}", "dunders", "__class__"},
    {"{{ x is sameas(y.__class__) }}", "dunders", "__class__"},
    {"{{ x[] }}{{ ''[]['__cl' ~ 'ass__'] }}", "dunders", "__class__"}, /* [] is a key, too */
    {"{% call(u) x.__class__.foo() %}{% endcall %}", "dunders", "__class__"},
    {"{{ x.foo(a=b.__class__, *c.__mro__, **d.__dict__) }}", "dunders", "__dict__"},
    {"{{ x[1:y.__class__] }}", "dunders", "__class__"},
    {"{{ x[\"__cla\\\nss__\"] }}", "dunders", "__class__"},
    {"{{ __import__('os').system('id') }}", "dunders", "__import__"},
    {"{{ eval('1') }}{{ exec('1') }}{{ open('/etc/passwd').read() }}", "names", "eval"},
};

CASES(scanner_templates, finds_what_is_reached, payloads)
{
    const struct template_case *c = &payloads[*case_index];
    const struct value *t;
    struct scanned s;

    scanned_scan(&s, "a.jinja", slice_str(c->what));
    t = scanned_fact(&s, "model.template", 0);
    cr_expect_str_eq(scanned_text(t, "status"), "parsed", "%s: %s", c->what,
                     scanned_text(t, "error"));
    cr_expect(scanned_has(value_get(t, c->list), c->name), "%s: no %s in %s", c->what, c->name,
              c->list);
    scanned_release(&s);
}

static const struct template_case plain[] = {
    {"{% for m in messages %}{{ m[key] ~ m['role'] }}{% endfor %}", "attributes", "role"},
    {"{{ messages[loop.index0 + 1][key][0] }}", "attributes", "index0"},
    {"{% for k in ['name', 'type'] %}{{ tool[k] }}{% endfor %}", "attributes", "type"},
    {"{% set ns = namespace(i=0) %}{% for m in x %}{% set ns.i = ns.i + 1 %}{{ x[ns.i] }}{% endfor "
     "%}",
     "calls", "namespace"},
    {"{{ text[:10] ~ text[-1] ~ text[::-1] }}", "names", "text"},
    {"{{ '<|__x|>' ~ '____' }}", "tags", ""},
    {"{{ d.get('role', 'x') }}{{ d.get(key) }}", "calls", ".get"},
    {"{{ cycler('a', 'b') }}", "names", "cycler"},
    {"{% for i in range(1000) %}{{ i * 1000 }}{% endfor %}", "calls", "range"},
    {"a {% raw %}{{ x.__class__ }}{% endraw %}{# {{ x.__class__ }} #} b", "tags", ""},
    {"{{ {'a': 1}.a ~ (1, 2)[0] ~ [1][0] ~ -1 ** 2 }}", "tags", ""},
    {"{%- if a is not none and b is defined or c not in d -%}x{%- elif e -%}y{%- else -%}z{%- "
     "endif "
     "-%}",
     "tests", "defined"},
};

CASES(scanner_templates, leaves_plain_ones_alone, plain)
{
    static const char *const lists[] = {"dunders",  "hidden",     "texts",
                                        "computed", "expansions", "statements"};
    const struct template_case *c = &plain[*case_index];
    const struct value *t;
    struct scanned s;

    scanned_scan(&s, "a.jinja", slice_str(c->what));
    t = scanned_fact(&s, "model.template", 0);
    cr_expect_str_eq(scanned_text(t, "status"), "parsed", "%s: %s", c->what,
                     scanned_text(t, "error"));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        cr_expect_eq(value_len(value_get(t, lists[i])), 0, "%s: %s", c->what, lists[i]);
    cr_expect(c->name[0] == '\0' || scanned_has(value_get(t, c->list), c->name), "%s: no %s in %s",
              c->what, c->name, c->list);
    scanned_release(&s);
}

/* Every cut ends in an answer. */
CASES(scanner_templates, can_be_cut_anywhere, payloads)
{
    const struct slice text = slice_str(payloads[*case_index].what);

    for (size_t n = 0; n < text.len; n++) {
        struct scanned s;

        scanned_scan(&s, "a.jinja", (struct slice){text.data, n});
        cr_expect(scanned_fact(&s, "model.template", 0) != NULL || n == 0, "%zu of %s", n,
                  (const char *)text.data);
        scanned_release(&s);
    }
}

static void is_read(const char *name, struct slice bytes, const char *want)
{
    struct scanned s;

    scanned_scan(&s, name, bytes);
    cr_expect_str_eq(want, "", "%s", name);
    cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"), "read", "%s", name);
    cr_expect_eq(s.facts.coverage[0].status, COVERAGE_READ, "%s", name);
    scanned_release(&s);
}

static void is_told(const char *name, struct slice bytes, const char *want)
{
    const struct value *t;
    struct scanned s;

    scanned_scan(&s, name, bytes);
    t = scanned_fact(&s, "model.template", 0);
    if (want[0] != '\0')
        cr_expect_str_eq(arena_printf(&s.arena, "%s %d %s",
                                      scanned_text(scanned_fact(&s, "model.file", 0), "status"),
                                      (int)s.facts.coverage[0].offset, s.facts.coverage[0].reason),
                         want, "%s: %s", name, s.facts.coverage[0].reason);
    else
        cr_expect(value_len(value_get(t, "dunders")) + value_len(value_get(t, "computed")) > 0,
                  "%s", name);
    scanned_release(&s);
}

Test(scanner_templates, fixtures_are_told_for_what_they_are)
{
    cr_expect_geq(fixture_each("fixtures/jinja/good", is_read), 3);
    cr_expect_geq(fixture_each("fixtures/jinja/bad", is_told), 15);
}

/* At the cap, and one past it. */
Test(scanner_templates, are_bounded)
{
    uint8_t *text = malloc(LIMIT_TEMPLATE_BYTES + 1);
    struct jinja_found *found = malloc(sizeof(*found));
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    memset(text, 'x', LIMIT_TEMPLATE_BYTES + 1);
    cr_expect(jinja_parse((struct slice){text, LIMIT_TEMPLATE_BYTES}, &a, found, &e), "%s", e.text);
    cr_expect_not(jinja_parse((struct slice){text, LIMIT_TEMPLATE_BYTES + 1}, &a, found, &e));
    cr_expect_eq(e.code, ERR_LIMIT);
    arena_release(&a);
    free(found);
    free(text);
}

static void fill(uint8_t *text, size_t len, const char *with)
{
    const size_t n = strlen(with);

    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)with[i % n];
}

static const struct template_case hostile[] = {
    {"{{a}}", "", ""},
    {"{{ a.b.c }}", "", ""},
    {"{{ [['x','y'],a~'b'] }}", "", ""},
    {"{{ 'ab'*9999 }}", "", ""},
    {"{% set a=a~'x' %}", "", ""},
    {"{% set a=[a,a,'x'] %}", "", ""},
    {"{{ a|join('xx') }}", "", ""},
    {"{{ m(a='b',c=a) }}", "", ""},
    {"{% set a={'x':a,'y':b} %}", "", ""},
    {"{{('%s%s'|format(a,'x'))[0]}}", "", ""},
    {"{% set b=a~a %}{% set a=b|list %}", "", ""},
    {"{%if a%}", "", ""},
    {"{{a if b else c}}", "", ""},
    {"{{ 'abcdefghijklmnop'|list|join('abc') }}", "", ""},
};

/* A megabyte of the same: done in time, within bounds. */
CASES(scanner_templates, hostile_ones_end, hostile)
{
    const size_t len = LIMIT_TEMPLATE_BYTES;
    uint8_t *text = malloc(len);
    struct jinja_found *found = malloc(sizeof(*found));
    struct err e = {0};
    struct arena a;

    arena_init(&a);
    fill(text, len, hostile[*case_index].what);
    (void)!jinja_parse((struct slice){text, len}, &a, found, &e);
    cr_expect_lt(a.used, (size_t)512 << 20, "%s: %zu bytes", hostile[*case_index].what, a.used);
    arena_release(&a);
    free(found);
    free(text);
}

/* A GGUF file of one key, whose value is a string or an array of strings. */
static struct slice gguf_of(uint8_t *at, const char *key, const char *text, bool list)
{
    const size_t nkey = strlen(key), ntext = strlen(text);
    size_t n = 0;

    memcpy(at, "GGUF\3\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 24);
    n = 24;
    memset(at + n, 0, 64);
    at[n] = (uint8_t)nkey;
    memcpy(at + n + 8, key, nkey + 1);
    n += 8 + nkey;
    memset(at + n, 0, 64);
    at[n] = list ? 9 : 8;
    if (list) {
        at[n + 4] = 8;
        at[n + 8] = 1;
        n += 12;
    }
    at[n + 4] = (uint8_t)ntext;
    memcpy(at + n + 12, text, ntext + 1);
    return (struct slice){at, n + 12 + ntext};
}

static const struct template_case keys[] = {
    {"tokenizer.chat_template", "", ""},
    {"tokenizer.chat_template.tool_use", "", ""},
    {"x.chat_template", "", ""},
};

CASES(scanner_templates, of_gguf_files_are_judged, keys)
{
    const char *key = keys[*case_index].what;
    uint8_t bytes[512];

    for (int list = 0; list < 2; list++) {
        const struct value *t;
        struct scanned s;

        scanned_scan(&s, "m.gguf", gguf_of(bytes, key, "{{ x.__class__ }}", list != 0));
        t = scanned_fact(&s, "model.template", 0);
        cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"), "read", "%s",
                         key);
        cr_expect(scanned_has(value_get(t, "dunders"), "__class__"), "%s", key);
        cr_expect_str_eq(scanned_text(t, "key"), key);
        cr_expect_str_eq(scanned_text(t, "format"), "gguf");
        scanned_release(&s);
    }
}

/* What stands behind the tensors is told. */
Test(scanner_templates, tails_are_told)
{
    static const struct {
        const char *what, *bytes;
        size_t n;
        const char *looks;
    } tails[] = {
        {"m.gguf", "PK\3\4xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 40, "zip"},
        {"m.gguf",
         "\x7f"
         "ELFxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         44, "elf"},
        {"m.gguf", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 41, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        uint8_t bytes[128] = "GGUF\3";
        const struct value *t;
        struct scanned s;

        memcpy(bytes + 32, tails[i].bytes, tails[i].n);
        scanned_scan(&s, tails[i].what, (struct slice){bytes, 32 + tails[i].n});
        t = scanned_fact(&s, "model.tail", 0);
        cr_expect_str_eq(scanned_text(t, "looks_like"), tails[i].looks);
        cr_expect_eq(value_int_or(value_get(t, "bytes"), 0), (int64_t)tails[i].n);
        cr_expect_str_eq(scanned_text(scanned_fact(&s, "model.file", 0), "status"), "malformed");
        scanned_release(&s);
    }
}
