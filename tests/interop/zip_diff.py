#!/usr/bin/env python3
"""zip_diff.py PEER [--cases N] [--seconds S] [--seed N]: no reader of zips may see what the scan does not tell.

The invariant, for each archive: let R be the set of (member, SHA-256 of its contents) that any of these readers gives: Python's zipfile
(by its list of members, and by each name), libarchive's reader by directory, libarchive's reader by local headers, and a model of miniz
(PyTorch's reader: directory by offset and count, no look at flags and CRC). Let F be the digests in the scan's model.file facts. Then
    every digest of R is in F,  OR  the scan leaves a gap in its ledger or tells a model.member flag (so that no gate passes the archive).
Stronger, when there is neither gap nor flag: each (member, digest) of R is told under that very name.
Archives are made by a writer with every knob that a zip has, and broken afterwards. With --weaken the digests of the scan are dropped for
one archive in ten: the run must fail then, or it proves nothing.
"""
import argparse, hashlib, io, random, struct, subprocess, sys, time, warnings, zipfile, zlib

warnings.simplefilter('ignore')
NAMES = ['a', 'b.txt', 'a/data.pkl', 'a/data/0', 'a/version', 'A', 'dir/', 'dir/x', 'dir\\x', '../up', '/abs', 'x\0y', './a', 'ü', 'a/constants.pkl', 'config.json', '', 'z' * 300]
TEXTS = [b'', b'text\n', b'other text\n' * 40, b'{"a": 1}', b'[1]',  b'\x80\x04N.', b"cos\nsystem\n(S'x'\ntR.", b'PK\3\4junk', b'PK\5\6' + b'\0' * 18]

def extra_of(r, size, packed, at, local):
    out = b''
    k = r.randrange(12)
    if k == 0: out += struct.pack('<HHQQ', 1, 16, size, packed)
    if k == 1: out += struct.pack('<HHQQ', 1, 16, size + 1, packed + r.randrange(2))
    if k == 2: out += struct.pack('<HHQQQ', 1, 24, size, packed, at)
    if k == 3: out += b'FB' + struct.pack('<H', 20) + b'Z' * 20
    if k == 4: out += struct.pack('<HHBL', 0x7075, 9, 1, zlib.crc32(b'a')) + r.choice([b'evil', b'a\0\0\0', b'b.tx'])
    if k == 5: out += bytes(r.randrange(256) for _ in range(r.randrange(1, 12)))
    if k == 6: out += struct.pack('<HHQQ', 1, 16, size, packed) * 2
    return out

