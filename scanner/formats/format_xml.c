#include "scanner/formats/companions.h"
#include "scanner/formats/extension.h"
#include "scanner/formats/format.h"

#include <string.h>

#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/tally.h"
#include "scanner/formats/xml.h"

#define TOLD_PLACES 64 /* schema locations and instructions told of one document */

struct document_xml {
    const struct format_input *in;
    struct xml x;
    struct tally elements, operators;
    struct value_builder instructions, schemas;
    const char *root, *ns, *version; /* of the root element */
    const char *format;
    uint64_t includes, untold;
};

static bool starts_nocase(struct slice s, const char *word)
{
    for (size_t i = 0; word[i] != '\0'; i++)
        if (i >= s.len || (s.data[i] | 0x20) != ((uint8_t)word[i] | 0x20))
            return false;
    return true;
}

static bool named(const char *name)
{
    return slice_ends(slice_str(name), ".xml") || slice_ends(slice_str(name), ".pmml");
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* Pages of HTML 5 are no XML, but none of them has declarations in its document type. */
static bool is_html(struct slice s)
{
    const uint8_t *end;

    if (starts_nocase(s, "<html"))
        return true;
    if (!starts_nocase(s, "<!doctype html"))
        return false;
    end = memchr(s.data, '>', s.len);
    return end != NULL && memchr(s.data, '[', (size_t)(end - s.data)) == NULL;
}

static int probe(struct slice head, const char *name)
{
    const bool utf16 = slice_starts(head, "\xff\xfe") || slice_starts(head, "\xfe\xff");
    struct slice s = slice_starts(head, "\xef\xbb\xbf") ? slice_from(head, 3) : head;
    const bool marked = s.len < head.len;

    if (head.len >= 8 &&
        (memcmp(head.data, "\xff\xfe<\0", 4) == 0 || memcmp(head.data, "\xfe\xff\0<", 4) == 0 ||
         memcmp(head.data, "<\0?\0x\0", 6) == 0 || memcmp(head.data, "\0<\0?\0x", 6) == 0))
        return FORMAT_SURE;
    if (slice_starts(s, "<?xml") || slice_starts(head, "\x4c\x6f\xa7\x94"))
        return FORMAT_SURE + 10;
    while (s.len > 0 && (s.data[0] == ' ' || (s.data[0] >= '\t' && s.data[0] <= '\r')))
        s = slice_from(s, 1);
    if (is_html(s) && !named(name))
        return 0;
    if (slice_starts(s, "<?xml") || slice_starts(s, "<!DOCTYPE") || slice_starts(s, "<!ENTITY"))
        return FORMAT_SURE;
    if (named(name) && (marked || utf16 || s.len > 0))
        return FORMAT_SURE;
    if (slice_starts(s, "<!--") || (s.len > 1 && s.data[0] == '<' && letter(s.data[1])))
        return FORMAT_CLAIM;
    return 0;
}

static void add_place(struct document_xml *d, struct value_builder *list, struct slice text)
{
    if (list->n < TOLD_PLACES)
        value_list_add(list, format_string(d->in->scratch, text, LIMIT_XML_TEXT));
    else
        d->untold++;
}

/* SPEC: OpenVINO IR: the numbers are in a file of the same name that ends with ".bin". */
static void weights_beside(const struct format_input *in)
{
    const char *base = extension_base(in->path);
    const size_t n = strlen(base) - strlen(extension_of(base));

    (void)companions_add(in, slice_str(arena_printf(in->scratch, "%.*s.bin", (int)n, base)));
}

static void read_root(struct document_xml *d)
{
    const struct xml *x = &d->x;
    struct arena *a = d->in->scratch;
    const struct slice local = xml_local(x->tag);

    d->root = member_name(a, local);
    d->ns = arena_strndup(a, xml_attribute(x, "xmlns"));
    d->version = arena_strndup(a, xml_attribute(x, "version"));
    if (slice_is(local, "PMML"))
        d->format = "pmml";
    else if (slice_is(local, "net") && xml_attribute(x, "version").len > 0)
        d->format = "openvino";
    if (strcmp(d->format, "openvino") == 0)
        weights_beside(d->in);
}

/* Names of layers (OpenVINO) and of functions (PMML) are what a loader looks up. */
static void read_operator(struct document_xml *d, struct slice local)
{
    const struct xml *x = &d->x;
    const bool openvino = strcmp(d->format, "openvino") == 0;

    if (openvino && slice_is(local, "layer"))
        (void)tally_add(&d->operators, xml_attribute(x, "version"), xml_attribute(x, "type"),
                        x->at);
    else if (strcmp(d->format, "pmml") == 0 && slice_is(local, "Apply"))
        (void)tally_add(&d->operators, SLICE_LIT("function"), xml_attribute(x, "function"), x->at);
}

static void told(void *to, const struct xml *x, bool instruction)
{
    struct document_xml *d = to;
    const struct slice local = xml_local(x->tag);

    if (instruction) {
        add_place(d, &d->instructions, x->tag);
        return;
    }
    if (x->elements == 1)
        read_root(d);
    (void)tally_add(&d->elements, SLICE_LIT(""), local, x->at);
    read_operator(d, local);
    for (size_t i = 0; i < x->nattributes; i++) {
        const struct xml_attribute *at = &x->attributes[i];
        const struct slice name = xml_local(at->name);

        if (slice_is(name, "schemaLocation") || slice_is(name, "noNamespaceSchemaLocation"))
            add_place(d, &d->schemas, at->value);
        if ((slice_is(at->name, "xmlns") || slice_starts(at->name, "xmlns:")) &&
            slice_is(at->value, "http://www.w3.org/2001/XInclude"))
            d->includes++;
    }
}

static void tell(struct document_xml *d)
{
    static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "single-byte"};
    struct arena *a = d->in->scratch;
    struct value_builder b;

    tally_tell(&d->operators, d->in, d->format);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(d->in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "root", value_str(a, d->root));
    value_map_add(&b, "namespace", format_string(a, slice_str(d->ns), LIMIT_XML_TEXT));
    value_map_add(&b, "version", format_string(a, slice_str(d->version), LIMIT_XML_TEXT));
    value_map_add(&b, "encoding", value_str(a, encodings[d->x.encoding]));
    value_map_add(&b, "declared", format_string(a, d->x.declared, LIMIT_XML_TEXT));
    value_map_add(&b, "doctype", value_bool(a, d->x.doctype, NULL));
    value_map_add(&b, "entities", value_int(a, (int64_t)d->x.entities, NULL));
    value_map_add(&b, "entity_references", value_int(a, (int64_t)d->x.references, NULL));
    value_map_add(&b, "elements", value_int(a, (int64_t)d->x.elements, NULL));
    value_map_add(&b, "names", tally_map(&d->elements));
    value_map_add(&b, "depth", value_int(a, d->x.deepest, NULL));
    value_map_add(&b, "instructions", value_list_end(&d->instructions, NULL));
    value_map_add(&b, "schema_locations", value_list_end(&d->schemas, NULL));
    value_map_add(&b, "xinclude", value_bool(a, d->includes > 0, NULL));
    value_map_add(&b, "untold",
                  value_int(a, (int64_t)(d->untold + d->elements.lost + d->operators.lost), NULL));
    format_tell(d->in, "model.xml", NULL, ERR_NO_OFFSET, value_map_end(&b, NULL));
}

static bool parse(const struct format_input *in, struct format_cover *cover, struct err *e)
{
    struct document_xml d = {
        .in = in,
        .x = {.feed = in->feed, .arena = in->scratch},
        .root = "",
        .ns = "",
        .version = "",
        .format = "xml",
    };
    bool ok;

    tally_init(&d.elements, in->scratch);
    tally_init(&d.operators, in->scratch);
    value_list_begin(&d.instructions, in->scratch);
    value_list_begin(&d.schemas, in->scratch);
    ok = xml_scan(&d.x, told, &d, e);
    if (!ok && in->weak && e->code == ERR_FORMAT && !d.x.doctype) {
        cover->declined = true; /* another text that begins with a tag */
        return true;
    }
    cover->format = d.format;
    cover->parsed = d.x.r.offset;
    tell(&d);
    return ok;
}

const struct format format_xml = {
    .name = "xml",
    .summary = "XML: PMML, OpenVINO networks; tags are checked, nothing is expanded or fetched",
    .spec = "XML 1.0, fifth edition; PMML 4.4; OpenVINO IR 11",
    .begins = "<?xml",
    .probe = probe,
    .parse = parse,
};
