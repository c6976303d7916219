/* Fuzzes the reading of a response that is an error: its texts are text, and its explanation is one
 * line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "s3/error.h"

static void check_text(const char *text, size_t room)
{
    if (!memchr(text, 0, room))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 301, 400, 403, 404, 409, 412, 416, 429, 500, 503, 0};
    struct s3_error error = {0};

    if (!size)
        return 0;
    error.status = statuses[data[0] % (sizeof statuses / sizeof *statuses)];
    s3_error_parse(&error, (const char *)data + 1, size - 1);
    check_text(error.code, sizeof error.code);
    check_text(error.message, sizeof error.message);
    check_text(error.region, sizeof error.region);
    s3_error_is_temporary(&error);
    s3_error_is_everywhere(&error);
    return 0;
}
