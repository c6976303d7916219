#include "log/row_start.h"

#include <stdint.h>
#include <string.h>

#include "log/shape.h"
#include "normalized/ascii.h"
#include "normalized/clock.h"

size_t row_start_find_epoch(const char *line, size_t size)
{
    size_t digits = 0;
    while (digits < size && (ascii_is_digit(line[digits]) || line[digits] == '.'))
        digits++;
    return digits < size && shape_fits(INPUT_TIMESTAMP, (struct field){line, digits}) ? digits : 0;
}

/* Finds the text between a date and a time of day, which are the first two values, or follow a few others.  Returns
 * false when the line does not have both. */
static bool find_between(struct delimiter *delimiter, const char *line, size_t size)
{
    enum { SEARCHED = 64 };
    uint32_t number;
    size_t searched = size < SEARCHED ? size : SEARCHED;
    for (size_t i = 0; i < searched; i++) {
        if ((i && ascii_is_digit(line[i - 1])) ||
            !clock_parse_date(line + i, size - i < CLOCK_DATE_SIZE ? 0 : CLOCK_DATE_SIZE, &number))
            continue;
        size_t after = i + CLOCK_DATE_SIZE;
        if (after < size && line[after] == 'T')
            continue; /* of one value, 2026-03-10T12:00:00Z */
        for (size_t length = 1; length <= DELIMITER_SIZE_MAX; length++) {
            size_t at = after + length;
            if (at + CLOCK_TIME_SIZE <= size &&
                clock_parse_time(line + at, CLOCK_TIME_SIZE, &number)) {
                memcpy(delimiter->text, line + after, length);
                delimiter->size = length;
                return true;
            }
        }
    }
    return false;
}

bool row_start_find_delimiter(struct delimiter *delimiter, const char *line, size_t size)
{
    size_t epoch;
    if (find_between(delimiter, line, size)) {
        size_t spaces = 0;
        while (spaces < delimiter->size && delimiter->text[spaces] == ' ')
            spaces++;
        if (spaces == delimiter->size)
            delimiter->size = 1; /* other values may have fewer spaces between */
        return true;
    }
    if (!(epoch = row_start_find_epoch(line, size)))
        return false;
    *delimiter = (struct delimiter){{line[epoch]}, 1};
    return true;
}

bool row_start_is_date(const char *line, size_t size)
{
    struct delimiter delimiter;
    uint32_t days;
    return size >= CLOCK_DATE_SIZE && clock_parse_date(line, CLOCK_DATE_SIZE, &days) &&
           find_between(&delimiter, line, size);
}
