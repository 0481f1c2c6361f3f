#include "base/digest.h"
#include "signing/verify_model.h"
#include "tests/lib/cases.h"
#include "tests/unit/signing_support.h"

#define CONFIG "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define W "sha256:50e721e49c013f00c62cf59f2163542a9d8df02464efeb615d31051b0fddc326"

/* The model that fixtures/verify_model/make.sh signs. */
static const struct verify_model_file whole[] = {{"sub/w", W, false},
                                                 {"config.json", CONFIG, false}};
static const struct verify_model model = {.files = whole, .n = ARRAY_LEN(whole), .folder = true};

static struct verify_model_result verify(struct arena *a, const char *file,
                                         const struct verify_model *of)
{
    struct verify_model m = *of;
    struct key *key = support_public(a, "ed25519-a");
    struct candidate_key keys[] = {{"team", key, NULL}};
    struct verify_model_result r;
    bool done;

    m.keys = keys;
    m.nkeys = 1;
    done = verify_model_signature(
        support_file(a, arena_printf(a, "fixtures/verify_model/%s", file)), &m, a, &r);
    cr_expect_eq(done, r.told.verified);
    cr_expect_eq(done, strcmp(r.told.reason, "ok") == 0);
    key_free(key);
    return r;
}

struct statement_case {
    const char *file, *want, *text;
};

static const struct statement_case statement_cases[] = {
    {"good/files.json", "ok", "signed by team"},
    {"good/no-ignored.json", "ok", "signed by team"},
    {"good/ignores-nul.json", "ok", "signed by team"},
    {"good/bare.json", "ok", "signed by team"},
    {"bad/changed.json", "target", "config.json is not the file that was signed"},
    {"bad/root.json", "malformed", "the digest of the subject is not that of the resources"},
    {"bad/missing.json", "target", "sub/v was signed and is not there"},
    {"bad/unsigned.json", "target", "sub/w is not signed"},
    {"bad/twice.json", "malformed", "config.json is listed twice"},
    {"bad/empty.json", "malformed", "the statement lists no resources"},
    {"bad/no-digest.json", "malformed", "config.json has no digest of 64 hex digits"},
    {"bad/upper.json", "malformed", "config.json has no digest of 64 hex digits"},
    {"bad/no-name.json", "malformed", "a resource without a name"},
    {"bad/blake2.json", "unsupported", "config.json has another digest than sha256"},
    {"bad/shards.json", "unsupported", "the files are signed in shards, not as files"},
    {"bad/old.json", "type", "the signed payload is not a statement of Model Signing 1.0"},
    {"bad/statement.json", "type", "the signed payload is not a statement of Model Signing 1.0"},
    {"bad/subjects.json", "malformed", "the statement is not about one model"},
    {"bad/payload-type.json", "type", "the payload of the envelope is not an in-toto statement"},
    {"bad/ignores-like.json", "target", "sub/w is not signed"},
    {"bad/signature.json", "untrusted", "the envelope is signed by no trusted key"},
    {"bad/certificate.json", "malformed", "envelope: bundle: signed with a certificate"},
    {"bad/no-envelope.json", "malformed", "envelope: "},
};

CASES(signing_model, judges_statements, statement_cases)
{
    const struct statement_case *c = &statement_cases[*case_index];
    struct verify_model_result r;
    struct arena a;

    arena_init(&a);
    r = verify(&a, c->file, &model);
    cr_expect_str_eq(r.told.reason, c->want, "%s: %s: %s", c->file, r.told.reason, r.told.text);
    cr_expect(strncmp(r.told.text, c->text, strlen(c->text)) == 0, "%s: %s", c->file, r.told.text);
    cr_expect_eq(r.nleft_out, 0u);
    arena_release(&a);
}

struct model_case {
    const char *what;
    struct verify_model_file more; /* beside the two; name NULL: none */
    const char *signature, *missing;
    const char *want, *left_out;
};

