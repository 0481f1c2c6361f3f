#!/bin/bash
# lists.sh: each .def list and its files agree, both ways; each format has fixtures and each job a function.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
say() { echo "lists: $*"; bad=1; }
names() { sed -n "s/^$2([\"]*\([a-z0-9_-]*\).*/\1/p" "$1"; }
# check DEF MACRO PREFIX WHAT: row NAME <-> PREFIXNAME.c, which defines "WHAT NAME".
check() {
    local def=$1 macro=$2 prefix=$3 what=$4 name f
    [ -f "$def" ] || { say "no $def"; return; }
    for name in $(names "$def" "$macro"); do
        f=$prefix$name.c
        [ -f "$f" ] || { say "$def has $name, but there is no $f"; continue; }
        grep -q "^$what$name\b" "$f" || say "$f does not define '$what$name'"
    done
    [ "$(names "$def" "$macro" | sort | uniq -d)" = '' ] || say "$def has a row twice"
    for f in "$prefix"*.c; do
        name=${f#"$prefix"}
        name=${name%.c}
        grep -q "^$macro($name[,)]" "$def" || part "$f" "$name" "$def" "$macro" || say "$f has no line in $def"
    done
    # whatever the file is called: what looks like a row is one
    for name in $(grep -rhoE "^$what[a-z0-9_]+" "$(dirname "$def")" --include='*.c' | sed "s/.*$(basename "$prefix")//"); do
        grep -q "^$macro($name[,)]" "$def" || say "'$what$name' has no line in $def"
    done
}
# A file of a row's name and more is a part of it (report_html_style.c); a file with a header of its own is a module.
part() {
    local name
    [ -f "${1%.c}.h" ] && return 0
    for name in $(names "$3" "$4"); do
        case $2 in "$name"_*) return 0 ;; esac
    done
    return 1
}
check scanner/formats/formats.def FORMAT scanner/formats/format_ 'const struct format format_'
check scanner/formats/documents.def DOCUMENT scanner/formats/document_ 'const struct document document_'
check scanner/config/configs.def CONFIG scanner/config/config_ 'const struct config_kind config_'
check reports/reports.def REPORT reports/report_ 'const struct report_format report_'
check signing/signers.def SIGNER signing/signer_ 'const struct signer signer_'
check signing/verifiers.def VERIFIER signing/verifier_ 'const struct verifier verifier_'
check gate/commands.def COMMAND gate/cmd_ 'int cmd_'
check gate/iam_verbs.def IAM_VERB gate/iam_verb_ 'int iam_verb_'
for name in $(names scanner/formats/formats.def FORMAT); do
    compgen -G "fixtures/$name/*/*" >/dev/null || say "format $name has no fixtures/$name"
done
while read -r job; do
    grep -rqE "^bool $job\(" scanner gate --include='*.c' || say "gate/jobs.def names $job, which nobody defines"
done < <(sed -n 's/^JOB([a-z_]*, \([a-z_]*\)).*/\1/p' gate/jobs.def)
exit $bad
