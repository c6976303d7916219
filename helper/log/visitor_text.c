#include "log/visitor_text.h"

#include <string.h>
#include <strings.h>

#include "log/delimiter.h"
#include "log/header.h"
#include "log/shape.h"
#include "normalized/ascii.h"
#include "normalized/clock.h"

static bool is_of_cloudfront(enum column column)
{
    switch (column) {
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_EDGE_LOCATION:
    case COLUMN_BYTES:
    case COLUMN_CLIENT:
    case COLUMN_STATUS:
    case COLUMN_RESULT:
    case COLUMN_PROTOCOL:
    case COLUMN_PROTOCOL_VERSION:
    case COLUMN_TLS:
    case COLUMN_TIME_TAKEN:
    case COLUMN_TIME_TO_FIRST_BYTE:
    case COLUMN_COUNTRY:
    case COLUMN_EVENT:
    case COLUMN_REQUEST_ID:
    case COLUMN_DETAILED_RESULT:
    case COLUMN_RESPONSE_RESULT:
    case COLUMN_CIPHER:
    case COLUMN_CONTENT_LENGTH:
    case COLUMN_TENANT:
    case COLUMN_ASN:
    case COLUMN_DISTRIBUTION:
    case INPUT_TIMESTAMP:
    case INPUT_TIMESTAMP_MS:
    case INPUT_CONNECTION:
        return true;
    default:
        return false;
    }
}

bool visitor_text_has_column(enum column column)
{
    return !is_of_cloudfront(column);
}

bool visitor_text_has_name(const char *name, size_t size)
{
    static const char *const others[] = {
        "cs-bytes",
        "c-port",
        "c-ip-version",
        "s-ip",
        "sc-range-start",
        "sc-range-end",
        "cs-headers-count",
        "fle-encrypted-fields",
        "fle-status",
        "connection-id",
        "origin-fbl",
        "origin-lbl",
        "r-host",
        "sr-reason",
        "x-edge-mqcs",
        "primary-distribution-id",
        "x-cf-status",
        "x-sid",
        "cache-behavior-path-pattern",
        "primary-distribution-dns-name",
    };
    char dashed[64];
    if (is_of_cloudfront(column_find(name, size)))
        return false;
    for (size_t i = 0; i < size && i < sizeof dashed; i++)
        dashed[i] = name[i] == '_' ? '-' : name[i];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (size == strlen(others[i]) && !strncasecmp(others[i], dashed, size))
            return false;
    return true;
}

/* Whether a value is a time as one of the columns has it. */
static bool is_time(const struct header *header, struct field value)
{
    static const enum column columns[] = {COLUMN_DATE, INPUT_TIMESTAMP, INPUT_TIMESTAMP_MS};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (header_has(header, columns[i]) && !field_is_absent(value) &&
            shape_fits(columns[i], value))
            return true;
    return false;
}

/* Whether a time stands between two delimiters, or behind the last one. */
static bool has_time(const struct header *header, const struct delimiter *delimiter,
                     const char *line, size_t size)
{
    const char *s = line, *end = line + size;
    while ((s = memmem(s, (size_t)(end - s), delimiter->text, delimiter->size))) {
        s += delimiter->size;
        const char *next = memmem(s, (size_t)(end - s), delimiter->text, delimiter->size);
        if (is_time(header, (struct field){s, (size_t)((next ? next : end) - s)}))
            return true;
    }
    return false;
}

/* Whether a value may begin at S if the delimiter is not known: in JSON, a quotation mark is before a date, and a colon
 * and perhaps spaces before a number. */
static bool may_begin(const char *line, const char *s)
{
    if (ascii_is_letter_or_digit(s[-1]) || s[-1] == '"' || s[-1] == '.' || s[-1] == '-')
        return false;
    if (*line != '{' && *line != '[')
        return true;
    while (s > line && s[-1] == ' ')
        s--;
    return s[-1] != ':' && s[-1] != '[';
}

/* The same as has_time() if the delimiter is not known. */
static bool has_time_anywhere(const struct header *header, const char *line, size_t size)
{
    const char *end = line + size;
    for (const char *s = line + 1; s < end; s++) {
        if (!ascii_is_digit(*s) || !may_begin(line, s))
            continue;
        const char *after = s;
        while (after < end && (ascii_is_digit(*after) || *after == '-' || *after == '.'))
            after++;
        if (after < end && *after == 'T' && after - s == CLOCK_DATE_SIZE &&
            (size_t)(end - after) > CLOCK_TIME_SIZE)
            after += 1 + CLOCK_TIME_SIZE;
        if (is_time(header, (struct field){s, (size_t)(after - s)}))
            return true;
    }
    return false;
}

bool visitor_text_is_row(const struct header *header, const struct delimiter *delimiter,
                         const char *line, size_t size)
{
    if (!header->has_visitor_first || !size)
        return false;
    return delimiter->size ? has_time(header, delimiter, line, size)
                           : has_time_anywhere(header, line, size);
}
