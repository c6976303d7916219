/* Turns the values of a row into a record of the normalized log. */
#ifndef LOG_NORMALIZE_H
#define LOG_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/client.h"
#include "log/decoded_values.h"
#include "log/header.h"
#include "log/split.h"
#include "normalized/clock.h"

/* Where the client and the virtual host are taken from, and what is remembered. */
struct normalize_options {
    struct client_options client;
    bool host_cs_host; /* the distribution's own name; else the name that the viewer asked for */
    struct decoded_values
        *agents; /* remembers user agents, and stays the caller's; NULL: nothing does */
};

/* What a format of logs means by columns that formats use differently. */
struct normalize_meaning {
    enum column viewer_host, distribution_host;
};

/* Room for the texts of steps: for each column a TAB and the value of a missing column, and LF. */
enum { NORMALIZE_TEXT_SIZE = 8 * COLUMN_COUNT + 1 + LINES_SLACK };

/* A part of a record after its date and time, all of which are written from left to right. */
struct normalize_step {
    enum {
        STEP_PLAIN,  /* a TAB, and the value of a column that is copied if the row is plain */
        STEP_UNLESS, /* the same for a value that is copied unless it has a byte */
        STEP_OTHER,  /* a TAB, and the value of a column */
        STEP_TEXT    /* TABs and values that are absent in every row, and LF at the end */
    } kind;
    uint8_t column;      /* of the value */
    char unless;         /* that byte */
    int16_t position;    /* of the value in a row; 0 when there may be none */
    uint16_t from, size; /* of the text */
};

/* A column of numbers that is copied.  Most values have at most 8 bytes, and no decimal point or one behind the first
 * digit.  The first byte is the lowest one of a number of 8 bytes. */
struct normalize_number {
    int16_t position;  /* of the value in a row */
    bool has_fraction; /* the number may have a decimal point */
    uint8_t size_min;  /* the least bytes of such a value */
    uint64_t zeros;    /* such a value of 8 bytes if all digits were 0 */
    uint64_t
        carries; /* added to the difference from ZEROS, sets the highest bit of each byte that is neither digit
                          nor decimal point */
    const char *error; /* of a row with anything else: a constant text */
};

/* The most of these columns. */
enum { NORMALIZE_NUMBERS_MAX = 5 };

/* How a column is normalized. */
struct normalize_column {
    int16_t position, fallback; /* of the value, and of the one to take if it is absent; or -1 */
    enum {
        VALUE_PLAIN,
        VALUE_URL,
        VALUE_AGENT,
        VALUE_HOST,
        VALUE_CLIENT,
        VALUE_C_IP,  /* a client that is c-ip and not anonymized */
        VALUE_ABSENT /* in every row: the log lacks the column */
    } kind;
    const char *absent; /* the value of every row if the log lacks the column */
};

/* How the rows of one header are normalized. */
struct normalize {
    struct normalize_column column[COLUMN_COUNT];
    struct decoded_values *agents;
    char date[CLOCK_DATE_SIZE]; /* of the row before, as most rows have it again */
    uint32_t days;              /* of that date, since 1970-01-01; 0: none yet */
    struct normalize_step steps[COLUMN_COUNT + 1];
    struct normalize_number numbers[NORMALIZE_NUMBERS_MAX];
    size_t number_count;
    size_t step_count, values; /* how many steps, and values that a row must have for them */
    char text[NORMALIZE_TEXT_SIZE];
    int16_t forwarded_for, timestamp, timestamp_ms;
    struct client_options client;
};

/* Works out how to normalize the rows that HEADER describes. */
void normalize_prepare(struct normalize *normalize, const struct header *header,
                       const struct normalize_meaning *meaning,
                       const struct normalize_options *options);

/* Returns the bytes that a record may take whose row has SIZE bytes. */
static inline size_t normalize_room(size_t size)
{
    return 3 * size + 3 * COLUMN_COUNT + CLIENT_SIZE + 64 + LINES_SLACK;
}

/* Writes the record of a row to OUT, which has room for normalize_room() bytes.  The record is
 * COLUMN_COUNT values with a TAB between two, and LF at the end.  "-" stands for a value that the
 * log does not have, so no value is empty; absent_value() in normalize.c lists the exceptions.  Stores
 * the record's size and time (seconds since 1970-01-01 UTC).  Returns NULL, or an error in the row: a
 * constant text. */
const char *normalize_row(struct normalize *normalize, const struct fields *fields, char *out,
                          size_t *out_size, uint32_t *time);

/* Checks the columns of numbers of a normalized record, without LF: each must be absent, or a number in its range.  The
 * record may have only the first columns.  Returns NULL or an error, a constant text. */
const char *normalize_check_record(const char *record, size_t size);

/* Stores the row's time (seconds since 1970-01-01 UTC), and writes its date, a TAB and its time of
 * day to OUT, 19 bytes.  Returns NULL, or an error: a constant text. */
const char *normalize_time(struct normalize *normalize, const struct fields *fields, char *out,
                           uint32_t *time);

#endif
