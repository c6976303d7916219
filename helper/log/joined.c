#include "log/joined.h"

#include <string.h>

#include "log/directive.h"
#include "log/json_log.h"
#include "log/names.h"
#include "log/shape.h"
#include "normalized/ascii.h"
#include "normalized/bytes.h"
#include "normalized/clock.h"

const char joined_error[] = "another record or log begins in the same line, as when files were "
                            "joined of which one lacks its last line end";

static inline bool is_control(unsigned char byte)
{
    return byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r';
}

static inline bool is_encoded(unsigned char byte)
{
    return byte > '~' || is_control(byte);
}

#ifdef __SSE2__
static inline __m128i find_controls(__m128i bytes)
{
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ' - 1)), bytes);
    const __m128i is_tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i is_lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
    const __m128i is_cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
    return _mm_andnot_si128(_mm_or_si128(is_tab, _mm_or_si128(is_lf, is_cr)), is_low);
}

static inline __m128i find_encoded(__m128i bytes)
{
    const __m128i is_high = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8('~' + 1)), bytes);
    return _mm_or_si128(is_high, find_controls(bytes));
}
#endif

static inline bool has_none(void *user, const char *text, uint64_t found)
{
    (void)user;
    (void)text;
    return !found;
}

bool joined_is_binary(const char *s, size_t size)
{
    static const struct bytes_kind controls = {.test = is_control,
#ifdef __SSE2__
                                               .find = find_controls
#endif
    };
    return !bytes_visit(s, size, controls, has_none, NULL);
}

/* Whether one of the bytes is above 126 or a control byte: logs encode these within values, so most lines have none.
 * Data has some. */
static bool has_encoded(const char *s, size_t size)
{
    static const struct bytes_kind encoded = {.test = is_encoded,
#ifdef __SSE2__
                                              .find = find_encoded
#endif
    };
    return !bytes_visit(s, size, encoded, has_none, NULL);
}

const char *joined_find_data(const char *line, size_t size, bool *is_certain)
{
    static const char compressed[] =
        "compressed data follows the text of the log in the same object, and cannot be "
        "read; put each log into an object of its own";
    static const struct {
        const char *magic;
        size_t size;
        const char *error;
    } kinds[] = {
        {"\x1f\x8b\x08", 3, compressed},     /* gzip */
        {"\x28\xb5\x2f\xfd", 4, compressed}, /* zstd */
        {"BZh", 3, compressed},
        {"\xfd"
         "7zXZ",
         5, compressed},
        {"PK\3\4", 4, compressed},
        {"PAR1", 4,
         "a Parquet file follows the text of the log in the same object, and cannot be read; put "
         "each log into an object of its own"},
    };
    const char *error = NULL;
    *is_certain = false;
    if (!has_encoded(line, size))
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !*is_certain; i++) {
        const char *found = memmem(line, size, kinds[i].magic, kinds[i].size);
        if (!found)
            continue;
        bool is_begin = found == line && (unsigned char)kinds[i].magic[kinds[i].size - 1] > '~';
        *is_certain = is_begin || joined_is_binary(found, size - (size_t)(found - line));
        if (!error || *is_certain)
            error = kinds[i].error;
    }
    return error;
}

/* Returns the place of a header or of its first line in a text; NULL when it has none. */
static const char *find_directive(const char *text, const char *end)
{
    size_t name_size;
    for (const char *s = text; (s = memchr(s, '#', (size_t)(end - s))); s++)
        if (directive_find(s, (size_t)(end - s), &name_size) != DIRECTIVE_NONE)
            return s;
    return NULL;
}

/* Returns the place of JSON objects that go on to the end of a text, with a bracket before them; NULL when it has
 * none. */
static const char *find_json(struct log *log, const char *text, const char *end)
{
    enum { TRIES_MAX = 8 }; /* so that a long line is not read again and again */
    int tries = 0;
    for (const char *s = text; (s = memchr(s, '{', (size_t)(end - s))) && tries < TRIES_MAX; s++) {
        if (end - s < 2 || s[1] != '"')
            continue;
        tries++;
        if (!json_count_rest(log, s, (size_t)(end - s)))
            continue;
        return s - text > 0 && s[-1] == '[' ? s - 1 : s;
    }
    return NULL;
}

size_t joined_find_log(struct log *log, const char *line, size_t size)
{
    const char *end = line + size;
    if (log->normalized.state != NORMALIZED_NONE)
        return 0;
    const char *found = find_directive(line, end);
    if (!found)
        found = find_json(log, line, end);
    return found ? (size_t)(found - line) : 0;
}

