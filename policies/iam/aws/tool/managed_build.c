/*
 * managed_build OUTDIR FILE: puts managed_policies.txt into the program. Writes
 * OUTDIR/managed_policies.c, the tables of iam_managed_table.h, and the compressed
 * text as OUTDIR/managed_policies.zst with an assembler file that holds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/file.h"
#include "base/limits.h"

/* bytes of text in a piece: what is read to find one policy, against what a long window saves */
#define PIECE (256u << 10)
#define LEVEL 19

struct build {
    struct arena arena;
    FILE *table, *data;
    uint8_t *piece;
    size_t fill, npieces, at, nrows;
    struct {
        size_t at, len, text_len;
    } pieces[256];
    const char *last;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "managed_build: %s: %s\n", what, why);
    exit(1);
}

static FILE *create(const char *dir, const char *name)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");
    if (f == NULL)
        die(path, "cannot be written");
    return f;
}

static void flush(struct build *b)
{
    const size_t room = ZSTD_compressBound(b->fill);
    uint8_t *out = arena_alloc(&b->arena, room);
    size_t n;

    if (b->fill == 0)
        return;
    if (b->npieces == ARRAY_LEN(b->pieces))
        die("managed_policies.txt", "too many pieces");
    n = ZSTD_compress(out, room, b->piece, b->fill, LEVEL);
    if (ZSTD_isError(n) || fwrite(out, 1, n, b->data) != n)
        die("managed_policies.zst", "cannot be written");
    b->pieces[b->npieces].at = b->at;
    b->pieces[b->npieces].len = n;
    b->pieces[b->npieces++].text_len = b->fill;
    b->at += n;
    b->fill = 0;
}

static void add(struct build *b, struct slice line)
{
    size_t tab;
    const char *arn;

    if (!slice_find(line, SLICE_LIT("\t"), &tab))
        die("managed_policies.txt", "a line without a tab");
    arn = arena_strndup(&b->arena, (struct slice){line.data, tab});
    if (b->last != NULL && strcmp(b->last, arn) >= 0)
        die(arn, "out of order");
    b->last = arn;
    line = slice_from(line, tab + 1);
    if (b->fill + line.len > PIECE)
        flush(b);
    if (line.len > PIECE)
        die(arn, "longer than a piece");
    fprintf(b->table, "    {\"%s\", %zu, %zu, %zu},\n", arn, b->npieces, b->fill, line.len);
    memcpy(b->piece + b->fill, line.data, line.len);
    b->fill += line.len;
    b->nrows++;
}

/* "# Source: https://github.com/OWNER/NAME, FOLDER, commit HEX of DATE;" */
static void origin(struct build *b, struct slice line)
{
    const struct slice word = SLICE_LIT("https://github.com/");
    size_t at;

    if (!slice_starts(line, "# Source: ") || !slice_find(line, word, &at))
        return;
    line = slice_from(line, at + word.len);
    if (slice_ends(line, ";"))
        line.len--;
    fprintf(b->table, "const char iam_managed_origin[] = \"%.*s\";\n", (int)line.len,
            (const char *)line.data);
}

static void each_line(struct build *b, struct slice text, bool comments)
{
    size_t end;

    while (text.len > 0) {
        struct slice line = text;

        if (slice_find(text, SLICE_LIT("\n"), &end))
            line.len = end;
        text = slice_from(text, line.len + 1);
        if (comments && slice_starts(line, "#"))
            origin(b, line);
        else if (!comments && !slice_starts(line, "#") && line.len > 0)
            add(b, line);
    }
}

int main(int argc, char **argv)
{
    struct build b = {.nrows = 0};
    struct slice text;
    struct err e = {0};
    FILE *s;

    if (argc != 3)
        return fprintf(stderr, "usage: managed_build OUTDIR FILE\n"), 2;
    arena_init(&b.arena);
    if (!file_read(argv[2], LIMIT_POLICY_BYTES, &b.arena, &text, &e))
        die(argv[2], e.text);
    b.piece = arena_alloc(&b.arena, PIECE);
    b.table = create(argv[1], "managed_policies.c");
    b.data = create(argv[1], "managed_policies.zst");
    fprintf(b.table, "#include \"policies/iam/aws/iam_managed_table.h\"\n");
    each_line(&b, text, true);
    fprintf(b.table, "const struct iam_managed_row iam_managed_rows[] = {\n");
    each_line(&b, text, false);
    flush(&b);
    fprintf(b.table,
            "};\nconst size_t iam_managed_nrows = %zu;\n"
            "const struct iam_managed_piece iam_managed_pieces[] = {\n",
            b.nrows);
    for (size_t i = 0; i < b.npieces; i++)
        fprintf(b.table, "    {%zu, %zu, %zu},\n", b.pieces[i].at, b.pieces[i].len,
                b.pieces[i].text_len);
    fprintf(b.table, "};\n");
    s = create(argv[1], "managed_policies.S");
    fprintf(s,
            ".section .note.GNU-stack,\"\",@progbits\n.section .rodata\n.balign 16\n"
            ".globl iam_managed_data\niam_managed_data: .incbin \"%s/managed_policies.zst\"\n",
            argv[1]);
    if (fclose(b.table) != 0 || fclose(b.data) != 0 || fclose(s) != 0)
        die(argv[1], "cannot be written");
    arena_release(&b.arena);
    return 0;
}
