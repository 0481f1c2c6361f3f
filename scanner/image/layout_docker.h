#ifndef SCANNER_IMAGE_LAYOUT_DOCKER_H
#define SCANNER_IMAGE_LAYOUT_DOCKER_H
/* The manifest.json of `docker save`: a list of {Config, RepoTags, Layers}. */
#include "scanner/image/layout.h"

/* The image of an archive that has nothing else. Its digest is that of its
 * configuration (the "image id"). */
MUST_CHECK bool layout_docker_choose(struct layout *l, struct err *e);

/* An archive that is an OCI layout too: manifest.json must list the chosen image
 * with the same configuration and layers. */
MUST_CHECK bool layout_docker_agrees(struct layout *l, struct err *e);
#endif
