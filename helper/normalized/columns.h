/* The names of columns: those of the normalized log, in its order, and those that are only read. */
#ifndef NORMALIZED_COLUMNS_H
#define NORMALIZED_COLUMNS_H

#include <stddef.h>

/* The order of the first COLUMN_COUNT is the order in which they are written. */
enum column {
    COLUMN_DATE,
    COLUMN_TIME,
    COLUMN_EDGE_LOCATION,
    COLUMN_BYTES,
    COLUMN_CLIENT,
    COLUMN_METHOD,
    COLUMN_HOST,
    COLUMN_STEM,
    COLUMN_STATUS,
    COLUMN_REFERER,
    COLUMN_AGENT,
    COLUMN_QUERY,
    COLUMN_RESULT,
    COLUMN_PROTOCOL,
    COLUMN_PROTOCOL_VERSION,
    COLUMN_TLS,
    COLUMN_CONTENT_TYPE,
    COLUMN_TIME_TAKEN,
    COLUMN_TIME_TO_FIRST_BYTE,
    COLUMN_COUNTRY,
    COLUMN_EVENT,
    COLUMN_DURATION,
    COLUMN_STREAM_NAME,
    COLUMN_FILE_EXT,
    COLUMN_COUNT,
    /* read, and used to fill one of the above */
    INPUT_HOST_HEADER = COLUMN_COUNT,
    INPUT_FORWARDED_FOR,
    INPUT_TIMESTAMP,
    INPUT_TIMESTAMP_MS,
    /* of streaming logs */
    INPUT_CONNECTION,
    INPUT_STREAM_QUERY,
    INPUT_PAGE,
    INPUT_REFERRER,
    INPUT_PLAYER,
    INPUT_COUNT,
    COLUMN_NONE = INPUT_COUNT /* a column that is not used */
};

/* How a column's value is brought to its normal form; see decode.h. */
enum column_text { COLUMN_TEXT_PLAIN, COLUMN_TEXT_URL, COLUMN_TEXT_AGENT };

/* The column's name as CloudFront spells it; a string constant. */
const char *column_name(enum column column);
enum column_text column_text(enum column column);

/* The column called NAME (letters in any case, as pipelines that copy logs change it), or
 * COLUMN_NONE. */
enum column column_find(const char *name, size_t size);

#endif
