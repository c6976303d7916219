/* One row of a CloudFront log becomes one record of the normalized log. */
#ifndef LOG_NORMALIZE_H
#define LOG_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/fields.h"
#include "log/header.h"

/* Which columns the client's address and the virtual host are taken from. */
struct normalize_options {
    bool client_forwarded; /* the first address of x-forwarded-for, where there is one; else c-ip */
    bool host_cs_host;     /* cs(Host); else x-host-header, where the log has it */
};

struct normalize {
    struct normalize_options options;
    const struct header *header;
    struct fields fields;
    bool space_separated;
};

/* Bytes that a record may take which was made of a row of SIZE bytes. */
static inline size_t normalize_room(size_t size)
{
    return 3 * size + 3 * COLUMN_COUNT + 32;
}

/* Normalizes the ROW of SIZE bytes, without its line end, into OUT, which has normalize_room(SIZE)
 * bytes of room.  The record is COLUMN_COUNT values with TABs between and LF behind; "-" stands for
 * a value that the log does not have, so none is empty.  Stores the record's length and time
 * (seconds since 1970-01-01 UTC).  Returns NULL, or what is wrong with the row: a constant text. */
const char *normalize_row(struct normalize *normalize, const char *row, size_t size, char *out,
                          size_t *out_size, uint32_t *time);

/* Finds the time of the row that is in normalize->fields (seconds since 1970-01-01 UTC), and writes
 * its date, a TAB and the time of day to OUT, 19 bytes.  Returns NULL, or what is wrong. */
const char *normalize_time(const struct normalize *normalize, char *out, uint32_t *time);

/* Splits the row into normalize->fields.  Returns NULL, or what is wrong. */
const char *normalize_split(struct normalize *normalize, const char *row, size_t size);

/* The first address in an X-Forwarded-For value as CloudFront logs it, written to OUT (46 bytes of
 * room).  Between addresses: a comma and spaces, raw or as %20 or \x20; an address may have a port,
 * brackets, or zeros in front of its numbers.  What is not an address is passed over.  Returns the
 * bytes written, 0 when there is none. */
size_t normalize_forwarded_for(const char *s, size_t size, char *out);

#endif
