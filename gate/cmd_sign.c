/*
 * sign: of an image a simple-signing signature over the manifest digest, put beside it in its OCI
 * layout, as cosign does: a manifest tagged sha256-<hex>.sig with one layer, the payload, and the
 * signature as an annotation. Of a model: sign_model.h.
 */
#include <string.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "gate/call.h"
#include "gate/common_options.h"
#include "gate/scan.h"
#include "gate/say.h"
#include "gate/sign_model.h"
#include "signing/signing.h"

int cmd_sign(int argc, char **argv);
const struct command_option *cmd_sign_options(void);

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define CONFIG_TYPE "application/vnd.oci.image.config.v1+json"
#define PAYLOAD_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"
#define SIGNATURE_KEY "dev.cosignproject.cosign/signature"
#define REF_NAME "org.opencontainers.image.ref.name"

const struct command_option *cmd_sign_options(void)
{
    static const struct command_option table[] = {
        {"key", 0, "KEY", "signing key: PATH, file:PATH or env://NAME", false},
        {"reference", 0, "NAME", "the name it is signed as (registry/name); default none", false},
        {"platform", 0, "OS/ARCH", "which image of an index (default linux/amd64)", false},
        {"model", 0, "PATH", "a model to sign, a file or a folder", true},
        {"output", 'o', "FILE", "where the signature of the model goes (default PATH/model.sig)",
         false},
        {"ignore", 0, "PATH", "leave a path of the model unsigned", true},
        {NULL, 0, NULL, NULL, false},
    };

    return table;
}

struct signing {
    struct call call;
    struct key *key;
    const char *dir;    /* the layout */
    const char *digest; /* of the manifest */
};

/* Written under blobs/sha256 by its digest; the descriptor goes to `desc`
 * as a JSON object without annotations. */
static bool blob(const struct signing *s, const char *media_type, struct slice bytes,
                 struct json_out *o, struct err *e)
{
    char text[DIGEST_TEXT_MAX], hex[DIGEST_TEXT_MAX];
    struct digest d;

    digest_of(bytes, DIGEST_SHA256, &d);
    digest_text(&d, text);
    digest_hex(&d, hex);
    json_out_kv_str(o, "mediaType", media_type);
    json_out_kv_str(o, "digest", text);
    json_out_kv_int(o, "size", (int64_t)bytes.len);
    return file_write(arena_printf(s->call.arena, "%s/blobs/sha256/%s", s->dir, hex), bytes, 0644,
                      e);
}

static void payload(const struct signing *s, struct buf *b)
{
    const char *reference = options_get(s->call.o, "reference");
    struct json_out o;

    json_out_init(&o, b, JSON_COMPACT);
    json_out_object(&o);
    json_out_key(&o, "critical");
    json_out_object(&o);
    json_out_key(&o, "identity");
    json_out_object(&o);
    json_out_kv_str(&o, "docker-reference", reference != NULL ? reference : "");
    json_out_end_object(&o);
    json_out_key(&o, "image");
    json_out_object(&o);
    json_out_kv_str(&o, "docker-manifest-digest", s->digest);
    json_out_end_object(&o);
    json_out_kv_str(&o, "type", "cosign container image signature");
    json_out_end_object(&o);
    json_out_key(&o, "optional");
    json_out_null(&o);
    json_out_end_object(&o);
}

/* The signature manifest; its descriptor for the index is left in `entry`. */
static bool manifest(const struct signing *s, struct slice paid, struct slice signature,
                     struct buf *entry, struct err *e)
{
    static const char empty[] = "{\"architecture\":\"\",\"os\":\"\",\"config\":{},"
                                "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
    struct json_out o, d;
    struct buf m;
    bool ok;

