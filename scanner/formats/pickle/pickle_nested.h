#ifndef SCANNER_FORMATS_PICKLE_PICKLE_NESTED_H
#define SCANNER_FORMATS_PICKLE_PICKLE_NESTED_H
/* Files that a pickle holds in bytes values and gives to torch.storage._load_from_bytes. */
#include "scanner/formats/pickle/pickle.h"

/* Scans each as a stream of its own, storage-OFFSET.pt. False when one could not be, or when going
 * back in the source is costly: nobody knows then what is loaded. */
MUST_CHECK bool pickle_nested_scan(const struct format_input *in, const struct pickle *p);
#endif
