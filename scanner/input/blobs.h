#ifndef SCANNER_INPUT_BLOBS_H
#define SCANNER_INPUT_BLOBS_H
/*
 * The worker's half of reading an image: bytes by name, whether the input is a folder (an OCI
 * layout: each entry is a blob) or one file that is a tar (oci-archive, docker-archive, plain or
 * compressed by gzip, zstd, bzip2 or xz). Opening an archive reads its headers once and makes an
 * index; nothing is unpacked. Links inside an archive are resolved by name within the archive only,
 * at most LIMIT_LINK_HOPS of them. Members that nobody asks for are kept account of, so that the
 * ledger names every byte.
 */
#include "scanner/input/source.h"
#include "scanner/sink.h"
#include "scanner/worker/worker.h"

struct blobs;

enum blobs_kind { BLOBS_FILE, BLOBS_LINK /* symbolic or hard */, BLOBS_FOLDER, BLOBS_OTHER };

struct blobs_member {
    const char *name; /* relative, no "./", no "//", no trailing '/'; any bytes but NUL */
    /* of a link: the name inside the archive that it stands for, resolved
     * one hop; NULL when it leads outside */
    const char *link;
    enum blobs_kind kind;
    uint64_t size; /* bytes of content */
    uint64_t at;   /* of the content, in the (decompressed) archive; 0 for a folder's entries */
    /* another member has the same name: readers differ on which one
     * counts, so finding it is an error */
    bool twice;
    bool asked; /* blobs_find gave it out */
};

/*
 * blobs_open(w, out, e): over the input of the worker: one entry that is a file is an archive
 * (input scheme oci-archive or docker-archive), any other scheme is its list of entries. ERR_FORMAT
 * when the archive is not a tar, is cut short or has more than zeros behind its end. Everything
 * lives until blobs_free.
 */
MUST_CHECK bool blobs_open(struct worker *w, struct blobs **out, struct err *e);
/* The same over a tar in a source (borrowed), for tests and for archives within archives. */
MUST_CHECK bool blobs_over(struct source *archive, struct blobs **out, struct err *e);
void blobs_free(struct blobs *b);

/*
 * blobs_find(b, name, out, len, e): lends the bytes of `name` (until blobs_free; asking twice gives
 * the same source) and their length. `name` is cleaned first ("./blobs/sha256/…" is found); links
 * are followed. ERR_FORMAT "no file named …" when there is none (blobs_has tells first); also for
 * a name that occurs twice, for a link that leads out, hangs or runs in circles, and for anything
 * that is not a regular file.
 */
MUST_CHECK bool blobs_find(struct blobs *b, const char *name, struct source **out, uint64_t *len,
                           struct err *e);
/* Is there a member of this name, of any kind? Asks for nothing. */
bool blobs_has(const struct blobs *b, const char *name);

/* All members, sorted by name bytes. */
size_t blobs_count(const struct blobs *b);
const struct blobs_member *blobs_member(const struct blobs *b, size_t i);

/*
 * blobs_account(b, sink, reason): call once, at the end. Ledger lines for what the
 * parsers of the blobs do not tell themselves:
 *   - of an archive, the file itself (path NULL): structure of the tar as parsed, contents of
 *     members that were asked for as scanned
 *     (each has its own line from its parser), the others as unread, with status READ or, when
 *     some were not asked for, IGNORED;
 *   - one IGNORED line for each regular file that nobody asked for, with `reason` ("no manifest of
 *     the chosen image names it"), and for each
 *     link, device or socket of a folder.
 */
void blobs_account(const struct blobs *b, struct sink *sink, const char *reason);
#endif
