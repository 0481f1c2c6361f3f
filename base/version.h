#ifndef BASE_VERSION_H
#define BASE_VERSION_H
/* The version of the program: semantic, in attestations and reports too. */
#define SALLYPORT_VERSION "0.1.0"
#endif
