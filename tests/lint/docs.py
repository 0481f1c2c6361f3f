#!/usr/bin/env python3
"""docs.py: the pages. Links and anchors lead somewhere, files that are named are there, lines of prose have at most 160 columns,
a table has no two rows for one thing, and the options of sallyport that they name are options."""
import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
MADE = ("docs/rules/", "docs/iam-escalations.md")  # by the program, from data that has longer lines
WIDE = 160
told = []


def options():
    """Every option of every verb, as help tells them."""
    program = os.path.join(os.environ.get("BUILD", "build/release"), "sallyport")
    text = subprocess.run([program, "help", "--man"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"--[a-z][a-z-]*", text.replace("\\-", "-"))) | {"--help", "--version"}


def pages():
    yield "README.md"
    yield "CONTRIBUTING.md"
    for folder, _, names in sorted(os.walk("docs")):
        yield from sorted(os.path.join(folder, n) for n in names if n.endswith(".md"))


def anchor(heading):
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(page):
    """(number, line, is it of a block of code)"""
    code = False
    for n, line in enumerate(open(page, encoding="utf-8"), 1):
        fence = line.lstrip().startswith("```")
        yield n, line.rstrip("\n"), code or fence
        code ^= fence


def anchors(page):
    seen = {}
    for _, line, code in prose(page):
        m = None if code else re.match(r"#+ (.*)", line)
        if m:
            a = anchor(m.group(1))
            n = seen.get(a, 0)
            seen[a] = n + 1
            yield a if n == 0 else f"{a}-{n}"


def look(page, known, taken):
    rows = set()
    for n, line, code in prose(page):
        def say(what):
            told.append(f"docs: {page}:{n}: {what}")

        spans = [line] if code and line.startswith("$ sallyport") else [] if code else re.findall(r"`([^`]*)`", line)
        for span in spans:
            if re.match(r"--|\$? ?sallyport |(gate|scan|inspect|verify|iam|policy|report|sign|keygen|explain) ", span):
                for o in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span.split(" #")[0]):
                    if o not in taken:
                        say(f"no such option: {o}")
        if code:
            continue
        if not line.startswith("|"):
            rows.clear()
            if len(line) > WIDE and not page.startswith(MADE):
                say(f"{len(line)} columns")
        else:
            first = line.split(" | ")[0]
            if re.search(r"`|\w", first) and first in rows and not page.startswith(MADE):
                say(f"two rows for {first[2:]}")
            rows.add(first)
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if target.startswith(("http://", "https://")):
                continue
            path, _, place = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(path):
                say(f"no such file: {target}")
            elif place and place not in known.get(path, ()):
                say(f"no such anchor: {target}")
        for path in re.findall(r"`((?:docs|tests|gate|base|signing|policies|scanner|reports|rules|fixtures)/[\w./-]+\.\w+)`", line):
            if not os.path.exists(path) and not re.search(r"(^|/|_)x\.\w+$", path):
                say(f"no such file: {path}")


every = list(pages())
known = {p: set(anchors(p)) for p in every}
taken = options()
for p in every:
    look(p, known, taken)
print("\n".join(told))
sys.exit(bool(told))
