#include "ledger/lock.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/own_file.h"
#include "text/file_error.h"
#include "text/message.h"
#include "text/time.h"

enum { WAIT_STEP_MS = 50, SIGN_STEP_MS = 5, SIGN_STEPS = 20 };

static void put_holder(int fd, const char *path, struct buffer *error)
{
    char holder[128];
    struct timespec step = {.tv_nsec = SIGN_STEP_MS * 1000000L};
    ssize_t size = 0;
    for (int i = 0; i < SIGN_STEPS && size <= 0; i++) {
        if (i)
            nanosleep(&step, NULL); /* its holder is about to write its process ID */
        size = pread(fd, holder, sizeof holder - 1, 0);
    }
    holder[size > 0 ? size : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    buffer_printf(error, "%s: another run is using this ledger%s%s", path, *holder ? ": " : "",
                  holder);
}

/* Writes into the file which process holds the lock. */
static void sign(int fd)
{
    char text[96], when[TIME_TEXT_SIZE];
    time_format(when, TIME_SECOND, time(NULL));
    int size = snprintf(text, sizeof text, "process %ld, since %s\n", (long)getpid(), when);
    if (pwrite(fd, text, (size_t)size, 0) < 0 || ftruncate(fd, size) < 0)
        message_verbose("the process ID cannot be written into the lock file: %s", strerror(errno));
}

enum lock_result lock_take(int *fd, const char *path, unsigned wait, struct buffer *error)
{
    enum lock_result result = LOCK_FAILED;
    struct buffer name = {0};
    struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000L};
    uint64_t left = (uint64_t)wait * 1000;
    *fd = -1;
    buffer_printf(&name, "%s.lock", path);
    if (folders_make_above(name.data, 0700) == 0)
        *fd = own_file_open(name.data, true, 0600, NULL);
    if (*fd < 0) {
        int number = errno;
        buffer_printf(error, "%s: ", name.data);
        file_error_add(error, path, "*", number);
        buffer_add_text(error, "; the setting state names the ledger");
        goto out;
    }
    while (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK && left) {
            nanosleep(&step, NULL);
            left -= left < WAIT_STEP_MS ? left : WAIT_STEP_MS;
        } else if (errno == EWOULDBLOCK) {
            put_holder(*fd, path, error);
            result = LOCK_TAKEN_BY_OTHER;
            goto out;
        } else if (errno != EINTR) {
            buffer_printf(error, "%s: cannot be locked: %s", name.data, strerror(errno));
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
