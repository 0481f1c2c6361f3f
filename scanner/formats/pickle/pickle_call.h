#ifndef SCANNER_FORMATS_PICKLE_PICKLE_CALL_H
#define SCANNER_FORMATS_PICKLE_PICKLE_CALL_H
/* What a pickle imports, calls and writes to. */
#include <string.h>

#include "scanner/formats/pickle/pickle_state.h"

/* Pushes the import of a name. */
MUST_CHECK bool pickle_call_import(struct pickle_vm *v, struct slice module, struct slice name,
                                   struct err *e);
/* Pushes an import whose name nobody can tell, and notes why. */
MUST_CHECK bool pickle_call_lost(struct pickle_vm *v, enum pickle_anomaly why, struct err *e);
/* STACK_GLOBAL: replaces the two names on the stack. */
MUST_CHECK bool pickle_call_stack_global(struct pickle_vm *v, struct err *e);
/* EXT1, EXT2, EXT4. */
MUST_CHECK bool pickle_call_ext(struct pickle_vm *v, uint64_t code, struct err *e);

/* A call; `makes` is PICKLE_RESULT or PICKLE_INSTANCE. The answer is what
 * stands on the stack afterwards. */
struct pickle_slot pickle_call_call(struct pickle_vm *v, struct pickle_slot callee,
                                    struct pickle_slot args, unsigned makes);
/* Values go into a container, or are handed on. */
void pickle_call_stored(struct pickle_vm *v, const struct pickle_slot *values, size_t n,
                        struct pickle_slot into);
/* A key and what may be called, or is a dictionary, go into a dictionary: the state of an object
 * may have a method that its loader, or a harmless function, calls, or an interface that names
 * memory. */
void pickle_call_pair(struct pickle_vm *v, struct pickle_slot key, struct pickle_slot value);
/* One value goes into a list: such a pair may be made item by item. */
void pickle_call_single(struct pickle_vm *v, struct pickle_slot into, struct pickle_slot value);
/* Bytes that are text of four bytes each, as NumPy has it: its scalars are keys, too. */
void pickle_call_wide(struct pickle_vm *v, struct slice bytes);
/* BUILD, SETITEM, APPEND, ... onto something that is not a fresh container. */
void pickle_call_write(struct pickle_vm *v, struct pickle_slot into, enum pickle_use use);
/* BINPERSID of an object: what its loader gives for it, which may be a class that it names. */
struct pickle_slot pickle_call_persid(struct pickle_vm *v, struct pickle_slot id);

/* An import is called, by an opcode or by what an opcode calls. */
void pickle_call_mark(struct pickle_vm *v, struct pickle_slot global, struct pickle_slot args,
                      enum pickle_use use);

/* The import that a slot is, or is a result of; NULL when there is none. */
struct pickle_import *pickle_call_import_of(const struct pickle_vm *v, struct pickle_slot s);
/* Is the slot the import, or a result of a call of it? */
bool pickle_call_is(const struct pickle_vm *v, struct pickle_slot s, enum pickle_special special);

/* Must values be looked at on their way? */
static inline bool pickle_call_watched(const struct pickle_vm *v)
{
    return v->tracing > 0 || v->getattrs || v->loaded.n > 0 || v->share.on;
}

/* Can the value be what a state must not have: something to call, an interface of NumPy? */
static inline bool pickle_call_telling(struct pickle_slot value)
{
    return value.kind == PICKLE_DICT ||
           (value.kind >= PICKLE_GLOBAL && value.kind <= PICKLE_INSTANCE);
}

/* n slots are keys, each with its value behind it. */
static inline void pickle_call_pairs(struct pickle_vm *v, const struct pickle_slot *s, size_t n)
{
    for (size_t i = 1; i < n; i += 2)
        if (pickle_call_telling(s[i]))
            pickle_call_pair(v, s[i - 1], s[i]);
}

/* Lengths of the names of methods and interfaces that pickle_call.c looks for, and of attributes
 * that pickle_state.c does: most texts have another. */
#define PICKLE_METHOD_LENGTHS                                                                      \
    (1u << 6 | 1u << 7 | 1u << 9 | 1u << 11 | 1u << 12 | 1u << 16 | 1u << 19 | 1u << 24)
#define PICKLE_ATTRIBUTE_LENGTHS                                                                   \
    (1u << 2 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 14 | 1u << 16)

static inline bool pickle_call_named(const struct pickle_vm *v, struct pickle_slot text,
                                     uint32_t lengths)
{
    uint32_t len;

    memcpy(&len, v->stack.pool + text.ref, sizeof(len));
    return len < 32 && (lengths >> len & 1) != 0;
}

/* n slots are keys and values of a dictionary, of which the keys may become such a pair: dict()
 * takes anything of two for one. */
static inline void pickle_call_keys(struct pickle_vm *v, struct pickle_slot dict,
                                    const struct pickle_slot *s, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        const bool text = s[i].kind == PICKLE_TEXT;

        if ((text && pickle_call_named(v, s[i], PICKLE_METHOD_LENGTHS)) ||
            (s[i].kind >= PICKLE_GLOBAL && s[i].kind <= PICKLE_INSTANCE))
            pickle_call_single(v, dict, s[i]);
        if (text && i + 1 < n && s[i + 1].kind != PICKLE_DICT && pickle_call_telling(s[i + 1]) &&
            pickle_call_named(v, s[i], PICKLE_ATTRIBUTE_LENGTHS))
            pickle_state_key(v, dict, s[i], s[i + 1]);
    }
}
#endif
