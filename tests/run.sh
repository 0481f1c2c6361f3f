#!/bin/bash
# run.sh unit|replay|cli|interop...: runs the suites of $BUILD and closes with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
B=${BUILD:-build/release}
pass=0 fail=0 skip=0
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

suite_unit() {
    local t name line p f
    for t in "$B"/unit/*; do
        [ -x "$t" ] && [ -f "$t" ] || continue
        case $t in *.o | *.d) continue ;; esac
        name=${t##*/}
        timeout 600 "$t" >"$log/out" 2>&1
        rc=$?
        line=$(grep -ao 'Tested: [0-9]* | Passing: [0-9]* | Failing: [0-9]* | Crashing: [0-9]*' "$log/out" | tail -1)
        p=$(sed -n 's/.*Passing: \([0-9]*\).*/\1/p' <<<"$line")
        f=$(sed -n 's/Tested: \([0-9]*\) .*/\1/p' <<<"$line")
        if [ -z "$line" ] || [ "${f:-0}" -eq 0 ]; then
            echo "not ok - unit $name: no test ran (status $rc)"
            tail -5 "$log/out"
            fail=$((fail + 1))
            continue
        fi
        f=$((f - p))
        pass=$((pass + p)) fail=$((fail + f))
        if [ "$f" -gt 0 ] || [ $rc -ne 0 ]; then
            echo "not ok - unit $name: $p passed, $f failed (status $rc)"
            grep -a -v '^\[=\|RUN' "$log/out" | head -40
            [ "$f" -eq 0 ] && fail=$((fail + 1))
        else
            echo "ok - unit $name: $p passed"
        fi
    done
}

suite_replay() {
    local t name dirs
    for t in "$B"/replay/*; do
        [ -x "$t" ] || continue
        name=${t##*/}
        dirs=()
        for d in "fixtures/$name" "fixtures/${name#format_}" "tests/fuzz/corpus/$name"; do
            [ -d "$d" ] && dirs+=("$d")
        done
        if [ ${#dirs[@]} -eq 0 ]; then
            echo "not ok - replay $name: no fixtures/$name"
            fail=$((fail + 1))
        elif timeout 300 "$t" "${dirs[@]}" >"$log/out" 2>&1 && ! grep -q ': 0 inputs' "$log/out"; then
            echo "ok - replay $name: $(sed -n 's/.*: \([0-9]* inputs\)$/\1/p' "$log/out")"
            pass=$((pass + 1))
        else
            echo "not ok - replay $name"
            tail -20 "$log/out"
            fail=$((fail + 1))
        fi
    done
}

# tests/cli/<case>/: args (one word a line; or cmd, a shell script), stdout, stderr (optional), status. $SALLYPORT is the program.
suite_cli() {
    local c name want got
    export SALLYPORT=$PWD/$B/sallyport ROOT=$PWD CI=true NO_COLOR=1
    for c in tests/cli/*/; do
        name=$(basename "$c")
        [ -f "$c/cmd" ] || [ -f "$c/args" ] || continue
        mkdir -p "$log/work"
        if [ -f "$c/cmd" ]; then
            (cd "$log/work" && CASE=$ROOT/$c timeout 300 bash "$ROOT/$c/cmd") >"$log/stdout" 2>"$log/stderr" </dev/null
            got=$?
        else
            mapfile -t args <"$c/args"
            (cd "$ROOT" && timeout 300 "$SALLYPORT" "${args[@]}") >"$log/stdout" 2>"$log/stderr" </dev/null
            got=$?
        fi
        rm -rf "$log/work"
        want=$(cat "$c/status" 2>/dev/null || echo 0)
        bad=
        [ "$got" = "$want" ] || bad="status $got, wanted $want"
        for s in stdout stderr; do
            [ -f "$c/$s" ] || continue
            if ! diff -u "$c/$s" "$log/$s" >"$log/diff"; then
                bad="$bad $s differs"
                head -30 "$log/diff"
            fi
        done
        if [ -z "$bad" ]; then
            echo "ok - cli $name"
            pass=$((pass + 1))
        else
            echo "not ok - cli $name: $bad"
            tail -5 "$log/stderr"
            fail=$((fail + 1))
        fi
    done
}

# tests/interop/*.sh: exit 0 passed, 77 skipped (a word on the last line says why), else failed.
suite_interop() {
    local t
    export SALLYPORT=$PWD/$B/sallyport ROOT=$PWD
    for t in tests/interop/test_*.sh; do
        [ -f "$t" ] || continue
        timeout 600 bash "$t" >"$log/out" 2>&1
        case $? in
        0) echo "ok - interop $(basename "$t" .sh)"; pass=$((pass + 1)) ;;
        77) echo "skip - interop $(basename "$t" .sh): $(tail -1 "$log/out")"; skip=$((skip + 1)) ;;
        *) echo "not ok - interop $(basename "$t" .sh)"; tail -20 "$log/out"; fail=$((fail + 1)) ;;
        esac
    done
}

for s in "$@"; do "suite_$s"; done
if [ $skip -gt 0 ]; then
    echo "$pass passed, $fail failed, $skip skipped"
else
    echo "$pass passed, $fail failed"
fi
[ $fail -eq 0 ] && [ $pass -gt 0 ]
