#include "reports/columns.h"

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/limits.h"
#include "reports/report_pen.h"
#include "tests/lib/cases.h"

static const struct {
    const char *what, *text;
    size_t columns;
} texts[] = {
    {"nothing", "", 0},
    {"letters", "model.pkl", 9},
    {"umlauts", "übergröße", 9},
    {"an accent on its own", "e\xcc\x81", 1},
    {"ideographs", "模型权重", 8},
    {"ideographs and letters", "模型.pkl", 8},
    {"hangul", "한글", 4},
    {"kana", "モデル", 6},
    {"half-width kana", "ﾓﾃﾞﾙ", 4},
    {"full-width letters", "ＡＢ", 4},
    {"a picture", "\xf0\x9f\xa4\x97", 2},
    {"Cyrillic", "модель", 6},
    {"the last of a block", "\xed\x9e\xa3", 2},
    {"behind the last of a block", "\xed\x9e\xb0", 1},
    {"bad bytes", "\xff\xfe", 2},
};
CASES(columns, counts_as_a_terminal_does, texts)
{
    cr_expect_eq(columns_of(slice_str(texts[*case_index].text)), texts[*case_index].columns, "%s",
                 texts[*case_index].what);
}

#define WORD "模型模型模"

/* A word takes ten columns. */
Test(columns, lines_are_wrapped_by_them)
{
    static const char words[] = WORD " " WORD " " WORD " " WORD;
    static const char want[] = WORD " " WORD " " WORD "\n" WORD "\n"
                                    "  件 " WORD " " WORD " " WORD "\n     " WORD "\n";
    struct report_pen pen = {.width = 40};
    struct buf b;

    buf_init(&b, LIMIT_REPORT_BYTES);
    pen.out = &b;
    report_pen_line(&pen, 0, "", slice_str(words));
    report_pen_line(&pen, 2, "件 ", slice_str(words));
    buf_u8(&b, '\0');
    cr_expect_str_eq((const char *)b.data, want);
    buf_release(&b);
}