def archive(r, depth=0):
    """One zip; mostly sound, with a few knobs turned."""
    odd = r.choice([0, 0, 0.02, 0.1, 0.3])
    turn = lambda p=1.0: r.random() < odd * p
    out, entries = bytearray(), []
    if turn(): out += r.choice([b'junk', b'\x80\x04N.', b'#!/bin/sh\n', b'\0' * 100])
    base = len(out) if r.random() < .5 else 0
    pool = NAMES if odd else [n for n in NAMES if n not in ('A', 'dir\\x', '../up', '/abs', 'x\0y', './a', '')]
    count = r.choice([0, 1, 1, 2, 3, 5])
    names = [r.choice(pool) for _ in range(count)] if turn(3) else r.sample(pool, count)
    for name in names:
        raw = name.encode()
        data = r.choice(TEXTS[:5]) + (b'' if r.random() < .5 else b'\n') if r.random() < .8 else r.choice(TEXTS) if r.random() < .7 else bytes(r.randrange(256) for _ in range(r.randrange(300)))
        if depth < 2 and r.random() < .1: data = archive(r, depth + 1)
        if name.endswith('/') and not turn(): data = b''
        method = r.choice([0, 8]) if not turn(.5) else r.choice([12, 14, 93, 1])
        c = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = c.compress(data) + c.flush() if method == 8 else data
        if turn(): packed += r.choice([b'\0', b'tail', b'PK\3\4'])
        flags = (8 if r.random() < .3 else 0) | (0x800 if r.random() < .3 or not name.isascii() else 0) | (r.choice([1, 0x20, 0x40, 2]) if turn(.5) else 0)
        crc, size, plen = zlib.crc32(data), len(data), len(packed)
        if turn(.5): crc ^= 1
        if turn(.5): size += r.choice([-1, 1, 5])
        size = max(size, 0)
        at = len(out)
        wide = r.random() < .05
        lname, lmethod, lcrc, lsize, lplen, lflags = raw, method, crc, size, plen, flags
        if turn(): lname = r.choice(NAMES).encode()
        if turn(.5): lmethod = r.choice([0, 8])
        if turn(.5): lsize, lplen = r.choice([(lsize + 1, lplen), (lsize, max(lplen - 1, 0)), (0, 0)])
        if turn(.5): lflags ^= r.choice([1, 8, 0x800])
        lextra = extra_of(r, lsize, lplen, at, True) if turn(2) else b'FB' + struct.pack('<H', 6) + b'ZZZZZZ' if r.random() < .2 else b''
        if lflags & 8 and r.random() < .9: lcrc = lsize = lplen = 0
        if wide: lextra = struct.pack('<HHQQ', 1, 16, lsize, lplen) + lextra; lsize = lplen = 0xffffffff
        out += struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, lflags, lmethod, 0, 0x21, lcrc, lsize, lplen, len(lname), len(lextra)) + lname + lextra
        # the order in the header is packed, then full size
        struct.pack_into('<II', out, at + 18, lplen, lsize)
        out += packed
        if lflags & 8 and not turn():
            out += struct.pack('<IIII', 0x08074b50, crc, plen, size) if r.random() < .7 else struct.pack('<III', crc, plen, size)
        if turn(): out += r.choice([b'gap', b'\0' * 30, b'PK\3\4' + b'\0' * 26])
        if turn(.5): # a member that no directory knows
            out += struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, 0, 0, 0, 0x21, zlib.crc32(b'hidden'), 6, 6, 1, 0) + b'hhidden'
        if turn(.5): at = r.choice([0, max(at - 1, 0), at + 4]) if entries == [] else r.choice(entries)[1]
        entries.append([raw, at - base if base and at >= base else at, method, flags, crc, plen, size, wide])
        if turn(.5): entries.append(list(entries[-1]))
    if r.random() < .1: r.shuffle(entries)
    start = len(out)
    for raw, at, method, flags, crc, plen, size, wide in entries:
        extra = extra_of(r, size, plen, at, False) if turn(2) else b''
        csize, cplen, cat = size, plen, at
        if wide: extra = struct.pack('<HHQQQ', 1, 24, size, plen, at) + extra; csize = cplen = cat = 0xffffffff
        made = r.choice([20, 0x0314])
        attr = 0o100644 << 16 if made >> 8 == 3 and not turn() else r.choice([0, 0o120777 << 16, 0x10])
        comment = r.choice([b'c', b'PK\5\6']) if turn(.5) else b''
        out += struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, made, 20, flags, method, 0, 0x21, crc, cplen, csize, len(raw), len(extra), len(comment), 1 if turn(.2) else 0, 0, attr, cat) + raw + extra + comment
    size = len(out) - start
    if turn(): out += r.choice([b'gap', b'PK\1\2'])
    where = start - base
    n = len(entries)
    if turn(.5): n += r.choice([-1, 1])
    if turn(.5): size += r.choice([-46, -1, 1, 46])
    if turn(.5): where += r.choice([-4, 4, -46])
    n, size, where = max(n, 0), max(size, 0), max(where, 0)
    if r.random() < .1 or turn():
        end64 = len(out)
        out += struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, n, n, size if not turn() else 0, where if not turn() else 0)
        if turn(): out += b'gap64'
        out += struct.pack('<IIQI', 0x07064b50, 0, end64 - base if not turn() else 0, 1)
        if r.random() < .7: size, where = 0xffffffff, 0xffffffff
        if r.random() < .5: n = 0xffff
    comment = b'' if r.random() < .8 else b'comment'
    if turn(): comment = r.choice([b'PK\5\6' + b'\0' * 18, archive(r, 2) if depth == 0 else b'', b'x' * 300])
    out += struct.pack('<IHHHHIIH', 0x06054b50, 1 if turn(.2) else 0, 0, n, n, size, where, min(len(comment), 65535)) + comment
    if turn(): out += r.choice([b'\0', b'trailing', b'PK\5\6'])
    return bytes(out)

def mutated(r, b):
    b = bytearray(b)
    marks = [i for i in range(len(b) - 3) if b[i:i + 2] == b'PK']
    for _ in range(r.randrange(1, 5)):
        if not b: break
        at = r.randrange(len(b))
        if marks and r.random() < .6: at = min(r.choice(marks) + r.randrange(46), len(b) - 1)
        k = r.randrange(7)
        if k == 0: b[at] = r.choice([0, 1, 2, 8, 255, r.randrange(256)])
        elif k == 1: b[at] ^= 1 << r.randrange(8)
        elif k == 2: del b[at:at + r.choice([1, 2, 4, 22, 46])]
        elif k == 3: b[at:at] = r.choice([b'\0', b'PK\5\6', b'PK\1\2', b'PK\3\4', b'PK\7\x08', b'\xff' * 4])
        elif k == 4: b[at:at] = b[r.randrange(len(b)):][:r.randrange(1, 120)]
        elif k == 5: b[at:at + 4] = struct.pack('<I', r.choice([0, 1, 0xffffffff, len(b), r.randrange(len(b) + 1)]))
        else: b = b[:max(at, 1)]
    return bytes(b)

def python_reader(b):
    out = set()
    try: z = zipfile.ZipFile(io.BytesIO(b))
    except Exception: return out
    for x in z.infolist():
        for how in (x, x.filename):
            try: out.add((x.filename if how is x else how, hashlib.sha256(z.open(how).read(1 << 24)).hexdigest()))
            except Exception: pass
    return {(n, d) for n, d in out if not n.endswith('/')}

