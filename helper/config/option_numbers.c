#include "config/option_numbers.h"

#include <errno.h>
#include <stdlib.h>

/* Reads a number from MIN to MAX.  Returns false for any other VALUE. */
static bool read_number(unsigned *number, const char *value, unsigned min, unsigned max)
{
    char *end;
    errno = 0;
    unsigned long read = strtoul(value, &end, 10);
    if (errno || *end || *value < '0' || *value > '9' || read < min || read > max)
        return false;
    *number = (unsigned)read;
    return true;
}

const char *set_jobs(struct parse *parse, const char *value)
{
    return read_number(&parse->options->transfers, value, 1, OPTIONS_TRANSFERS_MAX)
               ? NULL
               : "must be a number from 1 to " TRANSFERS_MAX;
}

const char *set_wait(struct parse *parse, const char *value)
{
    parse->options->wait_given = true;
    if (!value) {
        parse->options->wait = OPTIONS_WAIT_UNLIMITED;
        return NULL;
    }
    return read_number(&parse->options->wait, value, 0, OPTIONS_WAIT_MAX)
               ? NULL
               : "must be a number of seconds from 0 to " WAIT_MAX;
}

const char *set_shards(struct parse *parse, const char *value)
{
    return read_number(&parse->options->shards, value, 1, OPTIONS_SHARDS_MAX)
               ? NULL
               : "must be a number from 1 to " SHARDS_MAX;
}

const char *set_parts(struct parse *parse, const char *value)
{
    return read_number(&parse->options->parts, value, 1, OPTIONS_SHARDS_MAX)
               ? NULL
               : "must be a number from 1 to " SHARDS_MAX;
}

const char *set_number(struct parse *parse, const char *value)
{
    parse->options->number_given = true;
    return read_number(&parse->options->number, value, 0, OPTIONS_SHARDS_MAX - 1)
               ? NULL
               : "must be a number from 0 to one less than the plan has";
}
