#!/bin/bash
# selftest.sh: each lint sees what it is there for. Faults are planted one at a time in a copy of the tree, which
# must make the lint fail with the words expected, which it does not say of the tree as it is.
set -uo pipefail
cd "$(dirname "$0")/../.."
built=$(realpath "${BUILD:-build/release}")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tree=$copy/tree
mkdir "$tree" "$copy/b"
for entry in * .clang-format .clang-tidy; do
    case $entry in build | compile_commands.json) ;; *) cp -r "$entry" "$tree/" ;; esac
done
for room in base scanner policies signing reports gate; do
    [ -d "$built/$room" ] || { echo "selftest: build first: no $built/$room"; exit 1; }
    cp -rs "$built/$room" "$copy/b/$room"
done
cd "$tree" || exit 1
tests=0
failed=0

lint() { # NAME
    case $1 in
    headers) make -s BUILD="$copy/b" CC="${CC:-gcc}" "$copy/b/lint/base/plant.h.ok" HDR=base/plant.h ;;
    style) make -s BUILD="$copy/b" style STYLED=base/plant.c ;;
    gcc) make -s BUILD="$copy/b" CC=gcc "$copy/b/base/plant.o" SRC=base/plant.c ;;
    clang) make -s BUILD="$copy/b" clang SRC=base/plant.c ;;
    tidy) make -s BUILD="$copy/b" tidy SRC=base/plant.c ;;
    docs) BUILD=$built python3 tests/lint/docs.py ;;
    policy) "$built/sallyport" policy lint --rules rules ;;
    *) BUILD="$copy/b" bash "tests/lint/$1.sh" ;;
    esac 2>&1
}
declare -A before=()
for name in layers symbols lists text docs policy; do
    before[$name]=$(lint "$name")
done
# sees LINT WORDS [FILE]: with the text of standard input as FILE (compiled when it is base/plant.c and the lint reads
# objects) LINT fails and says WORDS. `undo`, when set, is run afterwards; else FILE is removed.
undo=''
sees() {
    local name=$1 words=$2 file=${3:-base/plant.c} out status
    tests=$((tests + 1))
    [ "$file" = - ] || { mkdir -p "$(dirname "$file")" && cat >"$file"; }
    [ "$name" != symbols ] || [ "$file" = - ] || gcc -std=c11 -w -I. -c -o "$copy/b/${file%.c}.o" "$file"
    out=$(lint "$name")
    status=$?
    if [ $status -eq 0 ] || ! grep -qF -- "$words" <<<"$out"; then
        failed=$((failed + 1))
        echo "selftest: $name does not see '$words' (exit $status)"
        head -5 <<<"$out"
    fi
    if [ -n "$undo" ]; then eval "$undo"; else rm -f "$file" "$copy/b/${file%.c}.o"; fi
    undo=''
    rm -rf "$copy/b/lint"
    grep -qF -- "$words" <<<"${before[$name]-}" || return
    failed=$((failed + 1))
    echo "selftest: $name says '$words' without reason"
}
# allows LINT: the text of standard input as base/plant.c is fine.
allows() {
    local out
    tests=$((tests + 1))
    cat >base/plant.c
    gcc -std=c11 -w -I. -c -o "$copy/b/base/plant.o" base/plant.c
    out=$(lint "$1" | grep plant) && { failed=$((failed + 1)); echo "selftest: $1 is too strict: $out"; }
    rm -f base/plant.c "$copy/b/base/plant.o"
}
# edit FILE SED: changes a file of the copy; `undo` puts it back.
edit() {
    cp "$1" "$copy/kept"
    sed -i "$2" "$1"
    undo="cp '$copy/kept' '$1'"
}

sees layers 'base/plant.c:1: includes gate/say.h' <<<'#include "gate/say.h"'
sees layers 'base/plant.h:2: includes scanner/facts.h' base/plant.h <<<$'\n  #  include "scanner/facts.h"'
sees layers 'includes scanner/input/tar.h' policies/plant.c <<<'#include "scanner/input/tar.h"'
sees layers 'includes policies/policy.h' signing/plant.c <<<'#include "policies/policy.h"'
sees layers 'iam_compare.h, which stands above it' policies/iam/text/plant.c <<<'#include "policies/iam/compare/iam_compare.h"'
sees layers 'includes scanner/facts.h' reports/plant.c <<<'#include "scanner/facts.h"'
sees layers 'includes tests/lib/cases.h' gate/plant.c <<<'#include "tests/lib/cases.h"'
sees layers 'not a path from the root' scanner/plant.c <<<'#include "../gate/say.h"'
sees layers 'not a path from the root' scanner/plant.c <<<'#include "sink.h"'
sees layers 'goes in quotes' <<<'#include <gate/say.h>'
sees layers 'computed' <<<$'#define WHAT "gate/say.h"\n#include WHAT'

