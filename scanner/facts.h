#ifndef SCANNER_FACTS_H
#define SCANNER_FACTS_H
/*
 * The vocabulary of facts: what was read, without an opinion. A fact is one resource; a set holds
 * the facts of a run and the coverage ledger that says, for each input, what became of each of its
 * bytes. Schema: docs/facts.schema.json.
 */
#include "base/value.h"

/* Where a fact or a gap is. Strings live in the arena of the set; NULL means "does not apply". */
struct fact_location {
    /* name of the input as the operator gave it: "oci:build/serving", "build/plan.json" */
    const char *input;
    /* inside it: "layer sha256:ab12…/etc/shadow", "model.pt!archive/data.pkl"; or NULL */
    const char *path;
    uint32_t line;   /* from 1; 0 for none */
    uint64_t offset; /* bytes in `path` (else in `input`); ERR_NO_OFFSET for none */
};

struct fact {
    /* image | model | terraform | cloudformation | pipeline | iam | catalog | trust | signature */
    const char *source;
    /* "image.config", "aws_s3_bucket", "AWS::S3::Bucket", "pipeline", "dataset", ... */
    const char *type;
    /* unique within (subject, source, type): "aws_s3_bucket.data", "/usr/bin/su" */
    const char *address;
    const char *name;    /* the short name people use, or the address */
    const char *subject; /* subject it belongs to, as the operator gave it */
    struct fact_location at;
    const struct value *attributes; /* always a map */
};

/*
 * One line of the coverage ledger: one stream of bytes (a blob, a layer's tar, a member, a
 * file). The parts always sum to `bytes`:
 *   parsed   a parser gave the bytes meaning (headers, manifests, configuration, pickle opcodes)
 *   scanned  content that was hashed and searched (files of an image)
 *   opaque   content that the format declares to be plain data, not interpreted (tensors,
 *            padding): it is covered by the digest of this line, or, where the line has none, by
 *            that of the container's, in which the bytes lie as they are
 *   unread   bytes nobody looked at: `reason` says why, and the verdict cannot be allow
 */
enum coverage_status { COVERAGE_READ, COVERAGE_PARTIAL, COVERAGE_UNREADABLE, COVERAGE_IGNORED };

struct coverage {
    const char *subject;
    const char *input; /* as in fact_location */
    const char *path;  /* inside it, or NULL for the input itself */
    /* "oci.manifest", "layer.tar+gzip", "pickle", "terraform-plan", "unknown" */
    const char *format;
    /* "sha256:…" of the bytes; NULL when they could not all be read, when the container's digest
     * covers them, or when no digests were asked for (a line of status IGNORED says so) */
    const char *digest;
    uint64_t bytes, parsed, scanned, opaque, unread;
    /* READ: all parts known; PARTIAL: some; UNREADABLE: none; IGNORED: not
     * asked for, and said so */
    enum coverage_status status;
    const char *code;   /* err_code_name of the cause when not READ, else NULL */
    const char *reason; /* one sentence when not READ, else NULL */
    uint32_t line;      /* of the cause, or 0 */
    uint64_t offset;    /* of the cause, or ERR_NO_OFFSET */
};

/* A remark that does not make the answer incomplete: an unknown key, a key
 * with a space. Kept in the ledger. */
struct notice {
    const char *subject;
    struct fact_location at;
    const char *text;
};

/* What was asked about: one subject, named by digest. */
struct subject {
    const char *name; /* as given: "oci:build/serving" */
    const char *kind; /* image | model | terraform | cloudformation | pipeline | iam | catalog */
    /* resource uri for attestations: "oci:build/serving@sha256:…" or the path */
    const char *uri;
    /* "sha256:…": manifest digest of an image, file digest, or tree digest of
     * a directory; NULL when unreadable */
    const char *digest;
};

struct facts {
    struct arena *arena;     /* everything below lives here */
    struct value_pool *pool; /* what they have in common; NULL: nothing was added yet */
    struct fact *facts;
    size_t nfacts;
    struct coverage *coverage;
    size_t ncoverage;
    struct notice *notices;
    size_t nnotices;
    struct subject *subjects;
    size_t nsubjects;
};

void facts_init(struct facts *f, struct arena *a);

/* Each copies what it is given into the set's arena; what is said again and again is kept once. */
void facts_add(struct facts *f, const struct fact *fact);
void facts_cover(struct facts *f, const struct coverage *c);
void facts_note(struct facts *f, const struct notice *n);
void facts_subject(struct facts *f, const struct subject *s);

/* Sorts everything: facts by (subject, source, type, address, path,
 * offset), coverage and notices by place. */
void facts_sort(struct facts *f);

/*
 * A fact as a value, exactly what rules see as `resource` and `inspect` prints:
 * {source, type, address, name, subject, file, path, line, offset, attributes,
 * tags}; `tags` is a map of strings made from
 * attributes.tags / tags_all / Tags / TagSet in either map or
 * list-of-{Key,Value} form, {} when there are none. It borrows the texts of the fact.
 */
const struct value *facts_resource(const struct fact *fact, struct arena *a);
/* A line of the ledger likewise. */
const struct value *facts_coverage_value(const struct coverage *c, struct arena *a);

/* "read", "partial", "unreadable", "ignored" */
const char *facts_coverage_status(enum coverage_status s);
#endif
