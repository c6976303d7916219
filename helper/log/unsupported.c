#include "log/unsupported.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "normalized/clock.h"

static bool begins(const char *line, size_t size, const char *with)
{
    size_t with_size = strlen(with);
    return size >= with_size && !memcmp(line, with, with_size);
}

static bool has_control(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return true;
    return false;
}

const char *unsupported_name(const char *line, size_t size)
{
    size_t digits = 0;
    uint32_t days;
    while (digits < size && line[digits] >= '0' && line[digits] <= '9')
        digits++;
    if (begins(line, size, "PAR1"))
        return "a Parquet file, which is not supported; choose w3c as the output format in the "
               "distribution's logging settings in CloudFront";
    if (has_control(line, size))
        return "binary data, not a CloudFront log; keep other files out of the source";
    if (line[0] == '{')
        return "a log in JSON format, which is not supported; choose w3c as the output format in "
               "the distribution's logging settings in CloudFront";
    if (digits == 10 && size > 14 && line[10] == '.' && line[14] == '\t')
        return "a real-time log, which is not supported; turn on standard logs in the "
               "distribution's logging settings in CloudFront";
    if (size >= CLOCK_DATE_SIZE && clock_parse_date(line, CLOCK_DATE_SIZE, &days))
        return "a log without its #Fields header, which names the columns; put CloudFront's "
               "original log in its place";
    return "not a CloudFront log: it does not begin with #Version or #Fields; keep other files out "
           "of the source";
}
