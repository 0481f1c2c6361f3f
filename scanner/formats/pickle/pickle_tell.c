#include "scanner/formats/pickle/pickle_tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scanner/formats/member.h"
#include "scanner/formats/pickle/pickle_compat.h"
#include "scanner/formats/pickle/pickle_nested.h"

#define NAME_MAX_TOLD 512 /* bytes of a name in a fact */
#define NAME_MAX_STEP 120 /* bytes of a name in a step of a chain */

static const struct value *full_name(struct arena *a, struct slice module, struct slice name,
                                     size_t max)
{
    struct buf b;
    const struct value *v;

    buf_init(&b, 2 * max + 1);
    buf_put(&b, (struct slice){module.data, module.len < max ? module.len : max});
    buf_u8(&b, '.');
    buf_put(&b, (struct slice){name.data, name.len < max ? name.len : max});
    v = value_bytes(a, buf_slice(&b), NULL);
    buf_release(&b);
    return v;
}

/* ---- risk ---- */
/* What is known of a name under both of its spellings: denied under either is denied; allowed is
 * what the loader finds. An attribute that getattr reads, and that is on no list itself, is as
 * known as its class, when that is of a framework or an enumeration, and as data only: a method of
 * a harmless class is no harmless value. */
static struct imports_answer known(const struct imports *t, const struct pickle_import *x,
                                   struct slice module, struct slice name)
{
    struct imports_answer raw = imports_of(t, x->module, x->name), answer;
    size_t n = name.len;

    answer = x->mapped && raw.risk != IMPORTS_DENY ? imports_of(t, module, name) : raw;
    if (!x->attribute || answer.risk != IMPORTS_UNKNOWN || answer.profile.len > 0)
        return answer;
    while (n > 0 && name.data[n - 1] != '.')
        n--;
    answer = imports_of(t, module, (struct slice){name.data, n > 0 ? n - 1 : 0});
    if (answer.risk == IMPORTS_ALLOW &&
        (!slice_is(answer.use, "enum") || n == name.len || name.data[n] == '_'))
        answer = (struct imports_answer){IMPORTS_UNKNOWN, {0}, {0}, {0}};
    answer.use = SLICE_LIT("data");
    return answer;
}

static struct imports_answer judge(const struct format_input *in, const struct pickle_import *x,
                                   struct slice module, struct slice name)
{
    static const struct imports_answer literal = {
        IMPORTS_ALLOW,
        {(const uint8_t *)"reads attributes of classes that are told", 41},
        {0},
        {0}};
    static const struct imports_answer scanned = {
        IMPORTS_ALLOW,
        {(const uint8_t *)"loads files that are scanned on their own", 41},
        {0},
        {0}};
    struct imports_answer none = {IMPORTS_UNKNOWN, {0}, {0}, {0}};

    if (!x->resolved)
        return none;
    if (x->special == PICKLE_GETATTR && x->called && !x->loose)
        return literal;
    if (x->special == PICKLE_LOAD_BYTES && x->called && !x->loose)
        return scanned;
    if (x->special == PICKLE_SAME && x->loose)
        return none;
    return known(in->run != NULL ? in->run->imports : NULL, x, module, name);
}

/* What an allowed name, or one of a framework, may be used for. The classes of a framework are
 * made without their constructors, unless they are on a list. SPEC: rules/detectors/imports.yaml,
 * "uses". */
static unsigned may(const struct imports_answer *r)
{
    const unsigned plain = PICKLE_USE_CALL | PICKLE_USE_CONSTRUCT | PICKLE_USE_BUILD;
    const struct slice use = r->use;

    if (slice_is(use, "data"))
        return 0;
    if (use.len == 0 && r->risk != IMPORTS_ALLOW)
        return PICKLE_USE_CONSTRUCT | PICKLE_USE_BUILD;
    if (slice_is(use, "list"))
        return plain | PICKLE_USE_APPEND;
    if (slice_is(use, "map"))
        return plain | PICKLE_USE_SETITEM;
    return slice_is(use, "set") ? plain | PICKLE_USE_ADDITEMS : plain;
}

