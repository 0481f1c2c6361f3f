#ifndef SCANNER_IMAGE_REFERRERS_H
#define SCANNER_IMAGE_REFERRERS_H
/*
 * What a layout holds about its images: manifests with a subject, build attestations, and
 * signatures in the shapes that cosign writes (tags sha256-<hex>.sig and .att, or referrers).
 * Nothing is verified here. SPEC: image-spec v1.1 manifest.md, "subject"; cosign SIGNATURE_SPEC.md
 * and BUNDLE_SPEC.md.
 */
#include "scanner/image/layout.h"

/* Tells `image.referrer` and `image.signature.candidate`. A signature that
 * cannot be read is a gap in the ledger. */
void referrers_tell(struct layout *l);
#endif
