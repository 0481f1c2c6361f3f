#!/bin/bash
# libxml2 reads the JUnit file and the HTML page.
. "$ROOT/fixtures/units/unit.sh"
command -v xmllint >/dev/null || { echo "no xmllint"; exit 77; }
denied d
run 1 gate -c d/sallyport.yaml --effective-time $NOW -o junit=r.xml -o html=r.html
xmllint --noout r.xml
xmllint --noout --html r.html 2>warnings || { cat warnings >&2; fail html; }
