/* files/read_at: all bytes of a place, although pread() gives parts, is interrupted or fails. */
#include "files/read_at.h"

#include <errno.h>
#include <unistd.h>

#include "files/temporary.h"
#include "files/write_all.h"
#include "tap.h"

static const char text[] = "abcdefghijklmnopqrstuvwxyz";

/* What pread() does at each call: reads so many bytes at the most, or fails with an error. */
static struct {
    size_t most;
    int error;
    unsigned error_at; /* the number of the call, from 1; 0: none */
    unsigned calls;
} reads;

ssize_t __real_pread64(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t at)
{
    if (++reads.calls == reads.error_at) {
        errno = reads.error;
        return -1;
    }
    return __real_pread64(fd, data, size < reads.most ? size : reads.most, at);
}

/* Reads SIZE bytes at OFFSET, and compares them with WANT and with what is behind them. */
static void check(int fd, size_t size, uint64_t offset, const char *want, const char *name)
{
    char got[sizeof text + 1];
    memset(got, '#', sizeof got);
    ssize_t count = read_at(fd, got, size, offset);
    is_text(got, count < 0 ? 0 : (size_t)count, want, name);
    ok(count >= 0 && got[count] == '#', "%s: nothing behind them", name);
}

int main(void)
{
    int fd = temporary_open(temporary_directory());
    if (!ok(fd >= 0 && write_all(fd, text, sizeof text - 1), "a file"))
        return done_testing();

    reads.most = sizeof text;
    check(fd, 5, 0, "abcde", "the first bytes");
    check(fd, 3, 23, "xyz", "the last bytes");
    check(fd, 10, 20, "uvwxyz", "fewer bytes at the end");
    check(fd, 4, 26, "", "no bytes at the end");
    check(fd, 4, 100, "", "no bytes behind the end");
    check(fd, 0, 3, "", "no bytes that are asked for");

    reads.most = 3;
    check(fd, 20, 2, "cdefghijklmnopqrstuv", "in parts");
    check(fd, 20, 12, "mnopqrstuvwxyz", "in parts, to the end");

    reads.error = EINTR;
    reads.error_at = reads.calls + 3;
    check(fd, 20, 2, "cdefghijklmnopqrstuv", "in parts, with a signal");
    ok(reads.calls >= reads.error_at, "the signal came");

    reads.error = EIO;
    reads.error_at = reads.calls + 3;
    char got[sizeof text];
    errno = 0;
    ok(read_at(fd, got, 20, 0) == -1 && errno == EIO, "a part that cannot be read: an error");
    close(fd);
    return done_testing();
}
