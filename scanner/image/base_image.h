#ifndef SCANNER_IMAGE_BASE_IMAGE_H
#define SCANNER_IMAGE_BASE_IMAGE_H
/*
 * Which entry of the catalogue of base images an image was built on: the one whose diff ids are the
 * longest prefix of the image's. Names and annotations count for nothing here, they are only told.
 */
#include "scanner/image/image_config.h"
#include "scanner/image/inventory.h"

struct base_image {
    const struct value *entry; /* of the catalogue; NULL: none matches */
    size_t nlayers;
};

/* base_image_match(catalogue, config): `catalogue` is a list of maps, or NULL. Entries of another
 * platform and entries of nothing but empty layers do not match. Of several with the same layers
 * a revoked one counts, else the first. */
struct base_image base_image_match(const struct value *catalogue, const struct image_config *c);

struct base_image_claim {
    const char *name, *digest; /* annotations org.opencontainers.image.base.*; NULL when absent */
    bool verified;             /* every layer of the base was read and is what it says */
};

/* Tells the fact `image.base`. */
void base_image_tell(const struct base_image *base, const struct base_image_claim *claim,
                     struct inventory *v);
#endif
