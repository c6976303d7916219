#include "log/header.h"

#include <string.h>
#include <strings.h>

#include "log/foreign.h"
#include "log/real_time.h"
#include "log/visitor_text.h"

/* AWStats cannot count a record without these columns, so a row that ends before them is bad. */
static const enum column required[] = {
    COLUMN_DATE,   COLUMN_TIME,  COLUMN_CLIENT, COLUMN_METHOD,    COLUMN_STEM,
    COLUMN_STATUS, COLUMN_BYTES, COLUMN_EVENT,  INPUT_CONNECTION,
};

size_t header_zero_width_space(const char *s, const char *end)
{
    return end - s >= 3 && !memcmp(s, "\xe2\x80\x8b", 3) ? 3 : 0;
}

/* Reads the next name into NAME, without any U+200B inside.  Returns the place after it. */
static const char *next_name(const char *s, const char *end, char name[64], size_t *size)
{
    size_t skip;
    *size = 0;
    while (s < end && !header_is_name_byte(*s))
        s++;
    while (s < end && (header_is_name_byte(*s) || header_zero_width_space(s, end))) {
        if ((skip = header_zero_width_space(s, end))) {
            s += skip;
            continue;
        }
        if (*size < 64)
            name[(*size)++] = *s;
        s++;
    }
    return s;
}

void header_begin(struct header *header)
{
    *header = (struct header){0};
    for (int i = 0; i < INPUT_COUNT; i++)
        header->position[i] = -1;
}

/* Returns whether a name has the form of the W3C's extended logs, also if the name is damaged behind: a
 * date, a time, or the prefix of who sends to whom (client, server, remote; x: a value of the server's own)
 * and "-", "(" or, in Parquet, "_". */
static bool has_log_form(struct field name)
{
    static const char *const prefixes[] = {"c", "s", "r", "cs", "sc", "sr", "rs", "x"};
    if (field_begins_with(name, "date") || field_begins_with(name, "time"))
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t length = strlen(prefixes[i]);
        if (field_begins_with(name, prefixes[i]) && name.size > length &&
            (name.text[length] == '-' || name.text[length] == '(' || name.text[length] == '_'))
            return true;
    }
    return false;
}

enum header_error header_add(struct header *header, const char *name, size_t size)
{
    if (header->field_count == HEADER_FIELDS_MAX)
        return HEADER_TOO_LONG;
    enum column column = column_find(name, size);
    if (column != COLUMN_NONE) {
        if (header->position[column] >= 0)
            return HEADER_TWICE;
        header->position[column] = (int16_t)header->field_count;
    }
    header->has_log_name |= has_log_form((struct field){name, size});
    header->has_parenthesis |= size && memchr(name, '(', size);
    header->has_real_time_name |= column == COLUMN_NONE && real_time_has_name(name, size);
    header->has_visitor_last = visitor_text_has_name(name, size);
    if (!header->field_count) {
        header->has_visitor_first = header->has_visitor_last;
        header->has_time_first = column == COLUMN_NONE || column == COLUMN_TIME ||
                                 column == INPUT_TIMESTAMP || column == INPUT_TIMESTAMP_MS;
    }
    if (!header->foreign)
        header->foreign = foreign_find_name(name, size);
    const char *other = foreign_find_other(name, size);
    if (other) {
        header->is_of_others = true;
        header->foreign = other;
    }
    header->may_be_iis |= foreign_may_be_iis(name, size);
    header->field_count++;
    return HEADER_GOOD;
}

/* Whether s-ip is that of IIS.  IIS writes date and time alone, and a real-time log has a timestamp.  A program may have
 * made date and time of it: then names tell that CloudFront alone has. */
