#include "gate/command.h"
#include "gate/jobs.h"
#include "scanner/worker/worker.h"

int main(int argc, char **argv)
{
    worker_main_if_asked(argc, argv, jobs_table); /* never returns in a worker */
    return command_main(argc, argv);
}
