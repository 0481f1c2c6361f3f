#ifndef SCANNER_IMAGE_SOFTWARE_H
#define SCANNER_IMAGE_SOFTWARE_H
/* Facts from files of the final tree that have a parser: `image.os`,
 * `image.package`, `image.user`, `image.shadow`. */
#include "scanner/image/inventory.h"

/* One ledger line a file; what cannot be parsed is a gap. */
void software_tell(struct inventory *v);
#endif
