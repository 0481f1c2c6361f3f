#ifndef SCANNER_IMAGE_FILES_H
#define SCANNER_IMAGE_FILES_H
/* Facts about the merged tree: `image.tree`, and `image.file` for what rules ask
 * about. Call once all layers are read. */
#include "scanner/image/inventory.h"

/* `complete`: every layer was read to its end and a runtime would unpack all of it. */
void files_tell(struct inventory *v, bool complete);

/* Facts `image.secret` of files in any layer. */
void files_tell_secrets(struct inventory *v);

/* Is it a file of documentation, tests or examples by its path? */
bool files_is_example_path(struct slice path);
#endif