static const struct model_case model_cases[] = {
    {"as signed", {NULL, NULL, false}, NULL, NULL, "ok", NULL},
    {"the signature", {"model.sig", W, false}, "model.sig", NULL, "ok", NULL},
    {"another signature", {"other.sig", W, false}, "model.sig", NULL, "target", NULL},
    {"a file more", {"evil.py", W, false}, NULL, NULL, "target", NULL},
    {"ignored", {"cache", W, false}, NULL, NULL, "ok", "cache"},
    {"below an ignored one", {"cache/x/y", W, false}, NULL, NULL, "ok", "cache/x/y"},
    {"an ignored one below", {"sub/cache", W, false}, NULL, NULL, "target", NULL},
    {"begins like an ignored one", {"cached", W, false}, NULL, NULL, "target", NULL},
    {"git", {".gitattributes", W, true}, NULL, NULL, "ok", NULL},
    {"git's folder", {".git/config", W, true}, NULL, NULL, "ok", NULL},
    {"git's folder below", {"sub/.git/config", W, false}, NULL, NULL, "target", NULL},
    {"like git", {".gitmodules", W, false}, NULL, NULL, "target", NULL},
    {"not all read", {NULL, NULL, false}, NULL, "symbolic links are not followed", "unknown", NULL},
};

CASES(signing_model, holds_files_against_it, model_cases)
{
    const struct model_case *c = &model_cases[*case_index];
    struct verify_model_file files[3] = {whole[0], whole[1], c->more};
    const struct verify_model m = {.files = files,
                                   .n = c->more.name != NULL ? 3 : 2,
                                   .folder = true,
                                   .signature = c->signature,
                                   .missing = c->missing};
    struct verify_model_result r;
    struct arena a;

    arena_init(&a);
    r = verify(&a, "good/files.json", &m);
    cr_expect_str_eq(r.told.reason, c->want, "%s: %s: %s", c->what, r.told.reason, r.told.text);
    cr_expect_eq(r.nleft_out, c->left_out != NULL ? 1u : 0u, "%s", c->what);
    if (c->left_out != NULL && r.nleft_out == 1)
        cr_expect_str_eq(r.left_out[0], c->left_out);
    arena_release(&a);
}

Test(signing_model, a_file_without_a_digest_is_not_known)
{
    const struct verify_model_file files[] = {{"config.json", CONFIG, false},
                                              {"sub/w", NULL, false}};
    const struct verify_model m = {.files = files, .n = ARRAY_LEN(files), .folder = true};
    struct arena a;

    arena_init(&a);
    cr_expect_str_eq(verify(&a, "good/files.json", &m).told.reason, "unknown");
    arena_release(&a);
}

/* The reason when a statement of one file of that name is held against m.bin. */
static const char *verify_single(struct arena *a, const char *name, bool folder)
{
    const struct verify_model_file file = {"m.bin", W, false};
    struct key *secret = support_private(a, "p256"), *public = support_public(a, "p256");
    struct candidate_key keys[] = {{"team", public, NULL}};
    const struct verify_model m = {
        .files = &file, .n = 1, .folder = folder, .keys = keys, .nkeys = 1};
    char hex[DIGEST_TEXT_MAX];
    struct verify_model_result r;
    struct digest d, root;
    struct buf dsse, bundle;
    struct err e = {0};

    cr_assert(digest_parse(SLICE_LIT(W), &d, &e));
    digest_of((struct slice){d.bytes, digest_len(d.alg)}, DIGEST_SHA256, &root);
    digest_hex(&root, hex);
    const char *text = arena_printf(
        a,
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"m.bin\","
        "\"digest\":{\"sha256\":\"%s\"}}],\"predicateType\":\"" VERIFY_MODEL_TYPE
        "\",\"predicate\":{\"serialization\":{\"method\":\"files\"},\"resources\":[{\"name\":\"%"
        "s\","
        "\"algorithm\":\"sha256\",\"digest\":\"%s\"}]}}",
        hex, name, &W[strlen("sha256:")]);
    buf_init(&dsse, LIMIT_ENVELOPE_BYTES);
    buf_init(&bundle, LIMIT_ENVELOPE_BYTES);
    cr_assert(dsse_sign(slice_str(text), PAYLOAD_TYPE_INTOTO, secret, &dsse, &e));
    cr_assert(bundle_wrap_model(buf_slice(&dsse), secret, &bundle, &e));
    (void)verify_model_signature(buf_slice(&bundle), &m, a, &r);
    buf_release(&dsse);
    buf_release(&bundle);
    key_free(secret);
    key_free(public);
    return r.told.reason;
}

Test(signing_model, a_single_file_has_its_name_or_a_point)
{
    struct arena a;

    arena_init(&a);
    cr_expect_str_eq(verify_single(&a, "m.bin", false), "ok");
    cr_expect_str_eq(verify_single(&a, ".", false), "ok");
    cr_expect_str_eq(verify_single(&a, "n.bin", false), "target");
    cr_expect_str_eq(verify_single(&a, ".", true), "target");
    arena_release(&a);
}
