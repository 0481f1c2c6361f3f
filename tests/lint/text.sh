#!/bin/bash
# text.sh: lines of at most 100 columns, no file over 600 lines, no unfinished words, banned functions absent.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
say() { echo "text: $*"; bad=1; }
files=$(git ls-files --cached --others --exclude-standard -- 'base/*.[ch]' 'scanner/*.[ch]' 'policies/*.[ch]' 'signing/*.[ch]' 'reports/*.[ch]' 'gate/*.[ch]' 'tests/*.[ch]')
for f in $files; do
    awk -v f="$f" 'length($0) > 100 {print "text: " f ":" FNR ": " length($0) " columns"; n = 1} END {exit n}' "$f" || bad=1
    [ "$(wc -l <"$f")" -le 600 ] || say "$f is over 600 lines"
done
# shellcheck disable=SC2086
grep -nE '\b(TOD[O]|FIXM[E]|XX[X])\b' $files && say 'unfinished'
room_files=$(printf '%s\n' $files | grep -v '^tests/')
grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|gmtime|localtime|mktime|strtoul|strtol|strtoull|system|popen)\(' $room_files && say 'banned function'
exit $bad
