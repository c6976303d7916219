/* Counts the processors that this process may use. */
#ifndef THREADS_PROCESSORS_H
#define THREADS_PROCESSORS_H

#include <stddef.h>

/* Returns how many processors this process may use, at least 1: the processors of its affinity mask
 * (taskset, a cpuset), or fewer if the quota of its control group, rounded up, is smaller (cpu.max;
 * a container with --cpus 2).  Reads only cgroup v2. */
size_t processors_count(void);

/* Returns how many processors the limits of a control group allow, rounded up; 0: there is no
 * limit. MEMBERSHIP is the file /proc/self/cgroup, MOUNT the folder of the control groups.  The
 * limits of all groups above a group hold for it, too.  A container may not see its own group: then
 * the limit of MOUNT counts. */
size_t processors_of_group(const char *membership, const char *mount);

#endif
