#ifndef SCANNER_FORMATS_COMPANIONS_H
#define SCANNER_FORMATS_COMPANIONS_H
/*
 * Files of a folder that hold the numbers of a model beside them: bytes without any format, which
 * only the model can vouch for. Models that name such files are read first (companions_speaks).
 */
#include "scanner/formats/format.h"
#include "scanner/formats/names.h"

struct companions {
    struct names paths;
};

void companions_init(struct companions *c, struct arena *a);

/* May a file of this name name others? */
bool companions_speaks(const char *name);

/* The stream `in`, a file of the folder, says that `location`, relative to its own folder, holds
 * raw numbers. Gives the path of that file, as format_input has it; NULL when the location is
 * anything but a plain path below that folder. Past the cap it is not kept: what nobody vouches for
 * is a gap of the ledger. */
const char *companions_add(const struct format_input *in, struct slice location);

/* Did a model name the file at `path`, as format_input has it? */
bool companions_has(const struct companions *c, const char *path);
#endif