def miniz_reader(b):
    """The directory of the last end record, by its offset and count; contents by the central header, placed by the local one."""
    out = set()
    end = b.rfind(b'PK\5\6', max(len(b) - 65536 - 22, 0))
    if end < 0 or end + 22 > len(b): return out
    n, size, at = struct.unpack('<HII', b[end + 10:end + 20])
    if end >= 76 and b[end - 20:end - 16] == b'PK\6\7':
        e64 = struct.unpack('<Q', b[end - 12:end - 4])[0]
        if b[e64:e64 + 4] == b'PK\6\6' and len(b) >= e64 + 56: n, size, at = struct.unpack('<QQQ', b[e64 + 32:e64 + 56])
    for _ in range(min(n, 1000)):
        if b[at:at + 4] != b'PK\1\2' or at + 46 > len(b): break
        method, crc, packed, full, nl, xl, cl, local = struct.unpack('<H4xIIIHHH8xI', b[at + 10:at + 46])
        name, x = b[at + 46:at + 46 + nl], b[at + 46 + nl:at + 46 + nl + xl]
        while len(x) >= 4:
            k, l = struct.unpack('<HH', x[:4]); f = x[4:4 + l]; x = x[4 + l:]
            if k != 1: continue
            if full == 0xffffffff and len(f) >= 8: full, f = struct.unpack('<Q', f[:8])[0], f[8:]
            if packed == 0xffffffff and len(f) >= 8: packed, f = struct.unpack('<Q', f[:8])[0], f[8:]
            if local == 0xffffffff and len(f) >= 8: local = struct.unpack('<Q', f[:8])[0]
            break
        at += 46 + nl + xl + cl
        if b[local:local + 4] != b'PK\3\4' or local + 30 > len(b): continue
        lnl, lxl = struct.unpack('<HH', b[local + 26:local + 30])
        data = b[local + 30 + lnl + lxl:][:packed]
        if len(data) < packed: continue
        if method == 8:
            try: d = zlib.decompressobj(-15); data = d.decompress(data, 1 << 24); ok = d.eof and len(data) == full
            except zlib.error: ok = False
        else: ok = method == 0 and packed == full
        if ok and not name.endswith(b'/'): out.add((name.decode('latin-1'), hashlib.sha256(data).hexdigest()))
    return out

class Peer:
    def __init__(self, path): self.p = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    def ask(self, b):
        self.p.stdin.write(struct.pack('<I', len(b)) + b); self.p.stdin.flush()
        head = self.p.stdout.read(4)
        if len(head) < 4: raise SystemExit(f'the peer died of {b.hex()}')
        odd, files, others = False, set(), {'A': set(), 'S': set()}
        for l in self.p.stdout.read(struct.unpack('<I', head)[0]).decode('utf-8', 'replace').split('\n'):
            kind, _, rest = l.partition(' ')
            digest, _, name = rest.partition(' ')
            if kind == 'N': odd = True
            elif kind == 'F': files.add((name, digest))
            elif kind: others[kind].add((bytes.fromhex(name).decode('latin-1'), digest))
        return odd, files, others

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('peer'); ap.add_argument('--cases', type=int, default=20000); ap.add_argument('--seconds', type=float, default=300)
    ap.add_argument('--seed', type=int, default=1); ap.add_argument('--weaken', action='store_true')
    a = ap.parse_args()
    r, peer, start = random.Random(a.seed), Peer(a.peer), time.time()
    n = bad = clean = read = unseen = 0
    per = dict.fromkeys(('zipfile', 'directory', 'local', 'miniz'), 0)
    while n < a.cases and time.time() - start < a.seconds and bad < 6:
        b = archive(r)
        if r.random() < .4: b = mutated(r, b)
        if r.random() < .03: b += archive(r)
        odd, files, others = peer.ask(b)
        seen = {'zipfile': python_reader(b), 'directory': others['A'], 'local': others['S'], 'miniz': miniz_reader(b)}
        if a.weaken and n % 10 == 0: files = set()
        digests, names = {d for _, d in files}, {(p.rpartition('m.zip!')[2], d) for p, d in files}
        clean += not odd; read += any(seen.values())
        for who, members in seen.items():
            per[who] += bool(members)
            lost = {m for m in members if m[1] not in digests}
            unseen += bool(lost and odd)
            if not odd: lost |= {m for m in members if m[0] and m[0].isascii() and m not in names}
            if lost and not odd:
                bad += 1
                print(f'{who} sees {sorted(lost)[:3]}, the scan is clean and tells {sorted(files)[:6]}: {b.hex()}')
                break
        n += 1
    peer.p.stdin.close(); peer.p.wait()
    print(f'{n} cases, {read} with members for some reader ({", ".join(f"{k} {v}" for k, v in per.items())}), {clean} clean; {bad} clean ones hide something; '
          f'{unseen} times a refused one has contents that the scan does not tell; {time.time() - start:.0f} s')
    if a.weaken: return 0 if bad else 1
    return bad > 0 or n < min(a.cases, 1000) or clean < n // 20 or read < n // 3
sys.exit(main())