static bool is_date(struct field value)
{
    return shape_fits(COLUMN_DATE, value);
}

static bool is_time_of_day(struct field value)
{
    return shape_fits(COLUMN_TIME, value);
}

/* Whether a value that ends at AT, a delimiter, and the value behind are the first two values of a row. */
static bool begins_row(const struct delimiter *delimiter, const char *line, const char *at,
                       const char *end, const char **first)
{
    enum { EPOCH_SIZE = 14 }; /* 1773144000.123 */
    static const struct {
        size_t size; /* of the first value */
        int mark_before;
        char mark; /* so many bytes before its end, to be quick */
        bool (*is_first)(struct field value);
        bool (*is_second)(struct field value);
    } beginnings[] = {
        {CLOCK_DATE_SIZE, 3, '-', is_date, is_time_of_day},
        {EPOCH_SIZE, 4, '.', shape_is_precise_time, shape_is_address},
    };
    const char *second = at + delimiter->size;
    while (second < end && *second == ' ') /* of a delimiter that is a run of spaces */
        second++;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const size_t size = beginnings[i].size;
        if ((size_t)(at - line) < size || at[-beginnings[i].mark_before] != beginnings[i].mark)
            continue;
        const char *next = memmem(second, (size_t)(end - second), delimiter->text, delimiter->size);
        if (next && beginnings[i].is_first((struct field){at - size, size}) &&
            beginnings[i].is_second((struct field){second, (size_t)(next - second)})) {
            *first = at - size;
            return true;
        }
    }
    return false;
}

/* Finds the next beginning of a row in a text, with the delimiter between its two values.  Returns the delimiter's
 * place; NULL when there is none. */
static const char *find_beginning(const struct delimiter *delimiter, const char *line,
                                  const char *from, const char *end, const char **first)
{
    while ((from = memmem(from, (size_t)(end - from), delimiter->text, delimiter->size))) {
        if (begins_row(delimiter, line, from, end, first))
            return from;
        from += delimiter->size;
    }
    return NULL;
}

/* Returns the place of the last value of a row; NULL when that is not in the line, since the value is in quotation
 * marks. */
static const char *find_last_value(const struct log *log, const char *line, size_t size)
{
    const char *text = log->fields.field[log->fields.count - 1].text;
    return text >= line && text <= line + size ? text : NULL;
}

const char *joined_find_data_in_row(const struct log *log, const char *line, size_t size,
                                    bool *is_certain)
{
    const char *error = joined_find_data(line, size, is_certain);
    if (!*is_certain)
        return error;
    const struct delimiter *delimiter = &log->delimiter;
    const char *last =
        delimiter->size ? memrchr(line, delimiter->text[delimiter->size - 1], size) : NULL;
    bool is_whole = log->fields.count >= log->header.field_count;
    bool may_be_text = log->layout.is_open || (is_whole && log->header.has_visitor_last);
    bool is_in_last = last && joined_is_binary(last, size - (size_t)(last - line));
    *is_certain = is_in_last && (!may_be_text || log->is_line_unended);
    return error;
}

bool joined_is_in_last_value(const struct log *log, enum line_kind kind, const char *line,
                             size_t size)
{
    return kind == LINE_ROW && delimiter_is(&log->delimiter, '\t') && !log->layout.is_open &&
           log->fields.count >= log->header.field_count && find_last_value(log, line, size);
}

static const struct delimiter usual[] = {{"\t", 1}, {",", 1}, {";", 1}, {"|", 1}, {" ", 1}};
enum { USUAL_COUNT = sizeof usual / sizeof *usual };

/* Finds the beginning of a row with any of the usual delimiters.  Returns its place; NULL when there is none. */
static const char *find_any_beginning(const char *line, const char *from, const char *end)
{
    const char *first;
    for (size_t i = 0; i < USUAL_COUNT; i++)
        if (find_beginning(&usual[i], line, from, end, &first))
            return first;
    return NULL;
}

static size_t find_row(const struct log *log, enum line_kind kind, const char *line, size_t size)
{
    const struct delimiter *delimiter = &log->delimiter;
    const char *end = line + size, *first, *second = NULL;
    if (!delimiter->size)
        return 0;
    const char *at = find_beginning(delimiter, line, line, end, &first);
    if (!at)
        return 0;
    at += delimiter->size;
    if (joined_is_in_last_value(log, kind, line, size))
        at = find_last_value(log, line, size);
    else if (find_beginning(delimiter, line, at, end, &second))
        return (size_t)(second - line);
    second = find_any_beginning(line, at, end);
    return second ? (size_t)(second - line) : 0;
}

