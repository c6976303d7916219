#include "log/names.h"

#include <string.h>
#include <strings.h>

#include "normalized/ascii.h"

/* The least number of the columns below that a table of requests has. */
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
    if (end - s >= 2 && *s == '"' && end[-1] == '"') {
        names->quoted++;
        s++;
        end--;
    }
    for (size_t skip; s < end; s += skip ? skip : 1) {
        skip = header_zero_width_space(s, end);
        names->has_other_bytes |= !ascii_is_digit(*s) && *s != '_' && (*s < 'a' || *s > 'z');
        names->has_underscores |= *s == '_';
        if (*s == '\\')
            names->has_backslashes = true;
        else if (!skip && size < sizeof name)
            name[size++] = *s;
    }
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
    return error == HEADER_GOOD ? header_end(&names->header) : error;
}

/* Whether the names are those of the result of a query, which repeats records of other logs. */
static bool are_of_query(const struct names *names)
{
    return names->quoted == names->header.field_count ||
           (*names->delimiter.text == ',' && names->has_underscores && !names->has_other_bytes);
}

/* Returns how many of the columns of requests a line names.  Stores the kind of a table that is none of requests, or
 * NULL. */
static size_t parse(struct names *names, const char *line, size_t size, const char **foreign)
{
    static const char delimiters[] = "\t,;| ";
    size_t most = 0;
    *foreign = NULL;
    /* No name begins with a digit, or has one of these bytes, as rows and JSON do. */
    if (!size || ascii_is_digit(*line) || memchr(line, '%', size) || memchr(line, '{', size))
        return 0;
    for (const char *delimiter = delimiters; *delimiter && !most; delimiter++) {
        if (!memchr(line, *delimiter, size))
            continue;
        enum header_error error = read_names(names, *delimiter, line, size);
        if (error == HEADER_GOOD || (error == HEADER_FOREIGN && names->header.is_of_others))
            most = count_request_columns(&names->header);
        if (most && names->header.is_of_others)
            *foreign = names->header.foreign;
        else if (most && are_of_query(names))
            *foreign = "the result of a query, such as one of Athena, which repeats records (for a "
                       "log, the setting \"fields\" must name its columns)";
    }
    return most;
}

bool names_parse(struct names *names, const char *line, size_t size)
{
    const char *foreign;
    return parse(names, line, size, &foreign) >= REQUEST_COLUMNS_MIN && !foreign;
}

const char *names_find_foreign(const char *line, size_t size)
{
    struct names names;
    const char *foreign;
    parse(&names, line, size, &foreign);
    return foreign;
}

bool names_parse_among_rows(struct names *names, const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (ascii_is_digit(line[i]))
            return false;
    return names_parse(names, line, size);
}

bool names_is_hint(const char *line, size_t size)
{
    static const char hint[] = "sep=";
    return size == sizeof hint && !strncasecmp(line, hint, sizeof hint - 1);
}

bool names_are_similar(const char *line, size_t size)
{
    struct names names;
    const char *foreign;
    return parse(&names, line, size, &foreign) > 0;
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
