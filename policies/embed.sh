#!/bin/bash
# embed.sh FILE...: assembler that puts each file into the program, and the table that policies/builtin.h declares.
set -euo pipefail
echo '.section .note.GNU-stack,"",@progbits'
echo '.section .rodata'
i=0
for f in "$@"; do
    printf '.balign 16\n.Ldata%d: .incbin "%s"\n.Lend%d: .byte 0\n.Lname%d: .asciz "%s"\n' $i "$f" $i $i "$f"
    i=$((i + 1))
done
echo '.section .data.rel.ro,"aw",@progbits'
echo '.balign 16'
echo '.globl builtin_files'
echo 'builtin_files:'
for ((n = 0; n < i; n++)); do
    printf '.quad .Lname%d, .Ldata%d, .Lend%d - .Ldata%d\n' $n $n $n $n
done
echo '.quad 0, 0, 0'
