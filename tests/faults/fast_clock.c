/* To preload: once the file FAST_CLOCK exists, the monotonic clock runs thirty times as fast, so that a program does not
 * wait a minute for what it waits a minute for. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FACTOR = 30, NS_PER_S = 1000000000 };

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static long long begun;
    const char *file = getenv("FAST_CLOCK");
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result != 0 || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_RAW) ||
        (!begun && (!file || access(file, F_OK) != 0)))
        return result;
    long long time = now->tv_sec * (long long)NS_PER_S + now->tv_nsec;
    if (!begun)
        begun = time;
    time = begun + (time - begun) * FACTOR;
    now->tv_sec = time / NS_PER_S;
    now->tv_nsec = time % NS_PER_S;
    return result;
}
