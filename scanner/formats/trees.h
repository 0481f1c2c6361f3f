#ifndef SCANNER_FORMATS_TREES_H
#define SCANNER_FORMATS_TREES_H
/*
 * Tree ensembles (XGBoost, LightGBM, CatBoost), as one `model.trees` fact. Their loaders follow
 * child and feature numbers without looking, so a number that leads out of its array is a
 * memory error in the program that loads the model: each such number is a problem.
 */
#include "scanner/formats/format.h"

#define TREES_PROBLEMS 16 /* told in words; the rest is counted */

struct trees {
    const struct format_input *in;
    const char *library;  /* "xgboost" */
    struct slice version; /* of the library or of its format, as the file says */
    struct slice objective, booster;
    uint64_t trees, nodes, features, classes;
    uint64_t features_used; /* one more than the largest feature that a node splits on */
    struct value_builder told;
    uint64_t problems;
};

void trees_init(struct trees *t, const struct format_input *in, const char *library);
/* Something that is not as it must be. */
void trees_problem(struct trees *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void trees_tell(struct trees *t);
#endif
