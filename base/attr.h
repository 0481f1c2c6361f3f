#ifndef BASE_ATTR_H
#define BASE_ATTR_H
/*
 * What the house asks of the compiler: results that must be read, and locals that clean
 * themselves. AUTO_FREE, AUTO_CLOSE and AUTO_FILE release at the end of the scope; set the
 * variable to NULL or -1 to keep what it holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void attr_free(void *p)
{
    free(*(void **)p);
}

static inline void attr_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void attr_fclose(FILE **f)
{
    if (*f != NULL)
        fclose(*f);
}

#define AUTO_FREE __attribute__((cleanup(attr_free)))
#define AUTO_CLOSE __attribute__((cleanup(attr_close)))
#define AUTO_FILE __attribute__((cleanup(attr_fclose)))
#endif
