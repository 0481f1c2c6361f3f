#ifndef SCANNER_INPUT_LZ4_FRAMES_H
#define SCANNER_INPUT_LZ4_FRAMES_H
/* Where the frames of an lz4 stream end. SPEC: LZ4 Frame Format Description 1.6.4. */
#include "scanner/input/source.h"

/* lz4_frames_end(s, end, e): the offset behind the last of the frames that follow each other from
 * the start of `s`; only headers are looked at. ERR_FORMAT: a frame is cut short. */
MUST_CHECK bool lz4_frames_end(struct source *s, uint64_t *end, struct err *e);
#endif
