#!/usr/bin/env python3
"""pickle_diff.py CLI [--cases N] [--seconds S] [--seed N] [--python PATH...]

Differential check of the pickle machine. Random and mutated pickles go to inert unpicklers of CPython (in C from memory, from a file
with and without peek(), reused for several loads; and the one in Python), whose find_class records the name and answers with a dummy:
nothing real is ever imported or called. Every name that any of them asks for must be among the imports that `CLI -p` (formats_cli)
reports, with every use that any of them makes of it: whether it is called, made without a call, given a state or filled; and a call of
what a call gave, or a write into what was imported, must be told as such. Exit status 1 and the input in hex when one is missing.
"""
import argparse, io, pickle, random, resource, struct, subprocess, sys, time, warnings

warnings.simplefilter("ignore") # of escapes that Python does not know

class Anything:
    """What every import is here: callable, subclassable by nobody, without effect."""
    def __new__(cls, *a, **k):
        return object.__new__(cls)
    def __init__(self, *a, **k): pass
    def __call__(self, *a, **k): return Anything()
    def __setstate__(self, s): pass
    def append(self, x): pass
    def extend(self, x): pass
    def add(self, x): pass
    def __setitem__(self, k, v): pass
    def __hash__(self): return 1

FRAMES = {'frame-divergence', 'frame-nested', 'stop-in-frame'} # told for what they are: what is made of the names is not compared
ENCODE = ('_codecs', 'encode')
CALL, CONSTRUCT, BUILD, APPEND, SETITEM, ADDITEMS = (1 << i for i in range(6))  # enum pickle_use

class Result(Anything):
    """What a call of an import gives: says what is done to it."""
    def __new__(cls, full, seen):
        self = object.__new__(cls)
        self.__dict__.update(full=full, seen=seen)
        return self
    def use(self, how):
        self.seen.add((*self.full, how))
    def __call__(self, *a, **k):
        if self.full != ENCODE: self.seen.add('second-order-call')
        return Anything()
    def __setstate__(self, s): self.use(BUILD)
    def append(self, x): self.use(APPEND)
    def extend(self, x): x and self.use(APPEND)
    def __setitem__(self, k, v): self.use(SETITEM)
    def add(self, x): self.use(ADDITEMS)

class Imported(type):
    """What an import gives, a class: says what is done to it."""
    def __call__(cls, *a, **k):
        cls.seen.add((*cls.full, CALL))
        return Result(cls.full, cls.seen)
    def written(cls, *a):
        if a != ([],): cls.seen.add('write-to-global') # APPENDS of nothing
    __setstate__ = append = extend = __setitem__ = add = written

def imported(full, seen):
    def new(cls, *a, **k):
        seen.add((*full, CONSTRUCT))
        return Result(full, seen)
    return Imported('I', (), {'full': full, 'seen': seen, '__new__': new})

class NoPeek:
    """A file that has neither peek() nor readinto()."""
    def __init__(self, b): self.f = io.BytesIO(b)
    def read(self, n=-1): return self.f.read(n)
    def readline(self): return self.f.readline()

def recorder(base, seen):
    known = {}
    class R(base):
        def find_class(self, module, name):
            seen.add((module, name))
            if '\0' in module or not module:
                raise ModuleNotFoundError(module)  # as every real import does
            return known.setdefault((module, name), imported((module, name), seen))
        def persistent_load(self, pid):
            return Anything()
        def get_extension(self, code):
            if code <= 0:
                raise pickle.UnpicklingError('code') # as every loader does
            seen.add('ext')
            self.append(Anything) # the unpickler in Python; the one in C never asks
    return R

LOADS = 4
def loads_of(data):
    seen = set()
    C, P = recorder(pickle.Unpickler, seen), recorder(pickle._Unpickler, seen)
    def many(make, reuse=False):
        try:
            u = make()
            for _ in range(LOADS):
                u.load()
                if not reuse:
                    u = make(u)
        except Exception:
            pass
    def fresh(cls, f):
        return lambda old=None: cls(f, buffers=[])
    for cls in (C, P):
        for f in (io.BytesIO(data), io.BufferedReader(io.BytesIO(data)), NoPeek(data)):
            many(fresh(cls, f))
    # a loader that keeps its memo goes astray in harmless files, too: of what it does names alone are told
    again = set()
    for base in (pickle.Unpickler, pickle._Unpickler):
        many(fresh(recorder(base, again), io.BytesIO(data)), reuse=True)
    return seen | {w for w in again if w == 'ext' or len(w) == 2}

