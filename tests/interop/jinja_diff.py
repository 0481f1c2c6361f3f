#!/usr/bin/env python3
"""jinja_diff.py SALLYPORT [--cases N] [--seed N]

Differential check of the template judge. Random templates, most of them with names of attributes that are put together from pieces, are
parsed by Jinja itself and constant-folded by its own optimizer; nothing is rendered. What Jinja accepts must be read, and every name of
an attribute that Jinja's tree holds (as an attribute, a constant subscript, or the argument of a filter that reaches attributes) must be
among the attributes that `SALLYPORT inspect` tells. (A mutation may leave what is told as computed instead: padding, letters outside ASCII.) Exit status 1 and the template when one is missing.
"""
import argparse, json, os, random, subprocess, sys, tempfile

import jinja2
from jinja2 import nodes
from jinja2.optimizer import optimize

ENV = jinja2.Environment(extensions=['jinja2.ext.do', 'jinja2.ext.loopcontrols', 'jinja2.ext.i18n'])
NAMES = ['x', 'messages', 'lipsum', 'cycler', 'self', 'ns', 'key', 'loop', 'tools', 'a', 'b']
ATTRS = ['__class__', '__globals__', 'role', 'content', '_x', '__init__', 'os', 'popen', 'mro', 'items']
FILTERS = ['trim', 'upper', 'lower', 'reverse', 'list', 'first', 'last', 'join', 'length', 'tojson', 'string', 'title', 'capitalize']

def spell(r, s):
    """A string literal for s, with escapes."""
    out = ''
    for c in s:
        out += r.choice([c, c, c, '\\x%02x' % ord(c), '\\u%04x' % ord(c), '\\U%08x' % ord(c), '\\%03o' % ord(c)])
    q = r.choice('\'"')
    return q + out.replace('\n', '\\n') + q

def text(r, s, depth=0):
    """An expression that Jinja's optimizer may fold into s."""
    k = r.randrange(14)
    cut = r.randrange(len(s) + 1)
    if depth > 3 or k < 3:
        return spell(r, s)
    if k == 3:
        return text(r, s[:cut], depth + 1) + ' ~ ' + text(r, s[cut:], depth + 1)
    if k == 4:
        return '(' + text(r, s[:cut], depth + 1) + ' + ' + text(r, s[cut:], depth + 1) + ')'
    if k == 5:
        return spell(r, s[:cut]) + ' ' + spell(r, s[cut:])
    if k == 6:
        return '(' + text(r, s[::-1], depth + 1) + '|reverse)'
    if k == 7:
        return '(' + spell(r, s[::-1]) + ')[::-1]'
    if k == 8:
        return '([' + ', '.join(spell(r, c) for c in s) + ']|join)'
    if k == 9:
        return "('%s%s'|format(" + text(r, s[:cut], depth + 1) + ', ' + text(r, s[cut:], depth + 1) + '))'
    if k == 10:
        return '(' + spell(r, s.replace('_', '#')) + "|replace('#', '_'))"
    if k == 11:
        return "('" + '%c' * len(s) + "' % (" + ''.join('%d, ' % ord(c) for c in s) + '))'
    if k == 12:
        return '[' + ', '.join([spell(r, 'no'), text(r, s, depth + 1)]) + '][' + r.choice(['1', '-1']) + ']'
    return '(' + text(r, s, depth + 1) + ')'

def expr(r, depth=0):
    k = r.randrange(16)
    if depth > 4 or k < 3:
        return r.choice(NAMES + ['1', '2.5', '"s"', 'true', 'none', '[]', '{}', '0x1f', '1_000'])
    e = lambda: expr(r, depth + 1)
    if k == 3: return e() + '.' + r.choice(ATTRS)
    if k == 4: return r.choice(NAMES) + '[' + text(r, r.choice(ATTRS)) + ']'
    if k == 5: return '(' + e() + ')|attr(' + text(r, r.choice(ATTRS)) + ')'
    if k == 6: return r.choice(NAMES) + '(' + ', '.join(r.choice(['', 'k%d=' % i]) + e() if i > 2 else e() for i in range(r.randrange(3))) + ')'
    if k == 7: return '(' + e() + r.choice([' + ', ' - ', ' * ', ' // ', ' % ', ' ~ ', ' == ', ' != ', ' < ', ' and ', ' or ', ' in ', ' not in ']) + e() + ')'
    if k == 8: return '(' + e() + ' if ' + e() + r.choice(['', ' else ' + e()]) + ')'
    if k == 9: return '(' + e() + '|' + r.choice(FILTERS) + ')'
    if k == 10: return '(' + e() + r.choice([' is ', ' is not ']) + r.choice(['defined', 'none', 'string', 'sameas ' + r.choice(NAMES), 'divisibleby(3)', 'mapping']) + ')'
    if k == 11: return '[' + ', '.join(e() for _ in range(r.randrange(4))) + ']'
    if k == 12: return '{' + ', '.join(spell(r, r.choice(ATTRS)) + ': ' + e() for _ in range(r.randrange(3))) + '}'
    if k == 13: return r.choice(NAMES) + '[' + r.choice([':', '1:', ':-1', '::-1', '1:2']) + ']'
    if k == 14: return '(' + e() + '|map(attribute=' + text(r, r.choice(ATTRS)) + ')|list)'
    return r.choice(['not ', '-', '']) + '(' + e() + ')'

