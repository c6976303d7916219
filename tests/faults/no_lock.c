/* Preloaded into a program, refuses its locks, as a network filesystem without a lock service does. */
#include <errno.h>
#include <sys/file.h>

int flock(int fd, int operation)
{
    (void)fd, (void)operation;
    errno = ENOLCK;
    return -1;
}