static const struct value *uses_value(struct arena *a, unsigned uses)
{
    static const char *const names[] = {"call",   "construct", "build",
                                        "append", "setitem",   "additems"};
    struct value_builder b;

    value_list_begin(&b, a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if ((uses >> i & 1) != 0)
            value_list_add(&b, value_str(a, names[i]));
    return value_list_end(&b, NULL);
}

/* ---- the chain ---- */
static const char *step_text(struct arena *a, const struct pickle *p, const struct pickle_import *x,
                             const struct pickle_step *s)
{
    const char *it = s->result ? "the result" : "it", *other = "an object that nobody can tell";

    if (s->with != PICKLE_NOBODY)
        other = member_name(a, value_text(full_name(a, p->table.items[s->with].module,
                                                    p->table.items[s->with].name, NAME_MAX_STEP)));
    switch ((enum pickle_what)s->what) {
    case PICKLE_IMPORTED:
        return arena_printf(
            a, "%s %s", x->attribute ? "reads" : "imports",
            member_name(a, value_text(full_name(a, x->module, x->name, NAME_MAX_STEP))));
    case PICKLE_CALLED:
        return arena_printf(a, "calls it with %s", x->preview);
    case PICKLE_BUILT:
        return arena_printf(a, "writes state into %s", it);
    case PICKLE_FILLED:
        return arena_printf(a, "calls a method of %s to add items", it);
    case PICKLE_ARGUMENT:
        return arena_printf(a, "gives %s to %s", it, other);
    case PICKLE_STATE:
        return arena_printf(a, "makes %s part of the state of %s", it, other);
    case PICKLE_CALLEE:
        return "calls what the call gave";
    case PICKLE_STORED:
        return arena_printf(a, "puts %s into a container", it);
    case PICKLE_TYPE:
        return arena_printf(a, "takes %s for the type of a storage", it);
    case PICKLE_NAMES:
        return arena_printf(a, "takes %s for the name of an import", it);
    case PICKLE_DROPPED:
        return arena_printf(a, "throws %s away", it);
    case PICKLE_GIVEN:
        return arena_printf(a, "returns %s", it);
    }
    return "";
}

static const struct value *chain_value(struct arena *a, const struct pickle *p,
                                       const struct pickle_import *x)
{
    struct value_builder list, step;

    value_list_begin(&list, a);
    for (size_t i = 0; i < x->nsteps; i++) {
        value_map_begin(&step, a);
        value_map_add(&step, "offset", value_int(a, (int64_t)x->steps[i].offset, NULL));
        value_map_add(&step, "opcode", value_str(a, x->steps[i].opcode));
        value_map_add(&step, "what", value_str(a, step_text(a, p, x, &x->steps[i])));
        value_list_add(&list, value_map_end(&step, NULL));
    }
    return value_list_end(&list, NULL);
}

/* ---- model.import ---- */
static void tell_arguments(struct value_builder *b, struct arena *a, const struct pickle_import *x)
{
    struct value_builder texts;

    value_list_begin(&texts, a);
    for (size_t i = 0; i < x->ntexts; i++)
        value_list_add(&texts, format_string(a, x->texts[i], PICKLE_TEXT_LEN));
    value_map_add(b, "call_offset", value_int(a, (int64_t)x->call_offset, NULL));
    value_map_add(b, "via", value_str(a, x->via));
    value_map_add(b, "args_preview", value_str(a, x->preview));
    value_map_add(b, "argument_texts", value_list_end(&texts, NULL));
    value_map_add(b, "more_argument_texts", value_bool(a, x->more_texts, NULL));
    value_map_add(b, "largest_argument", value_int(a, x->largest, NULL));
    value_map_add(b, "total_argument", value_int(a, x->total, NULL));
    value_map_add(b, "made_argument", value_int(a, x->made, NULL));
    if (x->payload != PICKLE_PAYLOAD_NONE) {
        value_map_add(b, "payload",
                      value_str(a, pickle_payload_name((enum pickle_payload)x->payload)));
        value_map_add(b, "payload_offset", value_int(a, (int64_t)x->payload_offset, NULL));
    }
}

static void tell_risk(struct value_builder *b, struct arena *a, const struct pickle_import *x,
                      const struct imports_answer *r)
{
    const bool listed = r->risk == IMPORTS_ALLOW || r->profile.len > 0;
    const unsigned excess = listed ? x->uses & ~may(r) : 0;

    value_map_add(b, "uses", uses_value(a, x->uses));
    value_map_add(b, "excess", uses_value(a, excess));
    value_map_add(b, "risk", value_str(a, imports_risk_name(r->risk)));
    value_map_add(b, "risk_reason", value_bytes(a, r->why, NULL));
    value_map_add(b, "profile",
                  r->profile.len > 0 ? value_bytes(a, r->profile, NULL) : value_null(a, NULL));
}

static void tell_import(const struct format_input *in, const struct pickle *p,
                        const struct pickle_import *x)
{
    struct slice module = x->module, name = x->name;
    struct arena *a = in->scratch;
    struct value_builder b;
    const struct value *full = full_name(a, x->module, x->name, NAME_MAX_TOLD), *mapped = full;
    struct imports_answer risk;

    if (x->resolved && x->mapped && pickle_compat_map(&module, &name))
        mapped = full_name(a, module, name, NAME_MAX_TOLD);
    risk = judge(in, x, module, name);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "stream", value_int(a, x->stream, NULL));
    value_map_add(&b, "extra_stream", value_bool(a, x->stream > 0 && !p->several, NULL));
    value_map_add(&b, "module", format_string(a, x->module, NAME_MAX_TOLD));
    value_map_add(&b, "name", format_string(a, x->name, NAME_MAX_TOLD));
    value_map_add(&b, "full", full);
    value_map_add(&b, "mapped_full", mapped);
    value_map_add(
        &b, "dotted",
        value_bool(a, x->name.len > 0 && memchr(x->name.data, '.', x->name.len) != NULL, NULL));
    value_map_add(&b, "attribute", value_bool(a, x->attribute, NULL));
    value_map_add(&b, "offset", value_int(a, (int64_t)x->offset, NULL));
    value_map_add(&b, "opcode", value_str(a, x->opcode));
    value_map_add(&b, "resolved", value_bool(a, x->resolved, NULL));
    value_map_add(&b, "divergent", value_bool(a, x->reading != NULL, NULL));
    value_map_add(&b, "reading", value_str(a, x->reading != NULL ? x->reading : "usual"));
    value_map_add(&b, "count", value_int(a, (int64_t)x->count, NULL));
    value_map_add(&b, "called", value_bool(a, x->called, NULL));
    if (x->called)
        tell_arguments(&b, a, x);
    tell_risk(&b, a, x, &risk);
    value_map_add(&b, "chain", chain_value(a, p, x));
    format_tell(in, "model.import",
                arena_printf(a, "%s#%" PRIu32 ":%s%s", in->path, x->stream,
                             member_name(a, value_text(full)), x->resolved ? "" : ":unresolved"),
                x->offset, value_map_end(&b, NULL));
}

