#include "http/deadline.h"

#include <limits.h>

long http_deadline(uint64_t size)
{
    uint64_t seconds = size / HTTP_SLOWEST + HTTP_DEADLINE_S;
    return seconds < INT_MAX / 1000 ? (long)seconds * 1000 : INT_MAX; /* INT_MAX: 24 days */
}