MODS = ['os', 'posix', 'collections', 'torch._utils', 'numpy.core.multiarray', '__builtin__', 'copy_reg', 'a.b', 'm']
NAMES = ['system', 'OrderedDict', 'x', 'a.b.c', '_reconstruct', 'eval', 'dumps']
def obj(r, depth=0):
    k = r.randrange(14 if depth < 4 else 8)
    if k == 0: return r.choice([None, True, False])
    if k == 1: return r.randrange(-2**40, 2**40)
    if k == 2: return r.random()
    if k == 3: return r.choice(MODS + NAMES)
    if k == 4: return bytes(r.randrange(256) for _ in range(r.randrange(20)))
    if k == 5: return r.choice(['\u20ac', 'x' * r.randrange(3000), '\\u0041', "it's", '\n'])
    if k == 6: return bytearray(b'abc')
    if k == 7: return r.randrange(256)
    n = r.randrange(5)
    if k == 8: return [obj(r, depth + 1) for _ in range(n)]
    if k == 9: return tuple(obj(r, depth + 1) for _ in range(n))
    if k == 10: return {str(i): obj(r, depth + 1) for i in range(n)}
    if k == 11: return {r.randrange(99) for _ in range(n)}
    if k == 12: return frozenset(range(n))
    return Fake(r.choice(MODS), r.choice(NAMES), obj(r, depth + 1))

class Fake:
    def __init__(self, m, n, arg): self.m, self.n, self.arg = m, n, arg

class Writer(pickle._Pickler):
    """Writes imports that do not exist."""
    def save(self, o, save_persistent_id=True):
        if not isinstance(o, Fake):
            return super().save(o, save_persistent_id)
        if self.proto >= 4 and random.random() < .8:
            self.save(o.m); self.save(o.n); self.write(pickle.STACK_GLOBAL)
        else:
            self.write(b'c' + o.m.encode() + b'\n' + o.n.encode() + b'\n')
        self.save((o.arg,))
        self.write(random.choice([pickle.REDUCE, pickle.REDUCE, pickle.NEWOBJ]))
        if random.random() < .3:
            self.save({'k': 1}); self.write(pickle.BUILD)

DOTTED = ['abc.sys.modules', 'a.b', 'x..y', '.', 'OrderedDict.fromkeys', 'é.ü', 'with\rreturn', 'with space', '']
def text(r, t):
    """One of the opcodes that push a str, in any spelling."""
    e = t.encode('utf-8')
    quoted = t.encode('ascii', 'backslashreplace') if t.isascii() and '\r' not in t else b'x'
    return r.choice([
        lambda: b'\x8c' + bytes([len(e)]) + e, lambda: b'\x8c' + bytes([len(e)]) + e, lambda: b'X' + struct.pack('<I', len(e)) + e,
        lambda: b'\x8d' + struct.pack('<Q', len(e)) + e, lambda: b'V' + t.encode('raw-unicode-escape') + b'\n', lambda: b'V' + ''.join('\\u%04x' % ord(c) for c in t).encode() + b'\n',
        lambda: b"S'" + quoted + b"'\n", lambda: b'S"' + ''.join('\\x%02x' % c for c in quoted).encode() + b'"\n', lambda: b'S\'' + ''.join('\\%03o' % c for c in quoted).encode() + b"'\n",
        lambda: b'U' + bytes([len(quoted)]) + quoted, lambda: b'T' + struct.pack('<i', len(quoted)) + quoted])()

