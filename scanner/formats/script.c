#include "scanner/formats/script.h"

#include <string.h>

#include "base/limits.h"

/* "#!" and something behind it; alone it is a word of a vocabulary. */
static bool names_program(struct slice line)
{
    for (size_t i = 2; slice_starts(line, "#!") && i < line.len; i++)
        if (line.data[i] > ' ')
            return true;
    return false;
}

const char *script_language(struct slice head, const char *name)
{
    static const struct {
        const char *end, *language;
    } ends[] = {
        {".py", "python"},      {".pyw", "python"},      {".sh", "shell"}, {".bash", "shell"},
        {".js", "javascript"},  {".rb", "ruby"},         {".pl", "perl"},  {".ps1", "powershell"},
        {".bat", "batch"},      {".lua", "lua"},         {".r", "r"},      {".cmd", "batch"},
        {".mjs", "javascript"}, {".vbs", "vbscript"},    {".php", "php"},  {".zsh", "shell"},
        {".pyx", "python"},     {".psm1", "powershell"},
    };
    static const struct {
        const char *word, *language;
    } words[] = {{"python", "python"}, {"bash", "shell"}, {"sh", "shell"},
                 {"perl", "perl"},     {"ruby", "ruby"},  {"node", "javascript"}};
    struct slice line = head;
    const uint8_t *nl;
    size_t at;

    if (slice_starts(head, "#!")) {
        nl = memchr(head.data, '\n', head.len);
        line.len = nl != NULL ? (size_t)(nl - head.data) : head.len;
    }
    if (names_program(line)) {
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            if (slice_find(line, slice_str(words[i].word), &at))
                return words[i].language;
        return "other";
    }
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (slice_ends(slice_str(name), ends[i].end))
            return ends[i].language;
    return NULL;
}

void script_tell(const struct format_input *in, const char *language)
{
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "language", value_str(a, language));
    value_map_add(&b, "container",
                  in->container != NULL ? value_str(a, in->container) : value_null(a, NULL));
    format_tell(in, "model.script", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}