static bool is_of_iis(const struct header *header)
{
    static const enum column of_cloudfront[] = {INPUT_TIMESTAMP, INPUT_TIMESTAMP_MS,
                                                COLUMN_EDGE_LOCATION, COLUMN_REQUEST_ID,
                                                COLUMN_RESULT};
    for (size_t i = 0; i < sizeof of_cloudfront / sizeof *of_cloudfront; i++)
        if (header_has(header, of_cloudfront[i]))
            return false;
    return header->may_be_iis;
}

enum header_error header_end(struct header *header)
{
    if (!header->field_count)
        return HEADER_EMPTY;
    if (is_of_iis(header)) {
        header->is_of_others = true;
        header->foreign = foreign_iis;
    }
    if (header->is_of_others)
        return HEADER_FOREIGN;
    if (!(header_has(header, COLUMN_DATE) && header_has(header, COLUMN_TIME)) &&
        !header_has(header, INPUT_TIMESTAMP) && !header_has(header, INPUT_TIMESTAMP_MS))
        return header->has_log_name ? HEADER_WITHOUT_TIME : HEADER_FOREIGN;
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        if (header->position[required[i]] >= (int)header->required)
            header->required = (size_t)header->position[required[i]] + 1;
    return HEADER_GOOD;
}

const char *header_error_text(enum header_error error)
{
    static const char without_time[] =
        "the #Fields header has neither date and time nor timestamp; add date and time to the "
        "distribution's logging settings in CloudFront";
    static const char *const errors[] = {
        [HEADER_GOOD] = NULL,
        [HEADER_TOO_LONG] = "the #Fields header names more than 256 fields; put CloudFront's "
                            "original log in its place",
        [HEADER_TWICE] = "the #Fields header names a field twice; put CloudFront's original log in "
                         "its place",
        [HEADER_EMPTY] =
            "the #Fields header names no fields; put CloudFront's original log in its place",
        [HEADER_WITHOUT_TIME] = without_time,
        [HEADER_FOREIGN] = without_time,
    };
    return errors[error];
}

enum header_error header_parse(struct header *header, const char *names, size_t size)
{
    const char *s = names, *end = names + size;
    char name[64];
    size_t name_size;
    header_begin(header);
    while (s = next_name(s, end, name, &name_size), name_size) {
        enum header_error error = header_add(header, name, name_size);
        if (error)
            return error;
    }
    return header_end(header);
}

enum header_error header_parse_known(struct header_known *known, struct header *header,
                                     const char *names, size_t size)
{
    if (size && size == known->size && !memcmp(names, known->names, size)) {
        *header = known->header;
        return HEADER_GOOD;
    }
    enum header_error error = header_parse(header, names, size);
    known->size = 0;
    if (!error && size <= sizeof known->names) {
        memcpy(known->names, names, size);
        known->size = size;
        known->header = *header;
    }
    return error;
}

bool header_misreads(const struct header *other, const struct header *rows)
{
    for (int i = 0; i < INPUT_COUNT; i++) {
        bool is_behind = rows->position[i] < 0 && other->position[i] >= (int)rows->field_count;
        if (other->position[i] != rows->position[i] && !is_behind)
            return true;
    }
    return false;
}

bool header_has_request(const struct header *header)
{
    static const enum column columns[] = {COLUMN_STEM,   COLUMN_STATUS,     COLUMN_METHOD,
                                          COLUMN_BYTES,  COLUMN_HOST,       INPUT_HOST_HEADER,
                                          COLUMN_CLIENT, COLUMN_REQUEST_ID, COLUMN_EDGE_LOCATION};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (header_has(header, columns[i]))
            return true;
    return false;
}

bool header_is_streaming(const struct header *header)
{
    return header_has(header, INPUT_CONNECTION) && header_has(header, COLUMN_EVENT);
}

size_t header_normalized_columns(const struct header *header)
{
    if (header->field_count < COLUMN_EXTRA || header->field_count > COLUMN_COUNT)
        return 0;
    for (size_t i = 0; i < header->field_count; i++)
        if (header->position[i] != (int)i)
            return 0;
    return header->field_count;
}