/* Returns how many bytes of a line are before a JSON object behind the row; 0 when there is none.  In a good row, only
 * the last value can have such an object behind it: an object in any other value is a visitor's text.  A row that
 * begins with a visitor's text is never cut before an object, since the part before the object may look like a
 * header. */
static size_t find_object(struct log *log, enum line_kind kind, const char *line, size_t size)
{
    const char *from = line + 1, *end = line + size, *found = line;
    if (log->normalized.state != NORMALIZED_NONE)
        return 0;
    if (kind == LINE_ROW)
        from = find_last_value(log, line, size);
    if (!from || from == line || from >= end)
        return 0;
    /* Nearly all rows have no "{" there, and are not searched any more. */
    if (!memchr(from, '{', (size_t)(end - from)) || log_has_visitor_row(log, line, size))
        return 0;
    json_count_begun(log, from, (size_t)(end - from), &found);
    return (size_t)(found - line);
}

size_t joined_find_record(struct log *log, enum line_kind kind, const char *line, size_t size)
{
    size_t row = find_row(log, kind, line, size), object = find_object(log, kind, line, size);
    return object && (!row || object < row) ? object : row;
}

/* Returns the number of rows with a delimiter that begin in a line at FROM or behind it. */
static size_t count_rows(const struct delimiter *delimiter, const char *line, const char *from,
                         const char *end)
{
    size_t count = 0;
    while (delimiter->size && find_beginning(delimiter, line, from, end, &from)) {
        count++;
        from += CLOCK_DATE_SIZE + CLOCK_TIME_SIZE; /* no row is shorter */
    }
    return count;
}

/* The same for rows with the log's delimiter, or if there are none, with another one. */
static size_t count_any_rows(const struct log *log, const char *line, const char *from,
                             const char *end)
{
    size_t count = count_rows(&log->delimiter, line, from, end);
    for (size_t i = 0; i < USUAL_COUNT && !count; i++)
        count = count_rows(&usual[i], line, from, end);
    return count;
}

size_t joined_count_lost(struct log *log, const char *line, size_t size, size_t at)
{
    size_t name_size, rest_size = size - at;
    struct header header;
    const char *rest = line + at, *first;
    switch (directive_find(rest, rest_size, &name_size)) {
    case DIRECTIVE_NONE:
        return count_any_rows(log, line, rest, line + size) +
               json_count_begun(log, rest, rest_size, &first);
    case DIRECTIVE_VERSION:
        return 0;
    case DIRECTIVE_FIELDS:
        return header_parse(&header, rest + name_size, rest_size - name_size) ||
               header.field_count != log->header.field_count ||
               memcmp(header.position, log->header.position, sizeof header.position) != 0;
    case DIRECTIVE_SOFTWARE:
        break;
    }
    return 1;
}

size_t joined_count_more(struct log *log, const char *text, size_t size)
{
    const char *first, *s = text, *end = text + size;
    if (*text == '{' &&
        json_read_object(&log->json.object, &s, end, log->scratch, LINES_SIZE_MAX) == JSON_READ)
        return 0;
    size_t count = count_any_rows(log, text, text, end) + json_count_begun(log, text, size, &first);
    return count ? count - 1 : 0;
}

/* Whether a line of names is before the first digit or JSON object of a line. */
static bool begins_with_names(const char *line, size_t size)
{
    struct names names;
    size_t before = 0;
    if (!names_may_begin(*line))
        return false;
    while (before < size && !ascii_is_digit(line[before]) && line[before] != '{' &&
           line[before] != '[')
        before++;
    return before < size && names_parse_among_rows(&names, line, before);
}

size_t joined_find_behind_names(struct log *log, const char *line, size_t size)
{
    size_t name_size = 0;
    const char *end = line + size;
    if ((directive_find(line, size, &name_size) != DIRECTIVE_FIELDS &&
         !begins_with_names(line, size)) ||
        !joined_may_be_in((struct field){line + name_size, size - name_size}))
        return 0;
    const char *behind = find_json(log, line, end);
    if (!behind)
        behind = find_any_beginning(line, line + name_size, end);
    return behind ? (size_t)(behind - line) : 0;
}