def chunk(r):
    t = r.choice(MODS + NAMES + NAMES + DOTTED)
    n, i, s = r.choice(NAMES + DOTTED), r.choice([0, 1, 2, 3, 4, 5, 5, 300]), t.encode('utf-8')
    key = lambda: r.choice([b'%d' % i, b' %d ' % i, b'+%d' % i, b'0%d' % i, b'%d_0' % i, b'%dx' % i])
    return r.choice([
        lambda: text(r, t), lambda: text(r, t), lambda: text(r, t), lambda: text(r, t) + text(r, n) + b'\x93', lambda: text(r, t) + b'\x94' + text(r, n) + b'\x94\x93\x94',
        lambda: b'\x94', lambda: b'\x94', lambda: b'q' + bytes([i % 256]), lambda: b'h' + bytes([i % 256]), lambda: b'h' + bytes([i % 256]), lambda: b'r' + struct.pack('<I', i),
        lambda: b'j' + struct.pack('<I', i), lambda: b'r' + struct.pack('<I', r.choice([70000, 1 << 20])), lambda: b'j' + struct.pack('<I', 70000), lambda: b'p' + key() + b'\n', lambda: b'g' + key() + b'\n',
        lambda: b'g 0_%d\n' % i, lambda: b'\x93', lambda: b'\x93', lambda: b'h' + bytes([i % 6]) + b'h' + bytes([(i + 1) % 6]) + b'\x93',
        lambda: b'c' + s + b'\n' + n.encode('utf-8') + b'\n', lambda: b'(i' + s + b'\n' + n.encode('utf-8') + b'\n', lambda: b'c' + s + b'\r\nname\r\n', lambda: b'c' + s + b'\nname', lambda: b'(', lambda: b'0', lambda: b'2', lambda: b'1',
        lambda: b')R', lambda: b')\x81', lambda: b')}\x92', lambda: b'(cm\nx\nN' + b'o', lambda: b'}b', lambda: b'}(' + text(r, n) + b'Nub', lambda: b'N}\x86b', lambda: b'N', lambda: b'](', lambda: b'e', lambda: b't', lambda: b'\x85', lambda: b'\x86', lambda: b'\x87',
        lambda: b'Q', lambda: b'Pabc\n', lambda: b'o', lambda: b'a', lambda: b's', lambda: b'u', lambda: b'\x90', lambda: b'\x8f(N\x90', lambda: b'](NNe', lambda: b'}(NNu', lambda: b'(NNd', lambda: b'(Nl', lambda: b'(N\x91',
        lambda: b'\x95' + struct.pack('<Q', r.choice([0, 1, 2, 7, r.randrange(60), 1 << 63])), lambda: b'\x80' + bytes([r.randrange(6)]), lambda: b'.', lambda: b'K\x05', lambda: b'M\x05\x01', lambda: b'J\xff\xff\xff\xff',
        lambda: b'\x8f', lambda: b'\x96' + struct.pack('<Q', 3) + b'abc', lambda: b'\x97', lambda: b'\x98', lambda: b'd', lambda: b'l', lambda: b'\x91', lambda: b'C\x02ab', lambda: b'C\x09abcdefghi', lambda: b'B' + struct.pack('<I', 2) + b'ab',
        lambda: b'\x8e' + struct.pack('<Q', 2) + b'ab', lambda: b'I01\n', lambda: b'I00\n', lambda: b'I 7 \n', lambda: b'L5L\n', lambda: b'L5\n', lambda: b'F1.5\n', lambda: b'F nan\n', lambda: b'G' + b'\0' * 8, lambda: b'\x8a\x01\x05', lambda: b'\x8a\0',
        lambda: b'\x8b' + struct.pack('<i', 2) + b'ab', lambda: b'\x88', lambda: b'\x89', lambda: b'\x82\x01', lambda: b'\x83\x01\x01', lambda: b'\x84' + struct.pack('<i', 1), lambda: b'\x82\0',
    ])()

def assembled(r):
    """Opcodes at random, with a liking for strings, memo and imports; framed well, badly or not; now and then padded, so that no opcode is near the end."""
    parts = [b'\x80' + bytes([r.randrange(6)])] if r.random() < .7 else []
    parts += [chunk(r) for _ in range(r.randrange(2, r.choice([12, 30, 30, 120])))]
    if r.random() < .3:
        parts = framed(r, parts)
    out = b''.join(parts) + b'.' * (r.random() < .8)
    return out + b'N0' * 20 + b'N.' if r.random() < .3 else out

