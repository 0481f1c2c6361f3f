#!/usr/bin/env python3
"""model_corpus.py SALLYPORT DIR [FOLDER...]: scans each model file of each folder of DIR in a process of its own, and prints a table.

Labels stand in model_corpus.tsv (folders that it does not name are passed over), the words in fixtures/models/outcome.py. Fails when a malicious file is clean,
a benign one is unsafe, or one crashes, hangs (10 seconds) or is not answered; these are told by name with the rules that failed. A folder of the table
without a file that has a label fails, too, and so does a FOLDER that is not there or not in the table. VERBOSE=1 tells of every file
that is neither clean nor caught; CUTS=PROGRAM (build/release/conformance/model_cuts) cuts the clean ones short. What make_models.py made (folder made)
is scanned once more by a policy that accepts the frameworks (accepted.yaml), a row for each of them.
"""
import concurrent.futures
import fnmatch
import json
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../fixtures/models"))
import outcome  # noqa: E402

WORDS = ("clean", "unknown", "unsafe", "inconclusive", "hang", "crash")
HANG = 10
IGNORED = {".git"}
ACCEPTED = {"made"}
ACCEPT = ("--extra-rules", os.path.join(HERE, "accepted.yaml"), "--profile", "baseline", "--profile", "accepted")
WHOLE = {"saved_model.pb", "saved_model.pbtxt", "MLmodel"}  # a folder with one of these is one model


def labels():
    with open(os.path.join(HERE, "model_corpus.tsv")) as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]


def label_of(table, folder, path):
    for f, pattern, label in table:
        if folder == f and fnmatch.fnmatchcase(path, pattern):
            return label
    return "skip"


def scan(sallyport, path, *more):
    """(word, rules, seconds)"""
    start = time.perf_counter()
    try:
        done = subprocess.run([sallyport, "scan", "--kind", "model", "-o", "json", *more, path], capture_output=True, timeout=HANG, check=False)
    except subprocess.TimeoutExpired:
        return "hang", [], HANG
    spent = time.perf_counter() - start
    try:
        verdict = json.loads(done.stdout)
        (word, rules), = outcome.outcomes(verdict).values()
    except (ValueError, KeyError):
        return "crash", [f"status {done.returncode}"], spent
    killed = [c for c in verdict["coverage"] if c["reason"] and "worker" in c["reason"]]
    if killed:
        return "crash", [killed[0]["reason"]], spent
    return word, rules, spent


def files_of(root):
    """Files, and folders that are one model."""
    for folder, inner, names in os.walk(root):
        if WHOLE & set(names) or folder.endswith(".d"):  # so does make_models.py call folders
            inner[:] = []
            yield folder
            continue
        inner[:] = sorted(d for d in inner if d not in IGNORED)
        for n in sorted(names):
            path = os.path.join(folder, n)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def corpus(sallyport, root, table, pool):
    """Prints the rows of one folder; gives the lines that make the whole fail."""
    name = os.path.basename(root)
    wanted = [(p, label_of(table, name, os.path.relpath(p, root))) for p in files_of(root)]
    wanted = [(p, label) for p, label in wanted if label != "skip"]
    if not wanted:
        print(f"  nothing scanned: {name} holds no file with a label")
        return 1
    start = time.perf_counter()
    results = list(pool.map(lambda w: scan(sallyport, w[0]), wanted))
    spent = time.perf_counter() - start
    count, wrong, slowest = {}, [], (0, "")
    for (path, label), (word, rules, seconds) in zip(wanted, results):
        count.setdefault(label, dict.fromkeys(WORDS, 0))[word] += 1
        slowest = max(slowest, (seconds, os.path.relpath(path, root)))
        if word in ("hang", "crash") or (label, word) in (("malicious", "clean"), ("benign", "unsafe")):
            wrong.append(f"  {label} {word}: {name}/{os.path.relpath(path, root)}: {' '.join(rules)}")
        elif os.environ.get("VERBOSE") and (label, word) != ("benign", "clean") and (label, word) != ("malicious", "unsafe"):
            print(f"  {label} {word}: {name}/{os.path.relpath(path, root)}: {' '.join(rules)}")
    for label in sorted(count):
        row = count[label]
        print(f"{name:<20} {label:<10} {sum(row.values()):>6} " + " ".join(f"{row[w]:>{max(6, len(w))}}" for w in WORDS))
    print(f"{name:<20} {spent:.1f} s; slowest {slowest[1]} in {slowest[0]:.2f} s", flush=True)
    if name in ACCEPTED:
        accepted(sallyport, root, [p for p, label in wanted if label == "benign"], pool)
    for line in wrong:
        print(line)
    cuts([p for (p, label), (word, _, _) in zip(wanted, results) if (label, word) == ("benign", "clean") and os.path.isfile(p)])
    return len(wrong)


def accepted(sallyport, root, paths, pool):
    """A row for each folder of `root`: its models by a policy that accepts the frameworks."""
    rows = {}
    for path, (word, rules, _) in zip(paths, pool.map(lambda p: scan(sallyport, p, *ACCEPT), paths)):
        inner = os.path.relpath(path, root)
        rows.setdefault(inner.split(os.sep)[0], dict.fromkeys(WORDS, 0))[word] += 1
        if os.environ.get("VERBOSE") and word != "clean":
            print(f"  accepted {word}: {inner}: {' '.join(rules)}")
    for family in sorted(rows):
        row = rows[family]
        print(f"  {family:<18} {'accepted':<10} {sum(row.values()):>6} " + " ".join(f"{row[w]:>{max(6, len(w))}}" for w in WORDS), flush=True)


def cuts(files):
    """With CUTS, the program model_cuts: which beginnings of these whole files would be taken for whole ones?"""
    if os.environ.get("CUTS") and files:
        done = subprocess.run([os.environ["CUTS"]] + files, capture_output=True, text=True, check=False)
        told = done.stdout.splitlines()
        most = sorted(told[:-1], key=lambda line: -int(line.rsplit(": ", 1)[1].split()[0]))[:5]
        print("\n".join(["  cut short: " + told[-1]] + ["    " + line for line in most]), flush=True)


def main():
    sallyport, root, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    table, wrong = labels(), 0
    there = {row[0] for row in table if os.path.isdir(os.path.join(root, row[0]))}
    if not there and not only:
        print("skip models: no folder of model_corpus.tsv in", root)
        return
    print(f"{'folder':<20} {'label':<10} {'files':>6} " + " ".join(f"{w:>{max(6, len(w))}}" for w in WORDS))
    for name in sorted(set(only) - there):
        wrong += 1
        print(f"  nothing scanned: {name} is not there, or not in model_corpus.tsv")
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for name in sorted(there & set(only or there)):
            wrong += corpus(sallyport, os.path.join(root, name), table, pool)
    print("conformance of models:", "nothing wrong" if wrong == 0 else f"{wrong} wrong")
    sys.exit(wrong > 0)


main()
