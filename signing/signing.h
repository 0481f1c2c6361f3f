#ifndef SIGNING_SIGNING_H
#define SIGNING_SIGNING_H
/*
 * What goes out: in-toto Statement v1 in DSSE, bare or in a Sigstore bundle v0.3. What comes in
 * again: verification for the deploy stage. SPEC: in-toto attestation framework v1; DSSE v1.0.2
 * protocol.md; SLSA VSA v1; Sigstore bundle v0.3.
 */
#include "base/buf.h"
#include "base/digest.h"
#include "base/value_doc.h"

/* ---- keys ---- */
struct key; /* a private or a public key; freed (and wiped) with key_free */

enum key_kind { KEY_ECDSA_P256, KEY_ECDSA_P384, KEY_ED25519, KEY_RSA_PSS };

/*
 * key_private("env://NAME" | "file:PATH" | PATH, ...): PEM PKCS#8, plain or encrypted; the
 * password comes from `password` (may be NULL: then SALLYPORT_KEY_PASSWORD). RSA keys below 3072
 * bits, other curves, and files that group or others may use are refused. Key bytes are wiped when
 * done.
 */
MUST_CHECK bool key_private(const char *ref, const char *password, struct key **out, struct err *e);
/* key_public(ref): the same of a public key, PEM SubjectPublicKeyInfo. */
MUST_CHECK bool key_public(const char *ref, struct key **out, struct err *e);
MUST_CHECK bool key_public_pem(struct slice pem, struct key **out, struct err *e);
/* The public half, as key_public_pem reads it; false when OpenSSL cannot. */
MUST_CHECK bool key_public_write(const struct key *k, struct buf *pem);
void key_free(struct key *k);
enum key_kind key_kind(const struct key *k);
const char *
key_kind_name(enum key_kind kind); /* "ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-pss" */
/* keyid: hex SHA-256 of the DER SubjectPublicKeyInfo; 64 digits + NUL */
void key_id(const struct key *k, char out[65]);
/*
 * key_generate(kind, password, private_pem, public_pem): password NULL writes plain PKCS#8.
 * Buffers are the caller's, initialised.
 */
MUST_CHECK bool key_generate(enum key_kind kind, const char *password, struct buf *private_pem,
                             struct buf *public_pem, struct err *e);
/*
 * Raw signatures: ECDSA is DER; P-256 with SHA-256, P-384 with SHA-384; Ed25519 pure; RSA-PSS
 * SHA-256, salt 32.
 */
MUST_CHECK bool key_sign(const struct key *k, struct slice message, struct buf *sig, struct err *e);
MUST_CHECK bool key_verify(const struct key *k, struct slice message, struct slice sig,
                           struct err *e);

/* ---- statements ---- */
/* The member of a predicate that holds our extension; in-toto wants such names to be URIs. */
#define STATEMENT_EXTENSION "urn:sallyport:verdict:v1"
/* Our value in verifiedLevels: the gate's policy passed. It never begins with SLSA_. */
#define STATEMENT_LEVEL "SALLYPORT_GATE"
#define PREDICATE_VSA "https://slsa.dev/verification_summary/v1"
#define PREDICATE_TEST_RESULT "https://in-toto.io/attestation/test-result/v0.1"
#define PAYLOAD_TYPE_INTOTO "application/vnd.in-toto+json"

/*
 * statement_vsa / statement_test_result: JSON bytes of a Statement made from a verdict document
 * (policies/policy.h). The VSA has one subject; the test result has all. `index` is the subject
 * of the verdict. A test result that `out` does not hold is abridged: what passed is named by its
 * rule alone, and outcomes and ledger hold only what did not pass and was not read whole; all of it
 * is in the verdict, whose digest it names. allow -> PASSED; deny and unverifiable -> FAILED; a
 * report-only verdict never gives PASSED.
 */
struct statement_options {
    const char *verifier_id; /* URI of who decides; not empty */
    const char *policy_uri;  /* NULL = "urn:sallyport:policy" */
    const char *verdict_hex; /* of statement_verdict_digest; NULL: made for each statement */
};

