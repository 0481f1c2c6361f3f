#include "gate/jobs.h"

#include "scanner/config/config.h"
#include "scanner/formats/model.h"
#include "scanner/image/image.h"

const struct worker_job_type jobs_table[] = {
#define JOB(name, run) {#name, run},
#include "gate/jobs.def"
#undef JOB
    {NULL, NULL},
};