sees symbols 'plant_count is a writable global' <<<'int plant_count;'
sees symbols 'plant_count is a writable global' <<<'int plant_count = 3;'
sees symbols 'hidden is a writable global' <<<$'static int hidden;\nint plant(void) { return hidden++; }'
sees symbols 'inside' <<<$'int plant(void) { static int inside; return inside++; }'
sees symbols 'mine is a writable global' <<<$'static _Thread_local int mine;\nint plant(void) { return mine++; }'
sees symbols 'names is a writable global' <<<$'const char *names[] = {"a"};'
sees symbols 'base/plant.c exports helper' <<<'int helper(void) { return 1; }'
sees symbols 'base/plant.c exports plants' <<<'int plants(void) { return 1; }'
sees symbols 'base/plant.c exports table' <<<'const int table[] = {1};'
sees symbols 'base/plant.c exports weak_one' <<<'__attribute__((weak)) int weak_one(void) { return 1; }'
undo="mv '$copy/hidden.o' '$copy/b/base/err.o'"
mv "$copy/b/base/err.o" "$copy/hidden.o"
sees symbols 'base/err.c has no object' -
allows symbols <<<$'const char *const plant_names[] = {"a", "b"};\nstatic const int few[] = {1, 2};\nint plant(int i) { return few[i]; }'

sees lists 'format_plant.c has no line' scanner/formats/format_plant.c </dev/null
sees lists "'const struct format format_plant' has no line" scanner/formats/hidden.c <<<'const struct format format_plant = {0};'
sees lists 'config_plant.c has no line' scanner/config/config_plant.c </dev/null
sees lists 'report_plant.c has no line' reports/report_plant.c </dev/null
sees lists 'signer_plant.c has no line' signing/signer_plant.c </dev/null
sees lists 'verifier_plant.c has no line' signing/verifier_plant.c </dev/null
sees lists 'cmd_plant.c has no line' gate/cmd_plant.c </dev/null
edit scanner/formats/formats.def '$aFORMAT(plant)'
sees lists 'there is no scanner/formats/format_plant.c' -
edit scanner/formats/formats.def '$aFORMAT(plant)'
sees lists 'no fixtures/plant' -
edit scanner/formats/formats.def '/FORMAT(npy)/d'
sees lists 'scanner/formats/format_npy.c has no line' -
edit reports/reports.def '$aREPORT(text)'
sees lists 'has a row twice' -
edit gate/jobs.def '$aJOB(plant, plant_job)'
sees lists 'which nobody defines' -
edit gate/cmd_scan.c 's/cmd_scan(/cmd_skan(/'
sees lists "does not define 'int cmd_scan'" -

sees docs 'docs/plant.md:1: 161 columns' docs/plant.md < <(printf '%0161d\n' 0)
sees docs 'docs/plant.md:2: no such file: nowhere.md' docs/plant.md <<<$'# Plant\n[there](nowhere.md)'
sees docs 'docs/plant.md:2: no such anchor: #plants' docs/plant.md <<<$'# Plant\n[here](#plant) [there](#plants)'
sees docs 'docs/plant.md:1: no such anchor: rules.md#plant' docs/plant.md <<<'[there](rules.md#plant)'
sees docs 'docs/plant.md:1: no such file: gate/plant.c' docs/plant.md <<<'`gate/plant.c`'
sees docs 'docs/plant.md:4: two rows for `a`' docs/plant.md <<<$'| x | y |\n| --- | --- |\n| `a` | 1 |\n| `a` | 2 |'
sees docs 'docs/plant.md:1: no such option: --plant' docs/plant.md <<<'`--plant=x`'
sees docs 'docs/plant.md:2: no such option: --plant' docs/plant.md <<<$'```console\n$ sallyport scan --plant # --what'

long=$(printf '/* %098d */' 0)
sees text 'base/plant.c:1: 104 columns' <<<"$long"
sees text 'tests/unit/plant.c:1: 104 columns' tests/unit/plant.c <<<"$long"
sees text 'base/plant.c has 601 lines' < <(yes '' | head -601)
sees text 'base/plant.c:1: unfinished' <<<"/* TO""DO: later */"
sees text 'base/plant.h:1: unfinished' base/plant.h <<<"/* FIX""ME */"
for f in strcpy sprintf strtok atoi strtoul gmtime system; do
    sees text 'base/plant.c:1: banned function' <<<"void plant(void) { $f(0); }"
done
sees text 'base/plant.c:1: a tab or a blank at the end' <<<$'\tint x;'
sees text 'base/plant.c:1: a tab or a blank at the end' <<<'int x; '

sees style 'should be clang-formatted' <<<'int  plant ( void );'
sees headers 'unknown type name' base/plant.h <<<'void plant(struct slice s, size_t n);'
sees gcc 'unused-parameter' <<<$'int plant(int x);\nint plant(int x)\n{\n    return 0;\n}'
sees clang 'self-assign' <<<$'int plant(int x);\nint plant(int x)\n{\n    x = x;\n    return x;\n}'
sees tidy 'readability-function-size' < <(
    echo 'int plant(int a, int b, int c, int d, int e, int f);'
    echo 'int plant(int a, int b, int c, int d, int e, int f)'
    printf '{\n    return a + b + c + d + e + f;\n}\n'
)
sees tidy 'readability-function-size' < <(
    printf 'int plant(int a);\nint plant(int a)\n{\n'
    yes '    a++;' | head -60
    printf '    return a;\n}\n'
)
sees tidy 'bugprone-' <<<$'int plant(int a);\nint plant(int a)\n{\n    return a == 1 ? 2 : a == 1 ? 2 : sizeof(sizeof(a));\n}'
sees policy 'rules/plant.yaml' rules/plant.yaml <<<'- {id: Plant, tests: 3}'

echo "selftest: $tests faults planted, $failed not seen"
[ $failed -eq 0 ]
