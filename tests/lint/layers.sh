#!/bin/bash
# layers.sh: no arrow back. A room includes itself and the rooms below it; policies see one scanner header.
set -uo pipefail
cd "$(dirname "$0")/../.."
rooms=(base scanner policies signing reports gate)
mapfile -t files < <(find "${rooms[@]}" -name '*.[ch]' -o -name '*.def' | sort)
awk '
    BEGIN {
        may["base"] = "base"
        may["scanner"] = "base scanner"
        may["policies"] = "base policies"
        may["signing"] = "base signing"
        may["reports"] = "base signing policies reports"
        may["gate"] = "base scanner policies signing reports gate"
        ours = "^(base|scanner|policies|signing|reports|gate|tests)/"
    }
    !/^[ \t]*#[ \t]*include/ { next }
    {
        quoted = match($0, /"[^"]*"/)
        if (!quoted && !match($0, /<[^>]*>/)) { say("an include that is computed"); next }
        inc = substr($0, RSTART + 1, RLENGTH - 2)
        if (!quoted) {
            if (inc ~ ours) say("<" inc "> is ours: it goes in quotes")
            next
        }
        room = FILENAME
        sub(/\/.*/, "", room)
        to = inc
        sub(/\/.*/, "", to)
        if (room == "policies" && inc == "scanner/facts.h") next
        if (inc !~ /\// || inc ~ /(^|\/)\.\.?\//) say(inc " is not a path from the root")
        else if (index(" " may[room] " ", " " to " ") == 0) say("includes " inc)
    }
    function say(what) { print "layers: " FILENAME ":" FNR ": " what; bad = 1 }
    END { exit bad }
' "${files[@]}"
