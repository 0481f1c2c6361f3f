#ifndef SCANNER_FORMATS_SETTINGS_H
#define SCANNER_FORMATS_SETTINGS_H
/*
 * Settings that a server or a loader reads beside a model and that are neither JSON nor YAML: Java
 * properties, the text form of protobuf, sections of keys, lines of an instruction. Each becomes a
 * list of maps of one member, so that a key may stand there twice, and documents tell of it.
 */
#include "scanner/formats/format.h"

/* Is it a name that such settings have? `name` is in lower case. */
bool settings_file(const char *name);

/* The whole file as a value in in->scratch. False: it is none that its reader takes. */
MUST_CHECK bool settings_read(const char *name, struct slice text, struct arena *a,
                              const struct value **out, struct err *e);
#endif
