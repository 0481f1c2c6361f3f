#!/usr/bin/env python3
"""schema.py SCHEMA FILE...: checks JSON files against a schema (the keywords that our schemas use; another one is an error)."""
import json
import re
import sys

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
PASSIVE = {"$schema", "$id", "$defs", "definitions", "title", "description", "examples", "default", "$comment"}


def is_type(v, name):
    if name == "integer":
        return isinstance(v, int) and not isinstance(v, bool)
    if name == "number":
        return isinstance(v, (int, float)) and not isinstance(v, bool)
    return isinstance(v, TYPES[name])


def resolve(ref, root):
    node = root
    for part in ref.lstrip("#/").split("/"):
        node = node[part]
    return node


def errors(v, s, root, at="$"):
    if s is True:
        return
    if s is False:
        yield f"{at}: nothing may stand here"
        return
    for word, want in s.items():
        if word in PASSIVE or word in ("then", "else", "additionalProperties"):
            continue
        if word == "$ref":
            yield from errors(v, resolve(want, root), root, at)
        elif word == "type":
            if not any(is_type(v, t) for t in (want if isinstance(want, list) else [want])):
                yield f"{at}: {type(v).__name__}, wanted {want}"
        elif word == "enum":
            if v not in want:
                yield f"{at}: {v!r} is not one of {want}"
        elif word == "const":
            if v != want:
                yield f"{at}: {v!r}, wanted {want!r}"
        elif word == "pattern":
            if isinstance(v, str) and not re.search(want, v):
                yield f"{at}: {v!r} does not match {want}"
        elif word in ("minimum", "maximum"):
            if is_type(v, "number") and (v < want if word == "minimum" else v > want):
                yield f"{at}: {v} breaks {word} {want}"
        elif word in ("minLength", "maxLength", "minItems", "maxItems"):
            fits = isinstance(v, str if word.endswith("Length") else list)
            if fits and (len(v) < want if word.startswith("min") else len(v) > want):
                yield f"{at}: length {len(v)} breaks {word} {want}"
        elif word == "uniqueItems":
            if want and isinstance(v, list) and len({json.dumps(x, sort_keys=True) for x in v}) < len(v):
                yield f"{at}: an item twice"
        elif word == "required":
            yield from (f"{at}: no {k}" for k in want if isinstance(v, dict) and k not in v)
        elif word == "properties":
            if isinstance(v, dict):
                for k, x in v.items():
                    if k in want:
                        yield from errors(x, want[k], root, f"{at}.{k}")
                    elif "additionalProperties" in s:
                        yield from errors(x, s["additionalProperties"], root, f"{at}.{k}")
        elif word == "items":
            if isinstance(v, list):
                for i, x in enumerate(v):
                    yield from errors(x, want, root, f"{at}[{i}]")
        elif word == "propertyNames":
            if isinstance(v, dict):
                for k in v:
                    yield from errors(k, want, root, f"{at}.{k}")
        elif word == "format":
            if want == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", v):
                yield f"{at}: {v!r} is no time"
        elif word == "allOf":
            for sub in want:
                yield from errors(v, sub, root, at)
        elif word in ("anyOf", "oneOf"):
            hits = sum(not list(errors(v, sub, root, at)) for sub in want)
            if hits == 0 or (word == "oneOf" and hits > 1):
                yield f"{at}: {hits} of the alternatives hold"
        elif word == "if":
            branch = "else" if list(errors(v, want, root, at)) else "then"
            if branch in s:
                yield from errors(v, s[branch], root, at)
        else:
            sys.exit(f"schema.py does not know the keyword {word}")
    if "additionalProperties" in s and "properties" not in s and isinstance(v, dict):
        for k, x in v.items():
            yield from errors(x, s["additionalProperties"], root, f"{at}.{k}")


def no_duplicates(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("a key twice")
    return d


def main():
    with open(sys.argv[1]) as f:
        schema = json.load(f)
    bad = 0
    for path in sys.argv[2:]:
        with open(path, "rb") as f:
            doc = json.loads(f.read().decode("utf-8"), object_pairs_hook=no_duplicates)
        for e in list(errors(doc, schema, schema))[:10]:
            print(f"{path}: {e}")
            bad = 1
    sys.exit(bad)


main()