/* ---- model.sidecar ---- */
static void tell_beside(const struct format_input *in, const struct pickle *p,
                        const struct pickle_beside *s)
{
    const struct pickle_import *x = &p->table.items[s->wrapper];
    struct arena *a = in->scratch;
    struct value_builder b;

    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "file",
                  s->name.data != NULL ? format_string(a, s->name, LIMIT_NAME_BYTES)
                                       : value_null(a, NULL));
    value_map_add(&b, "wrapper", full_name(a, x->module, x->name, NAME_MAX_TOLD));
    value_map_add(&b, "offset", value_int(a, (int64_t)s->offset, NULL));
    format_tell(in, "model.sidecar", arena_printf(a, "%s@%" PRIu64, in->path, s->offset), s->offset,
                value_map_end(&b, NULL));
}

/* ---- model.pickle ---- */
static void tell_anomalies(struct value_builder *b, struct arena *a, const struct pickle_vm *v)
{
    struct value_builder list, offsets;

    value_list_begin(&list, a);
    value_map_begin(&offsets, a);
    for (unsigned i = 0; i < PICKLE_ANOMALIES; i++)
        if (pickle_vm_has(v, (enum pickle_anomaly)i)) {
            value_list_add(&list, value_str(a, pickle_vm_anomaly((enum pickle_anomaly)i)));
            value_map_add(&offsets, pickle_vm_anomaly((enum pickle_anomaly)i),
                          value_int(a, (int64_t)v->anomaly_at[i], NULL));
        }
    value_map_add(b, "anomalies", value_list_end(&list, NULL));
    value_map_add(b, "anomaly_offsets", value_map_end(&offsets, NULL));
}

