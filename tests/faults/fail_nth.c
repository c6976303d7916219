/*
 * Preloaded into a program, makes one of its system calls fail that concern files below a folder.
 *
 *   FAIL_FOLDER   the folder, an absolute path; without it nothing is counted
 *   FAIL_NTH      the call that fails, 1 for the first; 0 for none
 *   FAIL_ERROR    its errno, a number
 *   FAIL_FULL     if set, the disk is full from that call on: what takes space fails with ENOSPC;
 *                 the call itself, if it is a write, is cut short
 *   FAIL_CALLS    a file, which gets a line "NAME PATH" for each call, of all processes that have
 *                 these variables, in the order in which they were made
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum verdict { PASSES, FAILS, IS_CUT };

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static int below(const char *path)
{
    const char *folder = getenv("FAIL_FOLDER");
    size_t len = folder ? strlen(folder) : 0;

    return len && !strncmp(path, folder, len) && (path[len] == '/' || !path[len]);
}

/* Writes down a call, and returns its number, from 1 on.  Plain system calls: it is not to count
 * itself. */
static unsigned long number_of(const char *name, const char *path)
{
    char text[PATH_MAX + 64], *at = text;
    unsigned long number = 1;
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, getenv("FAIL_CALLS"), O_RDWR | O_APPEND | O_CREAT, 0600);
    ssize_t got;

    flock(fd, LOCK_EX);
    while ((got = syscall(SYS_read, fd, text, sizeof text)) > 0) {
        for (at = text; at < text + got; at++)
            number += *at == '\n';
    }
    got = snprintf(text, sizeof text, "%s %s\n", name, path);
    syscall(SYS_write, fd, text, (size_t)got);
    syscall(SYS_close, fd);
    return number;
}

/* What becomes of a call; errno is set when it is to fail. */
static enum verdict judge(const char *name, const char *path, int takes_space)
{
    char absolute[PATH_MAX * 2] = "";
    int saved = errno;
    unsigned long number, nth;

    if (*path != '/' && getcwd(absolute, PATH_MAX))
        strcat(absolute, "/");
    strncat(absolute, path, PATH_MAX - 1);
    if (!below(absolute))
        return PASSES;
    number = number_of(name, absolute);
    nth = strtoul(getenv("FAIL_NTH"), NULL, 10);
    errno = saved;
    if (!nth || number < nth)
        return PASSES;
    if (getenv("FAIL_FULL") ? !takes_space : number != nth)
        return PASSES;
    if (!getenv("FAIL_FULL")) {
        errno = atoi(getenv("FAIL_ERROR"));
        return FAILS;
    }
    errno = ENOSPC;
    return number == nth && !strcmp(name, "write") ? IS_CUT : FAILS;
}

static enum verdict judge_fd(const char *name, int fd, int takes_space)
{
    char link[64], path[PATH_MAX];
    int saved = errno;
    ssize_t len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (len < 0)
        return PASSES;
    path[len] = 0;
    return judge(name, path, takes_space);
}

ssize_t write(int fd, const void *data, size_t len)
{
    enum verdict verdict = judge_fd("write", fd, 1);

    if (verdict == FAILS || (verdict == IS_CUT && len < 2))
        return -1;
    return NEXT(write)(fd, data, verdict == IS_CUT ? len / 2 : len);
}

ssize_t read(int fd, void *data, size_t len)
{
    return judge_fd("read", fd, 0) ? -1 : NEXT(read)(fd, data, len);
}

int fsync(int fd)
{
    return judge_fd("fsync", fd, 0) ? -1 : NEXT(fsync)(fd);
}

/* The descriptor is gone, whatever close() says. */
int close(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int wrong = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && judge_fd("close", fd, 0);
    int error = errno;
    int result = NEXT(close)(fd);

    errno = wrong ? error : errno;
    return wrong ? -1 : result;
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (judge(flags & O_CREAT ? "create" : "open", path, flags & O_CREAT))
        return -1;
    return NEXT(open64)(path, flags, mode);
}

DIR *opendir(const char *path)
{
    return judge("opendir", path, 0) ? NULL : NEXT(opendir)(path);
}

struct dirent64 *readdir64(DIR *folder)
{
    return judge_fd("readdir", dirfd(folder), 0) ? NULL : NEXT(readdir64)(folder);
}

int rename(const char *from, const char *to)
{
    return judge("rename", to, 1) ? -1 : NEXT(rename)(from, to);
}

int link(const char *from, const char *to)
{
    return judge("link", to, 1) ? -1 : NEXT(link)(from, to);
}

int symlink(const char *to, const char *path)
{
    return judge("symlink", path, 1) ? -1 : NEXT(symlink)(to, path);
}

int mkdir(const char *path, mode_t mode)
{
    return judge("mkdir", path, 1) ? -1 : NEXT(mkdir)(path, mode);
}

int unlink(const char *path)
{
    return judge("unlink", path, 0) ? -1 : NEXT(unlink)(path);
}

int rmdir(const char *path)
{
    return judge("rmdir", path, 0) ? -1 : NEXT(rmdir)(path);
}

int ftruncate64(int fd, off64_t size)
{
    return judge_fd("truncate", fd, 0) ? -1 : NEXT(ftruncate64)(fd, size);
}
