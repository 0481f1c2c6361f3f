#ifndef SCANNER_INPUT_INPUT_H
#define SCANNER_INPUT_INPUT_H
/*
 * The parent's half of reading: it names and opens files and looks into none of them. An input is a
 * list of entries (name, size), sorted by name; a worker asks for the descriptor of an entry by its
 * index. Folders are walked with openat2 beneath the root: no symbolic link is followed (a link, a
 * socket, a device is listed with what it is and cannot be opened). One line in inputs.def a kind.
 */
#include "base/arena.h"
#include "base/err.h"

enum input_entry_kind { ENTRY_FILE, ENTRY_SYMLINK, ENTRY_OTHER };

struct input_entry {
    const char *name; /* relative, '/'-separated; any bytes but NUL */
    uint64_t size;    /* bytes at the time of listing */
    enum input_entry_kind kind;
    uint32_t mode;
};

struct input {
    const char *spec;   /* as given, prefix included; a guessed one gets its prefix */
    const char *scheme; /* oci | oci-archive | docker-archive | dir | file */
    const char *path;   /* without prefix and without reference */
    /* what follows the last ':' of "oci:dir:tag" or '@' of "oci:dir@sha256:…", or NULL */
    const char *ref;
    bool guessed; /* the scheme was probed, tell the operator */
    struct input_entry *entries;
    size_t nentries;
    int root; /* descriptor of the folder (O_PATH) or the file; owned */
};

/* input_open(spec, a, in, e): "oci:", "oci-archive:", "docker-archive:", "dir:", "file:" or a bare
 * path, which is probed (a folder with "oci-layout" is oci; a tar whose first members say so is an
 * archive; any other file is file; any other folder dir). Errors do not name the input. */
MUST_CHECK bool input_open(const char *spec, struct arena *a, struct input *in, struct err *e);
void input_release(struct input *in);

/* A new descriptor for reading entry i, opened beneath the root; the caller closes. Only
 * regular files. ERR_IO names the file. */
MUST_CHECK bool input_entry_open(const struct input *in, size_t i, int *fd, struct err *e);

/* For `help inputs`. */
struct input_scheme {
    const char *name, *summary;
};
extern const struct input_scheme input_schemes[]; /* ends with a NULL name */
#endif
