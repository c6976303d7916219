#include "text/time.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

bool time_format(char out[TIME_TEXT_SIZE], const char *format, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;
    /* strftime() adds 1900 to the year in an int. */
    if (gmtime_r(&time, &tm) && tm.tm_year <= INT_MAX - 1900 &&
        strftime(out, TIME_TEXT_SIZE, format, &tm))
        return true;
    snprintf(out, TIME_TEXT_SIZE, "unknown");
    return false;
}

int64_t time_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
