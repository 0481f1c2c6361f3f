#ifndef SCANNER_WORKER_FILTER_H
#define SCANNER_WORKER_FILTER_H
/* The system calls of a worker, all its threads: an allow-list, anything else kills the process. */
#include "base/err.h"

MUST_CHECK bool filter_load(struct err *e);
#endif