    buf_init(&m, LIMIT_MANIFEST_BYTES);
    json_out_init(&o, &m, JSON_COMPACT);
    json_out_object(&o);
    json_out_kv_int(&o, "schemaVersion", 2);
    json_out_kv_str(&o, "mediaType", MANIFEST_TYPE);
    json_out_key(&o, "config");
    json_out_object(&o);
    ok = blob(s, CONFIG_TYPE, slice_str(empty), &o, e);
    json_out_end_object(&o);
    json_out_key(&o, "layers");
    json_out_array(&o);
    json_out_object(&o);
    ok = ok && blob(s, PAYLOAD_TYPE, paid, &o, e);
    json_out_key(&o, "annotations");
    json_out_object(&o);
    json_out_key(&o, SIGNATURE_KEY);
    json_out_string(&o, signature);
    json_out_end_object(&o);
    json_out_end_object(&o);
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_init(&d, entry, JSON_COMPACT);
    json_out_object(&d);
    ok = ok && buf_finish(&m, e) && blob(s, MANIFEST_TYPE, buf_slice(&m), &d, e);
    json_out_key(&d, "annotations");
    json_out_object(&d);
    json_out_kv_str(&d, REF_NAME, arena_printf(s->call.arena, "sha256-%s.sig", s->digest + 7));
    json_out_end_object(&d);
    json_out_end_object(&d);
    buf_release(&m);
    return ok;
}

static bool is_old(const struct value *item, const char *tag)
{
    const struct value *annotations = value_get(item, "annotations");

    return slice_is(value_text(value_get(annotations, REF_NAME)), tag);
}

/* index.json with the new entry behind the others; an older signature of
 * the same digest is replaced. */
static bool rewrite_index(const struct signing *s, const struct buf *entry, struct err *e)
{
    const char *path = arena_printf(s->call.arena, "%s/index.json", s->dir);
    const char *tag = arena_printf(s->call.arena, "sha256-%s.sig", s->digest + 7);
    const struct value *index, *list, *added;
    struct value_builder items, top;
    struct json_out o;
    struct slice text;
    struct buf b;
    bool ok;

    if (!file_read(path, LIMIT_MANIFEST_BYTES, s->call.arena, &text, e))
        return false;
    if (!json_read(text, s->call.arena, &index, e) ||
        !json_read(buf_slice(entry), s->call.arena, &added, e))
        return err_in(e, "%s", path);
    list = value_get(index, "manifests");
    value_list_begin(&items, s->call.arena);
    for (size_t i = 0; i < value_len(list); i++)
        if (!is_old(value_item(list, i), tag))
            value_list_add(&items, value_item(list, i));
    value_list_add(&items, added);
    value_map_begin(&top, s->call.arena);
    for (size_t i = 0; i < value_len(index); i++)
        value_map_put(&top, index->as.members[i].key, index->as.members[i].value);
    value_map_add(&top, "manifests", value_list_end(&items, NULL));
    buf_init(&b, LIMIT_MANIFEST_BYTES);
    json_out_init(&o, &b, JSON_COMPACT);
    json_out_value(&o, value_map_end(&top, NULL));
    ok = buf_finish(&b, e) && file_write(path, buf_slice(&b), 0644, e);
    buf_release(&b);
    return ok;
}

static bool write_signature(const struct signing *s, struct err *e)
{
    struct buf paid, raw, text, entry;
    bool ok;

    buf_init(&paid, 1u << 16);
    buf_init(&raw, 1u << 16);
    buf_init(&text, 1u << 16);
    buf_init(&entry, 1u << 16);
    payload(s, &paid);
    ok = buf_finish(&paid, e) && key_sign(s->key, buf_slice(&paid), &raw, e);
    base64_put(&text, buf_slice(&raw));
    ok = ok && manifest(s, buf_slice(&paid), buf_slice(&text), &entry, e) &&
         rewrite_index(s, &entry, e);
    buf_release(&paid);
    buf_release(&raw);
    buf_release(&text);
    buf_release(&entry);
    return ok;
}

