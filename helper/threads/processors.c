#include "threads/processors.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/read_file.h"

enum { MEMBERSHIP_MAX = 65536, LIMIT_MAX = 128 }; /* bytes of the files */

/* Returns how many processors the file cpu.max of the group FOLDER allows; 0: any number, or there
 * is no such file.  The file has "max PERIOD" or "QUOTA PERIOD", in microseconds.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files */
static size_t read_limit(const char *folder)
{
    char path[PATH_MAX];
    unsigned long quota, period;
    size_t size = 0;
    if ((size_t)snprintf(path, sizeof path, "%s/cpu.max", folder) >= sizeof path)
        return 0;
    char *text = read_file(path, LIMIT_MAX, &size);
    bool has = text && sscanf(text, "%lu %lu", &quota, &period) == 2 && quota && period;
    free(text);
    return has ? (quota - 1) / period + 1 : 0;
}

/* Returns the path of the process's group in cgroup v2, which ends with the line; NULL: there is
 * none. */
static const char *find_group(const char *membership)
{
    static const char begin[] = "0::", later[] = "\n0::";
    if (strncmp(membership, begin, strlen(begin)) == 0)
        return membership + strlen(begin);
    const char *line = strstr(membership, later);
    return line ? line + strlen(later) : NULL;
}

size_t processors_of_group(const char *membership, const char *mount)
{
    char folder[PATH_MAX];
    size_t size = 0, least = 0, mount_size = strlen(mount);
    char *text = read_file(membership, MEMBERSHIP_MAX, &size);
    const char *group = text ? find_group(text) : NULL;
    int length =
        group ? snprintf(folder, sizeof folder, "%s%.*s", mount, (int)strcspn(group, "\n"), group)
              : 0;
    free(text);
    if (!group || (size_t)length >= sizeof folder)
        return 0;
    for (;;) {
        size_t limit = read_limit(folder);
        if (limit && (!least || limit < least))
            least = limit;
        if (strlen(folder) <= mount_size)
            return least;
        *strrchr(folder, '/') = '\0';
    }
}

size_t processors_count(void)
{
    cpu_set_t set;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = online > 0 ? (size_t)online : 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = (size_t)CPU_COUNT(&set);
    size_t limit = processors_of_group("/proc/self/cgroup", "/sys/fs/cgroup");
    return limit && limit < count ? limit : count;
}
