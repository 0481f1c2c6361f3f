#ifndef SCANNER_WORKER_SANDBOX_H
#define SCANNER_WORKER_SANDBOX_H
/* Giving up rights, in the worker's process, before it reads a byte it did
 * not make. There is no way back. */
#include "scanner/worker/frame.h"

#define SANDBOX_SOCKET 3 /* the worker's only descriptor besides 0, 1 and 2, which are /dev/null */

struct crew; /* scanner/worker/crew.h */

/* What takes time and files and needs no word of the parent: before sandbox_raise. From here on no
 * other process can look into this one. */
void sandbox_warm_up(void);

/* sandbox_raise(l, crew, r): everything the kernel has, in this order: rlimits, no_new_privs, no
 * capabilities, Landlock without a rule, the threads that were asked for, seccomp over all of them.
 * `r` says what is in force and, in `r->cause`, why something is not. With SANDBOX_OFF only the
 * rlimits and the threads. */
void sandbox_raise(const struct frame_limits *l, struct crew *crew, struct frame_ready *r);

/* sandbox_landlock(abi, e): no file, no socket, no signal out of this
 * process; *abi is the kernel's. */
MUST_CHECK bool sandbox_landlock(int *abi, struct err *e);

/* Under AddressSanitizer the address space cannot be capped: its shadow takes terabytes. The report
 * then says that the rlimits are not in force. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_ASAN 1
#endif
#endif
#ifndef SANDBOX_ASAN
#define SANDBOX_ASAN 0
#endif
#endif
