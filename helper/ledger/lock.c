#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

enum {
    WAIT_STEP_MS = 50,
    TELL_AFTER_MS = 1000, /* a multiple of WAIT_STEP_MS; most runs end earlier */
    SIGN_STEP_MS = 5,
    SIGN_STEPS = 20
};

/* Adds the error that another run holds the lock, with the process that sign() has written into the lock file. */
static void put_holder(int fd, const char *path, const char *used, struct buffer *error)
{
    char holder[128];
    struct timespec step = {.tv_nsec = SIGN_STEP_MS * 1000000L};
    ssize_t size = 0;
    for (int i = 0; i < SIGN_STEPS && size <= 0; i++) {
        if (i)
            nanosleep(&step, NULL); /* the other run holds the lock, and is about to call sign() */
        size = pread(fd, holder, sizeof holder - 1, 0);
    }
    holder[size > 0 ? size : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    buffer_printf(error, "another run is using %s %s%s%s%s", used, path, *holder ? " (" : "",
                  holder, *holder ? ")" : "");
}

/* Writes into the file which process holds the lock. */
static void sign(int fd)
{
    char text[96], when[TIME_TEXT_SIZE];
    time_format(when, TIME_SECOND, time(NULL));
    int size = snprintf(text, sizeof text, "process %ld, since %s\n", (long)getpid(), when);
    if (pwrite(fd, text, (size_t)size, 0) < 0 || ftruncate(fd, size) < 0)
        message_verbose("the process ID cannot be written into the lock file: %s; the lock "
                        "works without it, so this run goes on",
                        strerror(errno));
}

/* Prints for which process this one waits. */
static void tell_wait(int fd, const char *name, const char *used, unsigned wait)
{
    struct buffer text = {0};
    put_holder(fd, name, used, &text);
    lock_tell_wait(text.data, wait);
    buffer_free(&text);
}

void lock_tell_wait(const char *holder, unsigned wait)
{
    char most[64] = "";
    if (wait != UINT_MAX)
        snprintf(most, sizeof most, ", at most %u seconds", wait);
    message_note("%s; this command waits for it to end%s", holder, most);
}

/* Waits for the lock of FD at most WAIT seconds.  NAME is what messages call the locked file. */
static enum lock_result wait_for_lock(int fd, const char *name, const char *used, unsigned wait,
                                      struct buffer *error)
{
    struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000L};
    uint64_t left = (uint64_t)wait * 1000, waited = 0;
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK && left) {
            if (waited == TELL_AFTER_MS)
                tell_wait(fd, name, used, wait);
            nanosleep(&step, NULL);
            left -= left < WAIT_STEP_MS ? left : WAIT_STEP_MS;
            waited += WAIT_STEP_MS;
        } else if (errno == EWOULDBLOCK) {
            put_holder(fd, name, used, error);
            return LOCK_TAKEN_BY_OTHER;
        } else if (errno != EINTR) {
            buffer_printf(error,
                          "%s: cannot be locked: %s; its file system must have file locks (flock)",
                          name, strerror(errno));
            return LOCK_FAILED;
        }
    }
    return LOCK_HELD;
}

/* Opens and locks the file PATH.  ABOUT is the file that PATH protects (PATH itself, or the ledger file).
 * Errors say PURPOSE behind PATH. */
static enum lock_result take(int *fd, const char *path, const char *about, const char *used,
                             unsigned wait, const char *purpose, struct buffer *error)
{
    *fd = own_file_open(path, true, 0600, NULL);
    if (*fd < 0) {
        int number = errno;
        buffer_printf(error, "%s%s: ", path, purpose);
        file_error_add(error, about, "*", number);
        return LOCK_FAILED;
    }
    enum lock_result result = wait_for_lock(*fd, about, used, wait, error);
    if (result == LOCK_HELD) {
        sign(*fd);
    } else {
        close(*fd);
        *fd = -1;
    }
    return result;
}

enum lock_result lock_wait_until_free(const char *path, const char *used, unsigned wait,
                                      struct buffer *error)
{
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return LOCK_HELD;
    enum lock_result result = wait_for_lock(fd, path, used, wait, error);
    close(fd);
    if (result != LOCK_FAILED)
        return result;
    buffer_clear(error);
    return LOCK_HELD;
}

enum lock_result lock_take_file(int *fd, const char *path, const char *used, unsigned wait,
                                struct buffer *error)
{
    return take(fd, path, path, used, wait, "", error);
}

enum lock_result lock_take(int *fd, const char *path, unsigned wait, struct buffer *error)
{
    static const char purpose[] =
        " (the lock of the ledger file, which the setting \"state\" names)";
    enum lock_result result = LOCK_FAILED;
    struct buffer name = {0};
    *fd = -1;
    buffer_printf(&name, "%s.lock", path);
    if (folders_make_above(name.data, 0700) == 0) {
        result = take(fd, name.data, path, "the ledger file", wait, purpose, error);
    } else {
        int number = errno;
        buffer_printf(error, "%s%s: ", name.data, purpose);
        file_error_add(error, path, "*", number);
    }
    buffer_free(&name);
    return result;
}