def stmt(r, depth=0):
    k = r.randrange(12)
    s = r.choice(['', '-']) ; t = r.choice(['', '-'])
    tag = lambda x: '{%' + s + ' ' + x + ' ' + t + '%}'
    body = lambda: ''.join(stmt(r, depth + 1) for _ in range(r.randrange(3)))
    if depth > 3 or k < 4: return '{{' + s + ' ' + expr(r) + ' ' + t + '}}'
    if k == 4: return r.choice(['text', '\n', '<|im_start|>', '{', '}}', '# no', "it's"])
    if k == 5: return tag('if ' + expr(r)) + body() + r.choice(['', tag('elif ' + expr(r)) + body(), tag('else') + body()]) + tag('endif')
    if k == 6: return tag('for ' + r.choice(['a', 'a, b', '(a, b)']) + ' in ' + expr(r) + r.choice(['', ' if ' + expr(r)])) + body() + tag('endfor')
    if k == 7: return tag('set ' + r.choice(['a', 'b', 'a, b']) + ' = ' + expr(r))
    if k == 8: return tag('set a') + body() + tag('endset')
    if k == 9: return tag('macro m%d(p, q=%s)' % (r.randrange(9), expr(r))) + body() + tag('endmacro')
    if k == 10: return '{#' + r.choice([' c ', '- {{ x.__class__ }} -', '']) + '#}' + '{% raw %}{{ no.__raw__ }}{% endraw %}'
    return tag('with a = ' + expr(r)) + body() + tag('endwith') + tag('do ' + expr(r))

REACH = {'map', 'selectattr', 'rejectattr', 'groupby', 'sum', 'sort', 'unique', 'min', 'max', 'join'}

def wanted(source):
    """The names that Jinja's own tree reaches, or None when Jinja refuses the template."""
    try:
        tree = optimize(ENV.parse(source), ENV)
    except (jinja2.TemplateSyntaxError, RecursionError):
        return None
    except Exception:
        return None
    names = set()
    def const(n, dotted=False):
        if isinstance(n, nodes.Const) and isinstance(n.value, str):
            names.update(n.value.split('.') if dotted else [n.value])
    for n in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Filter)):
        if isinstance(n, nodes.Getattr):
            names.add(n.attr)
        elif isinstance(n, nodes.Getitem):
            const(n.arg)
        elif n.name == 'attr':
            for x in n.args: const(x)
        elif n.name in REACH:
            for kw in n.kwargs:
                if kw.key == 'attribute': const(kw.value, True)
    return names

def told(cli, folder):
    out = subprocess.run([cli, 'inspect', '--model', folder], capture_output=True, text=True)
    return {f['path']: f['attributes'] for f in json.loads(out.stdout)['facts'] if f['type'] == 'model.template'}

def mutate(r, s):
    if s and r.random() < 0.1:
        at = r.randrange(len(s))
        s = r.choice([s[:at], s[:at] + s[at + 1:], s[:at] + r.choice('{}%#|()[]\'"\\~.') + s[at:]])
    return s

def main():
    p = argparse.ArgumentParser()
    p.add_argument('cli')
    p.add_argument('--cases', type=int, default=3000)
    p.add_argument('--seed', type=int, default=1)
    o = p.parse_args()
    r = random.Random(o.seed)
    bad = names = refused = 0
    with tempfile.TemporaryDirectory() as d:
        want = {}
        for i in range(o.cases):
            plain = ''.join(stmt(r) for _ in range(1 + r.randrange(4)))
            s = mutate(r, plain)
            name = '%06d.jinja' % i
            with open(os.path.join(d, name), 'w', newline='') as f:
                f.write(s)
            want[name] = (s, wanted(s), s != plain)
        got = told(o.cli, d)
        for name, (s, w, mutated) in want.items():
            if w is None:
                refused += 1
                continue
            t = got.get(name)
            names += len(w)
            missing = w - set(t['attributes']) if t else w
            if not t or t['status'] != 'parsed' or (missing and not t['capped'] and not (mutated and t['computed'])):
                bad += 1
                if bad <= 10:
                    print('%s: %s, missing %s\n%r' % (name, t and (t['status'], t['error']), sorted(missing), s))
    print('%d templates, %d refused by Jinja, %d names, %d wrong' % (o.cases, refused, names, bad))
    sys.exit(bad > 0)

main()