void pickle_tell(const struct format_input *in, struct pickle *p, const char *format)
{
    const struct pickle_vm *v = &p->vm;
    const double most = v->share.most < 1e18 ? v->share.most : 1e18;
    const uint64_t top = v->stack.top_key < INT64_MAX ? v->stack.top_key : INT64_MAX;
    struct arena *a = in->scratch;
    struct value_builder b;

    if (!pickle_nested_scan(in, p))
        for (size_t i = 0; i < p->table.n; i++)
            p->table.items[i].loose |= p->table.items[i].special == PICKLE_LOAD_BYTES;
    for (size_t i = 0; i < p->table.n; i++)
        tell_import(in, p, &p->table.items[i]);
    for (size_t i = 0; i < v->nbeside; i++)
        tell_beside(in, p, &v->beside[i]);
    value_map_begin(&b, a);
    value_map_add(&b, "path", format_string(a, slice_str(in->path), LIMIT_NAME_BYTES));
    value_map_add(&b, "container",
                  in->container != NULL ? value_str(a, in->container) : value_null(a, NULL));
    value_map_add(&b, "format", value_str(a, format));
    value_map_add(&b, "protocol", value_int(a, v->proto_max, NULL));
    value_map_add(&b, "streams", value_int(a, (int64_t)p->streams, NULL));
    value_map_add(&b, "complete", value_bool(a, !p->broken, NULL));
    value_map_add(&b, "opcodes", value_int(a, (int64_t)v->opcodes, NULL));
    value_map_add(&b, "imports", value_int(a, (int64_t)p->table.n, NULL));
    value_map_add(&b, "calls", value_int(a, (int64_t)v->calls, NULL));
    value_map_add(&b, "persistent_ids", value_int(a, (int64_t)v->persids, NULL));
    value_map_add(&b, "foreign_persistent_ids", value_int(a, (int64_t)v->foreign_persids, NULL));
    value_map_add(&b, "ext_codes", value_int(a, (int64_t)v->exts, NULL));
    value_map_add(&b, "arrays", value_int(a, (int64_t)v->skipped_arrays, NULL));
    value_map_add(&b, "max_stack", value_int(a, (int64_t)v->stack.peak, NULL));
    value_map_add(&b, "memo_keys", value_int(a, (int64_t)p->memo_keys, NULL));
    value_map_add(&b, "memo_top", value_int(a, (int64_t)top, NULL));
    value_map_add(&b, "kept_memo", value_bool(a, p->kept_memo, NULL));
    value_map_add(&b, "spread", value_int(a, (int64_t)most, NULL));
    value_map_add(&b, "trailing_bytes", value_int(a, (int64_t)p->trailing, NULL));
    value_map_add(&b, "trailing", p->trailing > 0 ? value_str(a, p->behind) : value_null(a, NULL));
    tell_anomalies(&b, a, v);
    format_tell(in, "model.pickle", NULL, p->start, value_map_end(&b, NULL));
}
