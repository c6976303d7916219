/*
 * Preloaded into a program, makes another program's race with it happen each time: a file gets
 * another content in the moment before it is renamed or removed, or after it.
 *
 *   RACE_PATH    the file, an absolute path; without it nothing happens
 *   RACE_BEFORE  a file that takes its place just before the program renames or removes it
 *   RACE_AFTER   a file that takes its place just after
 *   RACE_KILL    if set, the program is killed just after
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static int is_done;

static int is_raced(const char *path)
{
    const char *raced = getenv("RACE_PATH");

    return !is_done && raced && !strcmp(path, raced);
}

static void put(const char *variable, const char *path)
{
    const char *file = getenv(variable);

    if (file)
        syscall(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, path, 0);
}

static void after(const char *path)
{
    int error = errno;

    is_done = 1;
    put("RACE_AFTER", path);
    if (getenv("RACE_KILL"))
        raise(SIGKILL);
    errno = error;
}

int rename(const char *from, const char *to)
{
    int raced = is_raced(from), result;

    if (raced)
        put("RACE_BEFORE", from);
    result = NEXT(rename)(from, to);
    if (raced)
        after(from);
    return result;
}

int unlink(const char *path)
{
    int raced = is_raced(path), result;

    if (raced)
        put("RACE_BEFORE", path);
    result = NEXT(unlink)(path);
    if (raced)
        after(path);
    return result;
}
