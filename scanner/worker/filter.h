#ifndef SCANNER_WORKER_FILTER_H
#define SCANNER_WORKER_FILTER_H
/* The system calls of a worker: an allow-list, anything else kills the process at once. */
#include "base/err.h"

MUST_CHECK bool filter_load(struct err *e);
#endif
