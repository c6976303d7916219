#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text/buffer.h"
#include "text/message.h"

enum { WAIT_STEP_MS = 50, SIGN_STEP_MS = 5, SIGN_STEPS = 20 };

/* Makes the folders above PATH, for their owner alone.  Returns 0, or -1 with errno set. */
static int make_folders(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        int result = mkdir(path, 0700);
        *p = '/';
        if (result < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static void say_holder(int fd, const char *path)
{
    char holder[128];
    struct timespec step = {.tv_nsec = SIGN_STEP_MS * 1000000L};
    ssize_t size = 0;
    for (int i = 0; i < SIGN_STEPS && size <= 0; i++) {
        if (i)
            nanosleep(&step, NULL); /* it has the lock, but did not sign yet */
        size = pread(fd, holder, sizeof holder - 1, 0);
    }
    holder[size > 0 ? size : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    message_error("%s: another run is at work here%s%s; use --wait to wait for it", path,
                  *holder ? ": " : "", holder);
}

/* Writes into the file who holds it. */
static void sign(int fd)
{
    char text[96], when[sizeof "YYYY-MM-DD HH:MM:SS"];
    time_t now = time(NULL);
    struct tm tm;
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime_r(&now, &tm));
    int size = snprintf(text, sizeof text, "process %ld, since %s UTC\n", (long)getpid(), when);
    if (pwrite(fd, text, (size_t)size, 0) < 0 || ftruncate(fd, size) < 0)
        message_verbose("the lock cannot be signed: %s", strerror(errno));
}

enum lock_result lock_take(int *fd, const char *path, unsigned wait)
{
    enum lock_result result = LOCK_FAILED;
    struct buffer name = {0};
    struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000L};
    uint64_t left = (uint64_t)wait * 1000;
    *fd = -1;
    if (!buffer_printf(&name, "%s.lock", path)) {
        message_error("out of memory");
        goto out;
    }
    if (make_folders(name.data) == 0)
        *fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        message_error("%s: %s; the setting state names the file to keep state in", name.data,
                      strerror(errno));
        goto out;
    }
    while (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK && left) {
            nanosleep(&step, NULL);
            left -= left < WAIT_STEP_MS ? left : WAIT_STEP_MS;
        } else if (errno == EWOULDBLOCK) {
            say_holder(*fd, path);
            result = LOCK_TAKEN_BY_OTHER;
            goto out;
        } else if (errno != EINTR) {
            message_error("%s: cannot be locked: %s", name.data, strerror(errno));
            goto out;
        }
    }
    sign(*fd);
    result = LOCK_HELD;
out:
    if (result != LOCK_HELD && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    buffer_free(&name);
    return result;
}
