/*
 * Preloaded into a program, kills it at one of its system calls that change a file or write a stream: what is
 * done until then is done, nothing after it is.
 *
 *   KILL_NTH     the call before which the process dies, 1 for the first; 0 or unset for none
 *   KILL_COUNT   a file that gets the number of calls made, when the program ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static atomic_ulong calls;

static void step(void)
{
    const char *nth = getenv("KILL_NTH");

    if (atomic_fetch_add(&calls, 1) + 1 == (nth ? strtoul(nth, NULL, 10) : 0))
        kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("KILL_COUNT");
    FILE *out = path ? fopen(path, "w") : NULL;

    if (out) {
        fprintf(out, "%lu", (unsigned long)calls);
        fclose(out);
    }
}

ssize_t write(int fd, const void *data, size_t len)
{
    step();
    return NEXT(write)(fd, data, len);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    step();
    return NEXT(pwrite64)(fd, data, len, at);
}

int fsync(int fd)
{
    step();
    return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    step();
    return NEXT(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t size)
{
    step();
    return NEXT(ftruncate64)(fd, size);
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
        step();
    }
    return NEXT(open64)(path, flags, mode);
}

int rename(const char *from, const char *to)
{
    step();
    return NEXT(rename)(from, to);
}

int link(const char *from, const char *to)
{
    step();
    return NEXT(link)(from, to);
}

int unlink(const char *path)
{
    step();
    return NEXT(unlink)(path);
}
