#include "threads/error.h"

#include <errno.h>
#include <string.h>

const char *thread_error(int number)
{
    if (number == EAGAIN)
        return "no thread can be started: this user or service already has as many processes and "
               "threads as its limit allows, or memory has run out; raise the limit (ulimit -u, "
               "TasksMax= of a systemd service, pids.max of a container), or free memory";
    return strerrordesc_np(number);
}
