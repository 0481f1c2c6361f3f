#ifndef BASE_JSON_OUT_H
#define BASE_JSON_OUT_H
/*
 * JSON written as it comes, into a capped buffer. The bytes depend on the calls alone: no locale,
 * no map order. Failures stay in the buffer until buf_finish. Text must be UTF-8; bytes that are
 * not become U+FFFD. Beyond what JSON demands, U+007F, U+2028, U+2029 and the bidirectional
 * controls are escaped, so that a terminal or a script may hold the output.
 */
#include "base/buf.h"
#include "base/value.h"

enum json_style { JSON_COMPACT, JSON_PRETTY /* two blanks a level, newline at the end */ };

struct json_out {
    struct buf *buf; /* borrowed */
    enum json_style style;
    unsigned depth;
    bool first, after_key;
};

void json_out_init(struct json_out *o, struct buf *b, enum json_style style);
void json_out_object(struct json_out *o);
void json_out_end_object(struct json_out *o);
void json_out_array(struct json_out *o);
void json_out_end_array(struct json_out *o);
void json_out_key(struct json_out *o, const char *key);
void json_out_key_slice(struct json_out *o, struct slice key);
void json_out_string(struct json_out *o, struct slice text);
void json_out_str(struct json_out *o, const char *text); /* NULL writes null */
void json_out_int(struct json_out *o, int64_t v);
void json_out_uint(struct json_out *o, uint64_t v);
/* shortest form that reads back the same; not finite: null */
void json_out_double(struct json_out *o, double v);
void json_out_bool(struct json_out *o, bool v);
void json_out_null(struct json_out *o);

/* json_out_value(o, v) writes a tree; NULL writes null. An unknown is written {"$unknown": why,
 * "refs": [...]}, and a key of the data that begins with '$' gets a second '$' in front, so
 * that data cannot pass for an unknown. */
void json_out_value(struct json_out *o, const struct value *v);

/* key + value in one call */
void json_out_kv_str(struct json_out *o, const char *key, const char *text);
void json_out_kv_int(struct json_out *o, const char *key, int64_t v);
void json_out_kv_bool(struct json_out *o, const char *key, bool v);
#endif
