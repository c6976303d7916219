/* How many threads can run at the same time. */
#ifndef THREADS_PROCESSORS_H
#define THREADS_PROCESSORS_H

#include <stddef.h>

/* Returns how many processors this process has, at least 1: those of its affinity mask (taskset, a cpuset); fewer if the
 * quota of its control group is smaller, rounded up (cpu.max; a container with --cpus 2).  Only cgroup v2 is read. */
size_t processors_count(void);

/* Returns how many processors the limits of a control group allow, rounded up; 0: they set no limit.  MEMBERSHIP is the
 * file /proc/self/cgroup, MOUNT the folder of the control groups.  A group has the limits of all groups above, too.  A
 * container may not see its own group: then that of MOUNT itself counts. */
size_t processors_of_group(const char *membership, const char *mount);

#endif
