#ifndef SCANNER_FORMATS_COMPANIONS_H
#define SCANNER_FORMATS_COMPANIONS_H
/*
 * Files of a folder that hold the numbers of a model beside them: bytes without any format, which
 * only the model can vouch for; or parts of files, which only it places. Models that name such
 * files are read first (companions_speaks).
 */
#include "scanner/formats/format.h"
#include "scanner/formats/names.h"
#include "scanner/formats/zarr/grid.h"

/* A part of a file beside, as the metadata of a checkpoint gives it. */
struct companion_range {
    uint32_t file; /* number of its path in `ranged` */
    uint64_t offset, length;
};

struct companions {
    struct names paths;
    struct names ranged; /* files that have ranges */
    struct companion_range *ranges;
    size_t nranges;
    struct grids grids;
};

void companions_init(struct companions *c, struct arena *a);

/* May a file of this name name others? */
bool companions_speaks(const char *name);

/* The stream `in`, a file of the folder, says that `location`, relative to its own folder, holds
 * raw numbers. Gives the path of that file, as format_input has it; NULL when the location is
 * anything but a plain path below that folder. Past the cap it is not kept: what nobody vouches for
 * is a gap of the ledger. */
const char *companions_add(const struct format_input *in, struct slice location);

/* The same for a part of a file that has a format of its own, and is not raw numbers: NULL also
 * when it is not kept, past LIMIT_TENSORS. */
const char *companions_range(const struct format_input *in, struct slice location, uint64_t offset,
                             uint64_t length);

/* Files of the folder `below` (a path that ends with '/', or "") of the stream's own folder are
 * those of `item`. False when they lie elsewhere, are in an archive, or past the cap. */
bool companions_grid(const struct format_input *in, struct slice below, const struct grid *item);

/* Did a model name the file at `path`, as format_input has it? */
bool companions_has(const struct companions *c, const char *path);
#endif
