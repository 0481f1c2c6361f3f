#ifndef SCANNER_FORMATS_XML_H
#define SCANNER_FORMATS_XML_H
/*
 * A strict scan of XML's tags without an XML library: nothing is expanded, fetched or built. It
 * reads forward, in bounded memory, and reports to its caller what a real parser would act on.
 * SPEC: XML 1.0, 5th edition; what is checked is the prolog, the nesting of tags, attribute syntax
 * and characters, not validity.
 */
#include "scanner/formats/feed.h"

enum xml_encoding { XML_UTF8, XML_UTF16LE, XML_UTF16BE, XML_BYTES /* a superset of ASCII */ };

struct xml_attribute {
    struct slice name, value; /* UTF-8; the value's first LIMIT_XML_TEXT bytes, not expanded */
};

#define XML_ATTRIBUTES 64 /* kept of one tag; more are checked and counted */

struct xml {
    struct feed *feed; /* borrowed */
    struct arena *arena;
    struct reader r;
    enum xml_encoding encoding;
    struct slice declared; /* the encoding that the declaration names, or empty */
    bool doctype;
    uint64_t entities;   /* "<!ENTITY" anywhere in the document type */
    uint64_t references; /* to entities that XML itself does not define */
    uint64_t elements;
    unsigned depth, deepest; /* open elements; the most there were */
    uint64_t line;
    struct slice tag; /* of the element or processing instruction that is told */
    struct xml_attribute attributes[XML_ATTRIBUTES];
    size_t nattributes;
    uint8_t *text; /* of tag and attributes */
    size_t used;
    uint8_t *names; /* of the open elements, one behind the other */
    size_t names_used;
    uint16_t *lengths; /* of each open element's name */
    uint64_t at;       /* offset of the tag that is told */
};

/* Told of each start tag (`instruction` false) and each processing instruction but the XML
 * declaration, whose data is the value of its only attribute. */
typedef void xml_told(void *to, const struct xml *x, bool instruction);

/* xml_scan: from the beginning to the end of the feed. `x` is filled in also on failure. */
MUST_CHECK bool xml_scan(struct xml *x, xml_told *told, void *to, struct err *e);
/* The value of an attribute of the current tag, or the empty slice. */
struct slice xml_attribute(const struct xml *x, const char *name);
/* A name without its prefix. */
struct slice xml_local(struct slice name);
#endif
