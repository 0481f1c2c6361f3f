#ifndef GATE_FINISH_H
#define GATE_FINISH_H
/* How a verb ends: reports written, the exit status chosen, errors told. */
#include "gate/command.h"
#include "gate/run.h"

/* Writes every report asked for; text to standard output when none was. */
MUST_CHECK bool finish_reports(const struct run *r, const struct gate_config *c, struct err *e);
int finish_status(const struct run *r, const struct gate_config *c);
int finish_error(const struct err *e, const char *hint);
int finish_help(const char *verb);
#endif
