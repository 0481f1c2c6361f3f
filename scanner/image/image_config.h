#ifndef SCANNER_IMAGE_IMAGE_CONFIG_H
#define SCANNER_IMAGE_IMAGE_CONFIG_H
/* The configuration of an image. SPEC: image-spec v1.1 config.md; docker's image spec
 * v1.2 for Healthcheck, Shell and OnBuild. */
#include "base/digest.h"
#include "base/value.h"

struct image_config {
    const struct value *doc;    /* the whole document, a map */
    const struct value *config; /* its "config", or NULL */
    struct digest *diff_ids;
    const char **diff_id_texts;
    size_t ndiff_ids;
    const struct value *history;             /* a list, or NULL */
    const char *os, *architecture, *variant; /* NULL when not given */
};

/* image_config_parse(text, a, out, e): checks the types of everything that is
 * told later. Errors name line and offset. */
MUST_CHECK bool image_config_parse(struct slice text, struct arena *a, struct image_config *out,
                                   struct err *e);

/* The attributes of `image.config`, secrets still in them; `digest` of the document. */
const struct value *image_config_attributes(const struct image_config *c, const char *digest,
                                            struct arena *a);

/* Does the user of the image have id 0: empty, root, 0, 0:…? */
bool image_config_is_root(struct slice user);
#endif
