#!/bin/bash
# text.sh: lines of at most 100 bytes, files of at most 600 lines, no tabs or blanks at the end of a line, no
# unfinished words, no banned functions.
set -uo pipefail
cd "$(dirname "$0")/../.."
rooms=(base scanner policies signing reports gate)
mapfile -t files < <(find "${rooms[@]}" tests -name '*.[ch]' | sort)
told=$(LC_ALL=C awk '
    FNR == 1 { if (lines > 600) print "text: " last " has " lines " lines"; last = FILENAME }
    { lines = FNR; where = "text: " FILENAME ":" FNR ": " }
    length($0) > 100 { print where length($0) " columns" }
    /\t|[ \r]$/ { print where "a tab or a blank at the end" }
    /(^|[^A-Za-z0-9_])(TOD[O]|FIXM[E]|XX[X]|HAC[K])([^A-Za-z0-9_]|$)/ { print where "unfinished" }
    FILENAME !~ /^tests\// &&
    /(^|[^A-Za-z0-9_])(strcpy|stpcpy|strcat|strncat|sprintf|vsprintf|gets|strtok|strtok_r|alloca|tmpnam|mktemp|atoi|atol|atoll|atof|gmtime|localtime|mktime|asctime|ctime|strto(u|i)max|strtoul|strtol|strtoull|strtoll|scanf|sscanf|fscanf|rand|srand|system|popen)[ ]*\(/ {
        print where "banned function"
    }
    END { if (lines > 600) print "text: " last " has " lines " lines" }
' "${files[@]}")
[ -z "$told" ] || { printf '%s\n' "$told"; exit 1; }
