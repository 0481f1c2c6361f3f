#!/bin/bash
# jansson, which refuses a key twice and bad UTF-8 when asked to, reads every JSON that we write.
. "$ROOT/fixtures/units/unit.sh"
cat >read.c <<'C'
#include <jansson.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        json_error_t e;
        json_t *j = json_load_file(argv[i], JSON_REJECT_DUPLICATES, &e);
        if (j == NULL) {
            printf("%s:%d: %s\n", argv[i], e.line, e.text);
            return 1;
        }
        json_decref(j);
    }
    return 0;
}
C
cc -o read read.c -ljansson 2>/dev/null || { echo "no jansson to compile with"; exit 77; }
denied d
run 1 gate -c d/sallyport.yaml --effective-time $NOW --key d/gate.key --attest-output att -o json=v.json -o sarif=r.sarif
run 0 inspect oci:d/image d/model.tar.gz d/plan.json
cp out facts.json
run 0 explain --json image-no-private-keys
cp out explain.json
./read v.json r.sarif facts.json explain.json att/*.json || fail "jansson"
