#include "text/standard_output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int standard_output_flush(void)
{
    if (fflush(stdout) == EOF)
        return errno;
    if (!ferror(stdout))
        return 0;
    /* The error was an earlier one.  A closed descriptor still says so. */
    return write(fileno(stdout), "", 0) < 0 ? errno : EIO;
}