def framed(r, parts):
    """Frames over runs of opcodes; some a few bytes too short or too long, some within others."""
    out, at = [], 0
    while at < len(parts):
        run = parts[at:at + r.randrange(1, 9)]
        size = len(b''.join(run)) + (r.choice([-3, -2, -1, 1, 2, 3, 9]) if r.random() < .3 else 0)
        out += ([b'\x95' + struct.pack('<Q', max(size, 0))] if r.random() < .8 else []) + run
        at += len(run)
    return out

def valid(r):
    """What picklers write: one or several streams, by one pickler that keeps its memo or by several."""
    b, kept = io.BytesIO(), None
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        if kept is None or r.random() < .6:
            kept = Writer(b, r.randrange(6))
        kept.dump(obj(r))
    return b.getvalue()

def mutated(r, b):
    b = bytearray(b)
    for _ in range(r.randrange(1, 6)):
        if not b: break
        at, k = r.randrange(len(b)), r.randrange(6)
        if k == 0: b[at] = r.randrange(256)
        elif k == 1: del b[at:at + r.randrange(1, 8)]
        elif k == 2: b[at:at] = bytes(r.choice(b'0(.\x93\x94hqRcg2t\x85\x95\x80') for _ in range(r.randrange(1, 4)))
        elif k == 3: b[at:at] = b[r.randrange(len(b)):][:r.randrange(1, 20)]
        elif k == 4: b[at] ^= 1 << r.randrange(8)
        else: b = b[:at]
    return bytes(b)

KEPT = 1024  # PICKLE_KEEP of scanner/formats/pickle/pickle_op.h


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('cli'); ap.add_argument('--cases', type=int, default=20000)
    ap.add_argument('--seconds', type=float, default=170); ap.add_argument('--seed', type=int, default=1)
    a = ap.parse_args()
    sys.setrecursionlimit(10000)
    r = random.Random(a.seed); random.seed(a.seed)
    p = subprocess.Popen([a.cli, '-p'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20)) # a key or a length of gigabytes fails at once
    start, n, named, used, bad = time.time(), 0, 0, 0, 0
    while n < a.cases and time.time() - start < a.seconds:
        k = r.randrange(10)
        data = assembled(r) if k < 5 else valid(r) if k < 6 else mutated(r, valid(r) if k < 9 else assembled(r) + assembled(r))
        if b'\x95' in data and k % 2 and r.random() < .3: data = data.replace(b'\x95', b'\x95' + bytes([r.randrange(40)]) + b'\0' * 7, 1)
        if any(len(x) > 1 << 16 for x in (data,)): continue
        want = loads_of(data)
        p.stdin.write(struct.pack('<I', len(data)) + data); p.stdin.flush()
        size = struct.unpack('<I', p.stdout.read(4))[0]
        rows, texts = p.stdout.read(size), []
        while rows:
            k = 4 + struct.unpack('<I', rows[:4])[0]
            texts.append(rows[4:k]); rows = rows[k:]
        got, told = {}, set()
        for module, name, uses in zip(texts[::3], texts[1::3], texts[2::3]):
            if uses: got[module, name] = got.get((module, name), 0) | uses[0]
            else: told.add(name.decode())
        for w in want:
            if w == 'ext': continue
            if isinstance(w, str): good = w in told or told & FRAMES
            elif w[:2] == ENCODE and len(w) == 3 and w[2] > CONSTRUCT: continue # it gives bytes, which refuse it
            else:
                m = tuple(x.encode('utf-8', 'surrogatepass') for x in w[:2])
                # Longer texts are not kept: such an import is told as one whose name cannot be read, and denied (ML-PKL-004).
                if max(map(len, m)) > KEPT and (b'', b'') in got: continue
                # OBJ and INST without arguments make an object without a call; they are told as calls.
                good = m in got and (len(w) == 2 or got[m] & w[2] or told & FRAMES or (w[2] == CONSTRUCT and got[m] & CALL))
            used += len(w) == 3
            if not good:
                bad += 1
                print('missing', w, 'of', data.hex(), 'python', sys.version.split()[0])
                break
        n += 1; named += bool(want)
        if bad > 5: break
    p.stdin.close(); p.wait()
    print(f'{n} cases, {named} with imports, {used} uses, {bad} with a name or a use that the scan lacks, {time.time() - start:.0f} s, Python {sys.version.split()[0]}')
    return bad > 0
sys.exit(main())
