#include "scanner/formats/document.h"

#include <string.h>

#include "scanner/formats/extension.h"

#define DOCUMENT(name) extern const struct document document_##name;
#include "scanner/formats/documents.def"
#undef DOCUMENT

const struct document *const document_table[] = {
#define DOCUMENT(name) &document_##name,
#include "scanner/formats/documents.def"
#undef DOCUMENT
    NULL,
};

const char *document_tell(const struct format_input *in, const struct value *root)
{
    return document_tell_pieces(in, root, NULL);
}

const char *document_tell_pieces(const struct format_input *in, const struct value *root,
                                 struct json_pieces *pieces)
{
    char *name = arena_strdup(in->scratch, extension_base(in->path));
    struct document_input d = {in, name, root, pieces};
    const char *format = NULL;

    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    for (size_t i = 0; document_table[i] != NULL; i++) {
        const struct document *doc = document_table[i];

        if (!doc->is(&d))
            continue;
        doc->tell(&d);
        if (format == NULL)
            format = doc->format;
    }
    return format;
}