/* The whole image is read and its digests checked before anything is signed. */
static bool read_image(struct signing *s, const char *spec, struct err *e)
{
    static const struct trust nobody = {0};
    struct gate_config config;
    struct input in = {.root = -1};
    struct scan scan;
    bool ok;

    if (!input_open(spec, s->call.arena, &in, e))
        return err_in(e, "%s", spec);
    s->dir = in.path;
    ok = strcmp(in.scheme, "oci") == 0 ||
         err_fail(e, ERR_USAGE, "%s: only an OCI layout (oci:DIR) can take a signature", spec);
    input_release(&in);
    if (!ok)
        return false;
    gate_config_init(&config);
    gate_config_subject(&config, "image", spec, "", s->call.arena);
    config.subjects[0].platform = options_get(s->call.o, "platform");
    if (!scan_run(&(struct scan_from){&config, &nobody, NULL}, s->call.arena, &scan, e))
        return false;
    for (size_t i = 0; i < scan.facts.ncoverage && ok; i++) {
        const struct coverage *c = &scan.facts.coverage[i];

        if (c->status == COVERAGE_PARTIAL || c->status == COVERAGE_UNREADABLE)
            ok = err_fail(e, ERR_FORMAT, "%s: not signed, since %s could not be read: %s", spec,
                          c->path != NULL ? c->path : "it", c->reason != NULL ? c->reason : "");
    }
    if (ok && (scan.facts.nsubjects != 1 || scan.facts.subjects[0].digest == NULL))
        ok = err_fail(e, ERR_FORMAT, "%s: its digest could not be told", spec);
    if (ok)
        s->digest = arena_strdup(s->call.arena, scan.facts.subjects[0].digest);
    scan_release(&scan);
    return ok;
}

/* As in the payload: registry/name, or with a tag or a digest behind it. */
static bool check_reference(const char *text, struct err *e)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._-/:@+";

    if (text == NULL || (text[0] != '\0' && text[strspn(text, allowed)] == '\0'))
        return true;
    return err_fail(e, ERR_USAGE,
                    "--reference '%s': expected registry/name, such as "
                    "registry.example/serving",
                    text);
}

static bool need_key(struct signing *s, struct err *e)
{
    return s->key != NULL || key_private(options_get(s->call.o, "key"), NULL, &s->key, e) ||
           command_own_file(e);
}

static bool sign_models(struct signing *s, struct err *e)
{
    const struct options *o = s->call.o;
    const char *const *models = options_all(o, "model", s->call.arena);
    struct sign_model one = {.output = options_get(o, "output")};

    for (size_t i = 0; models != NULL && models[i] != NULL; i++) {
        if (!need_key(s, e))
            return false;
        one.path = models[i];
        one.key = s->key;
        one.ignore = options_all(o, "ignore", s->call.arena);
        if (!sign_model(&one, s->call.arena, e))
            return false;
        say_note("signed %s in %s", one.path,
                 one.output != NULL ? one.output : sign_model_output(one.path, s->call.arena));
    }
    return true;
}

static bool check_options(const struct options *o, struct arena *a, struct err *e)
{
    const char *const *models = options_all(o, "model", a);

    if (options_get(o, "key") == NULL)
        return err_fail(e, ERR_USAGE, "--key says what to sign with; `sallyport keygen` makes one");
    if (o->nargs == 0 && models == NULL)
        return err_fail(e, ERR_USAGE,
                        "name the images to sign, oci:DIR[:TAG], or a model with --model");
    if (options_has(o, "output") && (models == NULL || models[1] != NULL))
        return err_fail(e, ERR_USAGE, "--output is of one --model");
    return check_reference(options_get(o, "reference"), e) && common_options_platform(o, e);
}

static bool sign_all(struct call *call)
{
    struct signing *s = (struct signing *)call;
    bool ok = check_options(call->o, call->arena, call->e);

    for (size_t i = 0; i < call->o->nargs && ok; i++) {
        ok = read_image(s, call->o->args[i], call->e) && need_key(s, call->e) &&
             write_signature(s, call->e);
        if (ok)
            say_note("signed %s %s", call->o->args[i], s->digest);
    }
    return ok && sign_models(s, call->e);
}

int cmd_sign(int argc, char **argv)
{
    static const struct call_verb verb = {"sign", cmd_sign_options, NULL, sign_all};
    struct signing s = {.key = NULL};
    const int status = call_run(&s.call, &verb, argc, argv);

    key_free(s.key);
    return status;
}
