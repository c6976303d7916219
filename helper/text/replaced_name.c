#include "text/replaced_name.h"

#include <time.h>
#include <unistd.h>

#include "text/buffer.h"
#include "text/time.h"

char *replaced_name_end(void)
{
    struct buffer end = {0};
    char stamp[TIME_TEXT_SIZE];
    time_format(stamp, "%Y%m%d-%H%M%S", time(NULL));
    buffer_printf(&end, ".replaced-%s-%ld", stamp, (long)getpid());
    return end.data;
}
