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
        # the folders of policies/iam, from the bottom up; any may see itself
        below["document"] = "text"
        below["aws"] = "text document"
        below["evaluate"] = below["aws"] " aws"
        below["solve"] = below["evaluate"] " evaluate"
        below["compare"] = below["solve"] " solve"
        below["account"] = below["evaluate"] " evaluate"
        below["escalate"] = below["compare"] " compare account"
        below["lint"] = below["shrink"] = below["compare"] " compare"
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
        from = folder(FILENAME)
        at = folder(inc)
        if (from != "" && at != "" && at != from && index(" " below[from] " ", " " at " ") == 0)
            say("includes " inc ", which stands above it")
    }
    function folder(path) {
        if (!sub(/^policies\/iam\//, "", path) || path !~ /\//) return ""
        sub(/\/.*/, "", path)
        return path
    }
    function say(what) { print "layers: " FILENAME ":" FNR ": " what; bad = 1 }
    END { exit bad }
' "${files[@]}"
