#!/bin/bash
# layers.sh: no arrow back. A room includes itself and the rooms below it; policies see one scanner header.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
say() { echo "layers: $*"; bad=1; }
allowed() {
    case $1 in
    base) echo 'base' ;;
    scanner) echo 'base|scanner' ;;
    policies) echo 'base|policies' ;;
    signing) echo 'base|signing' ;;
    reports) echo 'base|signing|policies|reports' ;;
    gate) echo 'base|scanner|policies|signing|reports|gate' ;;
    esac
}
for room in base scanner policies signing reports gate; do
    while IFS= read -r hit; do
        file=${hit%%:*}
        inc=$(sed -n 's/.*#include "\([^"]*\)".*/\1/p' <<<"$hit")
        [ "$room" = policies ] && [ "$inc" = scanner/facts.h ] && continue
        [[ $inc =~ ^($(allowed $room))/ ]] || say "$file includes $inc"
    done < <(grep -rn --include='*.c' --include='*.h' --include='*.def' '^ *#include "' "$room")
done
# every source file is reached by an include path from the root: no relative includes
grep -rnE '#include "\.\.?/' base scanner policies signing reports gate && say 'relative include'
exit $bad
