#!/bin/bash
# Every JSON that we write is read by jq and by python (no key twice, strict UTF-8), and fits its schema; XML is well formed.
. "$ROOT/fixtures/units/unit.sh"
allowed a
denied d
check() { # SCHEMA FILE...
    python3 "$ROOT/tests/interop/schema.py" "$@" >&2 || fail "schema: $*"
}
for u in a:0 d:1; do
    n=${u%:*}
    run ${u#*:} gate -c $n/sallyport.yaml --effective-time $NOW --key $n/gate.key --attest-output $n.att -o json=$n.json -o sarif=$n.sarif -o junit=$n.xml -o html=$n.html
    check "$ROOT/docs/verdict.schema.json" $n.json $n.att/verdict.json
    run 0 inspect oci:$n/image $n/model.tar.gz $n/plan.json $n/pipeline.yaml $n/data-catalog.yaml
    cp out $n.facts.json
    check "$ROOT/docs/facts.schema.json" $n.facts.json
done
run 3 scan nothing.json -o json=n.json
check "$ROOT/docs/verdict.schema.json" n.json
"$SALLYPORT" explain --json image-user-not-root >explain.json
"$SALLYPORT" verify --json --key a/gate.pub --subject oci:a/image --effective-time $NOW a.att/image.vsa.dsse.json >verify.json
for f in *.json *.sarif *.att/*.json a/image/index.json; do
    jq -e . "$f" >/dev/null || fail "jq cannot read $f"
    echo '{}' >any.schema
    check any.schema "$f"
    [ "$(tail -c 1 "$f" | od -An -tx1 | tr -d " ")" = 0a ] || [ $f = a/image/index.json ] || fail "$f does not end with a newline"
done
python3 - <<'PY'
import html.parser
import xml.dom.minidom
for n in "ad":
    xml.dom.minidom.parse(n + ".xml")
    class Balanced(html.parser.HTMLParser):
        stack, void = [], {"meta", "link", "br", "hr", "img", "input", "col", "wbr", "source"}
        def handle_starttag(self, tag, attrs):
            names = [k for k, _ in attrs]
            assert len(names) == len(set(names)), (tag, names)
            assert tag != "script", "a script"
            assert not any(k.startswith("on") for k in names), names
            assert not any(k in ("src", "href") and (v or "").startswith(("http:", "//")) for k, v in attrs), attrs
            if tag not in self.void:
                self.stack.append(tag)
        def handle_endtag(self, tag):
            top = self.stack.pop()
            assert top == tag, (top, tag, self.getpos())
    p = Balanced()
    p.stack = []
    p.feed(open(n + ".html", encoding="utf-8").read())
    p.close()
    assert not p.stack, p.stack
PY
