/* The header lines of a log: which column stands where. */
#ifndef LOG_HEADER_H
#define LOG_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/columns.h"

enum { HEADER_FIELDS_MAX = 256 };

struct header {
    size_t field_count; /* fields a record has by the header, at most HEADER_FIELDS_MAX */
    size_t required;    /* fields a record must have at least */
    int16_t
        position[INPUT_COUNT]; /* of each column, counted from 0; -1: the log does not have it */
};

/* Reads the names behind "#Fields:".  Accepted between and behind names: spaces and TABs in any
 * number, and U+200B (copies of the AWS page have it).  Returns NULL, or what is wrong. */
const char *header_parse(struct header *header, const char *names, size_t size);

static inline bool header_has(const struct header *header, enum column column)
{
    return header->position[column] >= 0;
}

/* Whether it is the header of a streaming (RTMP) distribution's log. */
bool header_is_streaming(const struct header *header);

/* Whether the columns are exactly those of the normalized log. */
bool header_is_normalized(const struct header *header);

#endif
