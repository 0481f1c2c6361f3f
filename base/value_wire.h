#ifndef BASE_VALUE_WIRE_H
#define BASE_VALUE_WIRE_H
/*
 * A value tree as bytes, for the frames between a worker and its parent: positions and unknowns
 * survive, and the reader believes nothing. Layout of a node: kind u8, line varint, offset varint,
 * then by kind: bool u8 | int zigzag varint | double u64le | string varint length + bytes | list
 * varint count + nodes | map varint count + (key string, key offset varint, node)... | unknown why
 * string + varint count + ref strings.
 */
#include "base/buf.h"
#include "base/value.h"

void value_wire_put(struct buf *b, const struct value *v);

/*
 * Refused: unknown kinds, lengths past the end, more nodes than bytes left, depth over
 * LIMIT_WIRE_DEPTH, text that is not UTF-8, duplicate keys. On success `r` stands behind the node.
 */
MUST_CHECK bool value_wire_get(struct reader *r, struct arena *a, const struct value **out,
                               struct err *e);
#endif
