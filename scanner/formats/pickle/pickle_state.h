#ifndef SCANNER_FORMATS_PICKLE_PICKLE_STATE_H
#define SCANNER_FORMATS_PICKLE_PICKLE_STATE_H
/* What an object takes its attributes from: its loader, and harmless functions, call methods that
 * are attributes of the object and not of its class. */
#include "scanner/formats/pickle/pickle_vm.h"

/* What can be called, or is made by a call, goes into a dictionary under a key: in a state it may
 * be such a method, a class, or all attributes at once. */
void pickle_state_key(struct pickle_vm *v, struct pickle_slot dict, struct pickle_slot key,
                      struct pickle_slot value);
/* Something gets its attributes from a state: dictionaries that were filled pair by pair have been
 * looked at, one that a call made of what it was given has not. */
void pickle_state_given(struct pickle_vm *v, struct pickle_slot state);
/* An import is called: it may make a dictionary, or attributes, of what it is given. */
void pickle_state_called(struct pickle_vm *v, struct pickle_import *x, struct pickle_slot args);

/* Is the value text that stands nowhere in the pickle? */
bool pickle_state_makes_text(const struct pickle_vm *v, struct pickle_slot s);
#endif
