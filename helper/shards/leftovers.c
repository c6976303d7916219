#include "shards/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "files/read_file.h"
#include "memory/hash.h"
#include "shards/plan.h"

enum { BOOT_ID_MAX = 64, MACHINE_DIGITS = 16, RANDOM_DIGITS = 16 };

/* Returns a number for this start of this machine, and for the namespace of process IDs.  0: the number cannot be
 * made. */
static uint64_t find_machine(void)
{
    struct utsname system;
    struct stat namespace;
    size_t size = 0;
    char *boot = read_file("/proc/sys/kernel/random/boot_id", BOOT_ID_MAX, &size);
    uint64_t machine = 0;
    if (boot && size && uname(&system) == 0 && stat("/proc/self/ns/pid", &namespace) == 0) {
        char *text = path_of("%s\n%s\n%ju", boot, system.nodename, (uintmax_t) namespace.st_ino);
        machine = hash_bytes(text, strlen(text), 0);
        free(text);
    }
    free(boot);
    return machine;
}

void leftovers_make_mark(char mark[MARK_SIZE], const char *random)
{
    snprintf(mark, MARK_SIZE, "%016" PRIx64 "-%ld-%s", find_machine(), (long)getpid(), random);
}

/* Whether the process that made the mark is certainly dead.  END must follow the mark. */
static bool is_dead(const char *mark, const char *end)
{
    static const char digits[] = "0123456789abcdef";
    if (strspn(mark, digits) != MACHINE_DIGITS || mark[MACHINE_DIGITS] != '-')
        return false;
    char *rest;
    uint64_t machine = strtoull(mark, NULL, 16);
    const char *process = mark + MACHINE_DIGITS + 1;
    long id = strtol(process, &rest, 10);
    if (*process < '1' || *process > '9' || *rest != '-' ||
        strspn(rest + 1, digits) != RANDOM_DIGITS || strcmp(rest + 1 + RANDOM_DIGITS, end) != 0)
        return false;
    return machine && machine == find_machine() && (pid_t)id == id && kill((pid_t)id, 0) < 0 &&
           errno == ESRCH;
}

/* Returns the mark in a name, behind the last "." before END; NULL when the name has none. */
static const char *find_mark(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    const char *dot = size > end_size ? memrchr(name, '.', size - end_size) : NULL;
    return dot ? dot + 1 : NULL;
}

/* Whether PATH is a folder of this user, and not a symbolic link.  Other users can write where temporary folders
 * are. */
static bool is_own_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

void leftovers_remove(const char *folder, const char *end)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry;
    while (stream && (entry = readdir(stream))) {
        const char *mark = find_mark(entry->d_name, end);
        if (!mark || !is_dead(mark, end))
            continue;
        char *path = path_of("%s/%s", folder, entry->d_name);
        if (is_own_folder(path))
            remove_tree(path);
        free(path);
    }
    if (stream)
        closedir(stream);
}
