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
        case $name in format_*)
            # a format without files of its own still meets those of all the others
            [ ${#dirs[@]} -gt 0 ] || for d in scanner/formats/format_*.c; do
                d=${d##*/format_}
                [ -d "fixtures/${d%.c}" ] && dirs+=("fixtures/${d%.c}")
            done ;;
        esac
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

# One case or script in a folder of its own; its lines go to stdout, its last line is its state.
one_cli() { # CASE-FOLDER
    local c=$1 name dir want got bad s
    name=$(basename "$c")
    dir=$(mktemp -d "$log/$name.XXXXXX")
    mkdir "$dir/work"
    if [ -f "$c/cmd" ]; then
        (cd "$dir/work" && CASE=$ROOT/$c timeout 300 bash "$ROOT/$c/cmd") >"$dir/stdout" 2>"$dir/stderr" </dev/null
        got=$?
    else
        mapfile -t args <"$c/args"
        (cd "$ROOT" && timeout 300 "$SALLYPORT" "${args[@]}") >"$dir/stdout" 2>"$dir/stderr" </dev/null
        got=$?
    fi
    want=$(cat "$c/status" 2>/dev/null || echo 0)
    bad=
    [ "$got" = "$want" ] || bad=" status $got, wanted $want;"
    for s in stdout stderr; do
        [ -f "$c/$s" ] || continue
        if ! diff -u "$c/$s" "$dir/$s" >"$dir/diff"; then
            bad="$bad $s differs;"
            head -30 "$dir/diff"
        fi
    done
    if [ "$got" = 77 ] && [ "$want" != 77 ]; then
        echo "skip - cli $name: $(tail -n 1 "$dir/stdout")"
    elif [ -z "$bad" ]; then
        echo "ok - cli $name"
    else
        echo "not ok - cli $name:$bad"
        tail -n 25 "$dir/stderr"
    fi
    rm -rf "$dir"
}

one_interop() { # SCRIPT
    local name dir rc
    name=$(basename "$1" .sh)
    dir=$(mktemp -d "$log/$name.XXXXXX")
    (cd "$dir" && timeout 600 bash "$ROOT/$1") >"$log/$name.out" 2>&1 </dev/null
    rc=$?
    case $rc in
    0) echo "ok - interop $name" ;;
    77) echo "skip - interop $name: $(tail -n 1 "$log/$name.out")" ;;
    *)
        echo "not ok - interop $name (status $rc)"
        tail -n 25 "$log/$name.out"
        ;;
    esac
    rm -rf "$dir"
}

# At most JOBS at a time, told in the order of the list: each writes a file, and the files are read in turn.
run_all() { # FUNCTION ITEM...
    local f=$1 i n=0 jobs=${JOBS:-2}
    local -a pids=()
    shift
    for i in "$@"; do
        "$f" "$i" >"$log/told.$n" 2>&1 &
        pids[n]=$!
        n=$((n + 1))
        [ $n -lt "$jobs" ] || tell $((n - jobs))
    done
    for ((i = n >= jobs ? n - jobs + 1 : 0; i < n; i++)); do tell "$i"; done
}

# Waits for job N (a local of run_all knows its process) and counts what it said.
tell() {
    wait "${pids[$1]}"
    cat "$log/told.$1"
    pass=$((pass + $(grep -c '^ok - ' "$log/told.$1")))
    fail=$((fail + $(grep -c '^not ok - ' "$log/told.$1")))
    skip=$((skip + $(grep -c '^skip - ' "$log/told.$1")))
    grep -q '^\(ok\|not ok\|skip\) - ' "$log/told.$1" || fail=$((fail + 1))
    rm -f "$log/told.$1"
}

# tests/cli/<case>/: args (one word a line; or cmd, a shell script), stdout, stderr (optional), status. $SALLYPORT is the program.
# A cmd that ends with 77 is skipped; ONLY='gate-*' runs some of them.
suite_cli() {
    local c
    local -a list=()
    export SALLYPORT ROOT=$PWD CI=true NO_COLOR=1
    SALLYPORT=$(realpath "$B/sallyport")
    for c in tests/cli/*/; do
        [ -f "$c/cmd" ] || [ -f "$c/args" ] || continue
        case $(basename "$c") in ${ONLY:-*}) list+=("$c") ;; esac
    done
    run_all one_cli "${list[@]}"
}

# tests/interop/*.sh: exit 0 passed, 77 skipped (a word on the last line says why), else failed.
suite_interop() {
    local t
    local -a list=()
    export SALLYPORT ROOT=$PWD CI=true NO_COLOR=1
    SALLYPORT=$(realpath "$B/sallyport")
    for t in tests/interop/test_*.sh; do
        [ -f "$t" ] || continue
        case $(basename "$t" .sh) in ${ONLY:-*}) list+=("$t") ;; esac
    done
    run_all one_interop "${list[@]}"
}

for s in "$@"; do "suite_$s"; done
if [ $skip -gt 0 ]; then
    echo "$pass passed, $fail failed, $skip skipped"
else
    echo "$pass passed, $fail failed"
fi
[ $fail -eq 0 ] && [ $pass -gt 0 ]
