#include "log/names.h"

#include <string.h>

#include "log/real_time.h"
#include "normalized/ascii.h"

/* What a table of requests has at least, of the columns below. */
enum { REQUEST_COLUMNS_MIN = 4 };

static size_t count_request_columns(const struct header *header)
{
    static const enum column columns[] = {COLUMN_STEM,       COLUMN_STATUS, COLUMN_METHOD,
                                          COLUMN_BYTES,      COLUMN_HOST,   COLUMN_CLIENT,
                                          COLUMN_REQUEST_ID, COLUMN_EVENT,  INPUT_CONNECTION};
    size_t count = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        count += header_has(header, columns[i]);
    return count;
}

/* Adds a name without the spaces around it. */
static enum header_error add_name(struct names *names, const char *s, const char *end)
{
    char name[64];
    size_t size = 0;
    while (s < end && *s == ' ')
        s++;
    while (s < end && end[-1] == ' ')
        end--;
    for (size_t skip; s < end; s += skip ? skip : 1) {
        skip = header_zero_width_space(s, end);
        if (*s == '\\')
            names->has_backslashes = true;
        else if (!skip && size < sizeof name)
            name[size++] = *s;
    }
    names->is_real_time |= real_time_has_name(name, size);
    return header_add(&names->header, name, size);
}

/* Reads names that have a delimiter between. */
static enum header_error read_names(struct names *names, char delimiter, const char *line,
                                    size_t size)
{
    enum header_error error = HEADER_GOOD;
    *names = (struct names){.delimiter = {{delimiter}, 1}};
    header_begin(&names->header);
    for (const char *s = line, *end = line + size; s <= end && error == HEADER_GOOD;) {
        const char *next = s < end ? memchr(s, delimiter, (size_t)(end - s)) : NULL;
        error = add_name(names, s, next ? next : end);
        s = (next ? next : end) + 1;
    }
    names->is_real_time &= !header_has(&names->header, COLUMN_DATE);
    return error == HEADER_GOOD ? header_end(&names->header) : error;
}

/* Returns how many of the columns of requests a line names. */
static size_t parse(struct names *names, const char *line, size_t size)
{
    static const char delimiters[] = "\t,;| ";
    size_t most = 0;
    /* No name begins with a digit or has this byte, as rows do.  A table in quotation marks is a result of Athena, which
     * repeats records of other logs. */
    if (!size || *line == '"' || ascii_is_digit(*line) || memchr(line, '%', size))
        return 0;
    for (const char *delimiter = delimiters; *delimiter && !most; delimiter++)
        if (memchr(line, *delimiter, size) &&
            read_names(names, *delimiter, line, size) == HEADER_GOOD)
            most = count_request_columns(&names->header);
    return most;
}

bool names_parse(struct names *names, const char *line, size_t size)
{
    return parse(names, line, size) >= REQUEST_COLUMNS_MIN;
}

bool names_parse_among_rows(struct names *names, const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (ascii_is_digit(line[i]))
            return false;
    return names_parse(names, line, size);
}

bool names_are_similar(const char *line, size_t size)
{
    struct names names;
    return parse(&names, line, size) > 0;
}

size_t names_unescape(const char *row, size_t size, char *out)
{
    char *o = out;
    for (const char *s = row, *end = row + size; s < end; s++) {
        if (*s == '\\' && s + 1 < end && !ascii_is_letter_or_digit(s[1]))
            s++;
        *o++ = *s;
    }
    return (size_t)(o - out);
}