/*
 * statement_verdict_json(verdict, out): the one serialisation of a verdict document whose
 * SHA-256 statements name; the file `-o json` holds exactly these bytes, so `sha256sum
 * verdict.json` is the digest in the statement.
 */
MUST_CHECK bool statement_verdict_json(const struct value_doc *verdict, struct buf *out,
                                       struct err *e);
/* Their SHA-256. */
MUST_CHECK bool statement_verdict_digest(const struct value_doc *verdict, struct digest *out,
                                         struct err *e);
MUST_CHECK bool statement_vsa(const struct value_doc *verdict, size_t index,
                              const struct statement_options *opt, struct buf *out, struct err *e);
MUST_CHECK bool statement_test_result(const struct value_doc *verdict,
                                      const struct statement_options *opt, struct buf *out,
                                      struct err *e);

/* ---- envelopes ---- */
MUST_CHECK bool dsse_sign(struct slice payload, const char *payload_type, const struct key *k,
                          struct buf *out, struct err *e); /* the bare envelope */
/* A bundle around the same envelope: publicKey.hint = keyid, no log entries. */
MUST_CHECK bool bundle_wrap(struct slice dsse, const struct key *k, struct buf *out, struct err *e);
/* The same as the tools of Model Signing want it: the hint is the SHA-256 of the key's PEM text. */
MUST_CHECK bool bundle_wrap_model(struct slice dsse, const struct key *k, struct buf *out,
                                  struct err *e);

/* ---- verification ---- */
struct verify_options {
    struct key *const *keys; /* any of them; distinct keys count once */
    size_t nkeys;
    unsigned threshold;           /* 0 = 1 */
    const char *subject_digest;   /* "sha256:…": must be among the subjects */
    const char *predicate_type;   /* NULL = PREDICATE_VSA */
    const char *verifier_id;      /* exact; NULL = any (a weakening; the caller says so) */
    const char *policy_digest;    /* "sha256:…" exact; NULL = any */
    const char *resource_uri;     /* exact; NULL = any */
    int64_t now, max_age_seconds; /* max_age 0 = any age; a time in the future is refused */
    bool foreign; /* read what other tools write too: docs/signing.md says what is let through */
};

/* Why it was refused; stable names for scripts. VERIFY_OK is acceptance. */
enum verify_reason {
    VERIFY_OK,
    VERIFY_MALFORMED, /* not an envelope, a bundle or a statement */
    VERIFY_NO_SIGNATURE,
    VERIFY_UNKNOWN_KEY,   /* no signature by a trusted key */
    VERIFY_BAD_SIGNATURE, /* by a trusted key, and it does not hold */
    VERIFY_PAYLOAD_TYPE,
    VERIFY_PREDICATE_TYPE,
    VERIFY_SUBJECT,
    VERIFY_VERIFIER,
    VERIFY_POLICY,
    VERIFY_RESOURCE,
    VERIFY_TIME, /* missing, unreadable or in the future */
    VERIFY_TOO_OLD,
    VERIFY_RESULT /* a valid "no" */
};

struct verify_result {
    enum verify_reason reason;
    char text[512]; /* one sentence for people */
    char keyid[65];
    const struct value *statement; /* in the arena; only when the signature held */
};

/*
 * True when the file was accepted; false with result->reason otherwise (never a crash, whatever
 * the bytes). Every byte of the file counts: it must be exactly what dsse_sign or bundle_wrap
 * write for its values, unless `foreign` is set. Signatures by keys that are not trusted are
 * passed over, as DSSE says; one by a trusted key that does not hold is refused. Predicates
 * other than our two have no verifier, policy or result: asking for one of these is refused,
 * never passed over.
 */
bool verify_attestation(struct slice file, const struct verify_options *opt, struct arena *a,
                        struct verify_result *result);
const char *verify_reason_name(enum verify_reason r); /* "bad-signature", ... */
#endif
