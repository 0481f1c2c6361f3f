#ifndef TESTS_LIB_CASES_H
#define TESTS_LIB_CASES_H
/*
 * CASES(suite, name, table) { ... *case_index ... } runs the body once for each row of a static
 * table, each in a process of its own. The index crosses between processes, never a pointer. Rows
 * carry `const char *what`, to be put in every message.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define CASES_MAX 2048

#define CASES(suite, name, table)                                                                  \
    ParameterizedTestParameters(suite, name)                                                       \
    {                                                                                              \
        static size_t index[CASES_MAX];                                                            \
        const size_t n = sizeof(table) / sizeof((table)[0]);                                       \
        for (size_t i = 0; i < n && i < CASES_MAX; i++)                                            \
            index[i] = i;                                                                          \
        return cr_make_param_array(size_t, index, n);                                              \
    }                                                                                              \
    ParameterizedTest(size_t *case_index, suite, name)
#endif
