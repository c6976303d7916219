#include "normalized/record.h"

#include <string.h>

#include "normalized/tabs.h"

enum { FIRST_YEAR = 1000, STATUS_DIGITS = 3, BYTES_DIGITS_MAX = 15 };

const int8_t record_number_places[COLUMN_COUNT] = {
    [COLUMN_EDGE_LOCATION] = 1, [COLUMN_CLIENT] = 2,        [COLUMN_HOST] = 3,
    [COLUMN_STEM] = 4,          [COLUMN_REFERER] = 5,       [COLUMN_AGENT] = 6,
    [COLUMN_RESULT] = 7,        [COLUMN_PROTOCOL] = 8,      [COLUMN_PROTOCOL_VERSION] = 9,
    [COLUMN_TLS] = 10,          [COLUMN_CONTENT_TYPE] = 11, [COLUMN_COUNTRY] = 12,
    [COLUMN_EVENT] = 13,        [COLUMN_DURATION] = 14,     [COLUMN_FILE_EXT] = RECORD_NUMBERS,
};

bool record_date_exists(unsigned year, unsigned month, unsigned day)
{
    return year >= FIRST_YEAR && clock_date_exists(year, month, day);
}

/* Reads a field of digits.  Returns false when it has another byte. */
static bool read_digits(struct field field, uint64_t *value)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < field.size; i++) {
        unsigned digit = (unsigned char)field.text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

/* A record whose line is split up to a column. */
struct splitting {
    uint32_t *end, *last;
    const char *line, *begin; /* of the line, and of the column */
};

static inline bool end_columns(void *user, const char *text, uint64_t tabs)
{
    struct splitting *splitting = user;
    for (; tabs; tabs &= tabs - 1) {
        const char *tab = bytes_first(text, tabs);
        if (tab == splitting->begin || splitting->end == splitting->last)
            return false;
        *splitting->end++ = (uint32_t)(tab - splitting->line);
        splitting->begin = tab + 1;
    }
    return true;
}

static bool split_columns(struct record *record, const char *line, const char *end)
{
    struct splitting splitting = {record->end, &record->end[COLUMN_COUNT - 1], line, line};
    if (!tabs_visit(line, (size_t)(end - line), end_columns, &splitting) ||
        splitting.end != splitting.last || splitting.begin == end)
        return false;
    *splitting.last = (uint32_t)(end - line);
    return end[-1] != '\r';
}

static bool read_time(struct record *record)
{
    const struct field date = record_field(record, COLUMN_DATE),
                       time = record_field(record, COLUMN_TIME);
    return clock_read_date(date.text, date.size, &record->date) &&
           record->date.year >= FIRST_YEAR &&
           clock_read_time(time.text, time.size, &record->time) && record->time.second <= 59;
}

bool record_split(struct record *record, const char *line, size_t size)
{
    uint64_t number;
    record->line = line;
    record->size = size;
    record->numbering = 0;
    if (size == 0 || line[size - 1] != '\n' || !split_columns(record, line, line + size - 1))
        return false;
    const struct field status = record_field(record, COLUMN_STATUS),
                       bytes = record_field(record, COLUMN_BYTES);
    if (status.size != STATUS_DIGITS || !read_digits(status, &number) ||
        bytes.size > BYTES_DIGITS_MAX || !read_digits(bytes, &record->bytes) || !read_time(record))
        return false;
    record->status = (unsigned)number;
    return true;
}
