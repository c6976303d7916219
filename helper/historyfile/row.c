#include "historyfile/row.h"

#include <string.h>

/* The columns of a row of VISITOR from VISIT on: the last request, and the begin of the visit. */
enum { LAST = 3, START = 4 };

/* $VISITTIMEOUT of awstats.pl: an hour, in the digits HHMMSS. */
enum { VISIT_TIMEOUT = 10000 };

size_t history_number_read(const char *text, size_t size, uint64_t *number)
{
    size_t most = size < HISTORY_DIGITS_MAX + 1 ? size : HISTORY_DIGITS_MAX + 1, digits = 0;
    uint64_t value = 0;
    for (; digits < most; digits++) {
        unsigned digit = (unsigned char)text[digits] - (unsigned)'0';
        if (digit > 9)
            break;
        value = value * 10 + digit;
    }
    if (digits > HISTORY_DIGITS_MAX || (digits > 1 && text[0] == '0'))
        return 0;
    *number = value;
    return digits;
}

size_t history_key_size(const char *line, size_t size)
{
    const char *space = memchr(line, ' ', size);
    return space ? (size_t)(space - line) : size;
}

static bool has_space(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] <= ' ' &&
            (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')))
            return true;
    return false;
}

/* Whether one of 8 bytes is at most ' ', as all white space is:
 * https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord */
static bool has_low_byte(const char *text)
{
    const uint64_t ones = UINT64_MAX / 255;
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    return (bytes - ones * (' ' + 1)) & ~bytes & ones * 128;
}

/* Whether the text has at least one byte, and none that perl takes for white space. */
static bool is_word(const char *text, size_t size)
{
    enum { STEP = 8 };
    if (size < STEP)
        return size > 0 && !has_space(text, size);
    /* The last 8 bytes may overlap the step before. */
    for (size_t i = 0; i + STEP <= size; i += STEP)
        if (has_low_byte(text + i))
            return !has_space(text, size);
    return !has_low_byte(text + size - STEP) || !has_space(text, size);
}

/* Reads " NUMBER" at *AT, a number as history_number_read() accepts it, and moves *AT behind it.  Returns false
 * for any other text. */
static inline bool pass_number(const char **at, const char *end, uint64_t *number)
{
    const char *s = *at;
    if (s == end || *s != ' ')
        return false;
    const char *begin = ++s;
    uint64_t value = 0;
    unsigned digit;
    for (; s < end && (digit = (unsigned char)*s - (unsigned)'0') <= 9; s++)
        value = value * 10 + digit;
    *number = value;
    *at = s;
    return s > begin && s - begin <= HISTORY_DIGITS_MAX && (s - begin == 1 || *begin != '0');
}

/* Reads "[ [NUMBER]]". */
static bool pass_number_or_none(const char **at, const char *end, uint64_t *number)
{
    if (*at == end || (end - *at == 1 && **at == ' ')) {
        *at = end;
        return true;
    }
    return pass_number(at, end, number);
}

/* Reads "[ [LAST[ START PAGE]]]".  IS_ROW: this line is known to be a row. */
static inline bool pass_visit(const char **at, const char *end, struct history_row *row,
                              bool is_row)
{
    if (!pass_number_or_none(at, end, &row->number[LAST]))
        return false;
    if (*at == end)
        return true;
    if (!pass_number(at, end, &row->number[START]) || *at == end || **at != ' ')
        return false;
    row->text = *at + 1;
    row->text_size = (size_t)(end - row->text);
    *at = end;
    return is_row ||
           (row->number[LAST] && row->number[START] && is_word(row->text, row->text_size));
}

/* Reads the line of a row.  IS_KNOWN: the line was read before, so checks are left out.  Always inline, so that the
 * compiler removes the checks from one of the two callers. */
__attribute__((always_inline)) static inline bool read_row(const struct history_section *section,
                                                           const char *line, size_t size,
                                                           struct history_row *row, bool is_known)
{
    const char *at = line + history_key_size(line, size), *end = line + size;
    *row = (struct history_row){.key = line, .key_size = (size_t)(at - line)};
    bool is_row = is_known || is_word(line, row->key_size);
    for (unsigned i = 0; is_row && section->columns[i].values; i++) {
        switch (section->columns[i].values) {
        case HISTORY_ADD:
        case HISTORY_LATEST:
            is_row = pass_number(&at, end, &row->number[i]);
            break;
        case HISTORY_LATEST_OR_NONE:
            is_row = pass_number_or_none(&at, end, &row->number[i]);
            break;
        case HISTORY_VISIT:
            is_row = pass_visit(&at, end, row, is_known);
            break;
        case HISTORY_REST:
            break;
        default:
            row->text = at < end ? at + 1 : end;
            row->text_size = (size_t)(end - row->text);
            is_row = at == end || *at == ' ';
            at = end;
        }
    }
    return is_row && at == end;
}

bool history_row_read(const struct history_section *section, const char *line, size_t size,
                      struct history_row *row)
{
    return read_row(section, line, size, row, false);
}

void history_row_read_again(const struct history_section *section, const char *line, size_t size,
                            struct history_row *row)
{
    (void)read_row(section, line, size, row, true);
}

static void add_number(struct buffer *to, uint64_t number)
{
    char text[HISTORY_DIGITS_MAX + 3], *at = text + sizeof text;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    *--at = ' ';
    buffer_add(to, at, (size_t)(text + sizeof text - at));
}

static void add_number_or_none(struct buffer *to, uint64_t number)
{
    if (number)
        add_number(to, number);
    else
        buffer_add(to, " ", 1);
}

static void add_visit(struct buffer *to, const struct history_row *row)
{
    add_number_or_none(to, row->number[LAST]);
    if (!row->number[START])
        return;
    add_number(to, row->number[START]);
    buffer_add(to, " ", 1);
    buffer_add(to, row->text, row->text_size);
}

void history_row_write(const struct history_section *section, const struct history_row *row,
                       struct buffer *to)
{
    buffer_add(to, row->key, row->key_size);
    for (unsigned i = 0; section->columns[i].values; i++) {
        switch (section->columns[i].values) {
        case HISTORY_ADD:
        case HISTORY_LATEST:
            add_number(to, row->number[i]);
            break;
        case HISTORY_LATEST_OR_NONE:
            add_number_or_none(to, row->number[i]);
            break;
        case HISTORY_VISIT:
            add_visit(to, row);
            break;
        case HISTORY_REST:
            break;
        default:
            if (row->text_size)
                buffer_add(to, " ", 1);
            buffer_add(to, row->text, row->text_size);
        }
    }
}

/* Writes the line to ROW, with single spaces between its fields.  Returns whether the result is a row. */
static bool split_row(const struct history_section *section, const char *line, size_t size,
                      struct buffer *row)
{
    struct history_row parts;
    struct buffer fields = {0};
    for (size_t i = 0; i < size; i++) {
        bool is_space = line[i] == ' ' || (line[i] >= '\t' && line[i] <= '\r');
        if (!is_space)
            buffer_add(&fields, &line[i], 1);
        else if (fields.size && fields.data[fields.size - 1] != ' ')
            buffer_add(&fields, " ", 1);
    }
    if (fields.size && fields.data[fields.size - 1] == ' ')
        fields.size--;
    bool is_row = fields.size && history_row_read(section, fields.data, fields.size, &parts);
    buffer_clear(row);
    if (is_row)
        history_row_write(section, &parts, row);
    buffer_free(&fields);
    return is_row;
}

bool history_row_check(const struct history_section *section, const char **line, size_t *size,
                       struct buffer *row)
{
    struct history_row parts;
    if (history_row_read(section, *line, *size, &parts))
        return true;
    if (!split_row(section, *line, *size, row))
        return false;
    *line = row->data;
    *size = row->size;
    return true;
}

/* Compares texts by their bytes; a text comes before longer ones that begin with it. */
static int compare_texts(const struct history_row *a, const struct history_row *b)
{
    size_t common = a->text_size < b->text_size ? a->text_size : b->text_size;
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order ? order : (a->text_size > b->text_size) - (a->text_size < b->text_size);
}

/* Compares the times of the last requests.  Of two equal times, the one with the later visit, or with a visit at all,
 * comes last. */
static int compare_visits(const struct history_row *a, const struct history_row *b)
{
    for (unsigned i = LAST; i <= START; i++)
        if (a->number[i] != b->number[i])
            return a->number[i] < b->number[i] ? -1 : 1;
    return compare_texts(a, b);
}

static void take_text(struct history_row *row, const struct history_row *other)
{
    row->text = other->text;
    row->text_size = other->text_size;
}

static struct history_visit visit_of(const struct history_row *row)
{
    return (struct history_visit){row->number[START], row->number[LAST], row->text, row->text_size};
}

static void add_visits(struct history_row *row, const struct history_row *more,
                       struct history_visit *ended)
{
    if (compare_visits(row, more) >= 0) {
        *ended = visit_of(more);
        return;
    }
    *ended = visit_of(row);
    row->number[LAST] = more->number[LAST];
    row->number[START] = more->number[START];
    take_text(row, more);
}

bool history_row_add(const struct history_section *section, struct history_row *row,
                     const struct history_row *more, struct history_visit *ended)
{
    *ended = (struct history_visit){0};
    for (unsigned i = 0; section->columns[i].values; i++) {
        switch (section->columns[i].values) {
        case HISTORY_ADD:
            row->number[i] += more->number[i];
            if (row->number[i] > HISTORY_NUMBER_MAX)
                return false;
            break;
        case HISTORY_LATEST:
        case HISTORY_LATEST_OR_NONE:
            if (row->number[i] < more->number[i])
                row->number[i] = more->number[i];
            break;
        case HISTORY_VISIT:
            add_visits(row, more, ended);
            break;
        case HISTORY_REST:
            break;
        default:
            if (compare_texts(row, more) < 0)
                take_text(row, more);
        }
    }
    return true;
}

uint64_t history_row_visit(const struct history_row *row)
{
    return row->number[START] ? row->number[LAST] : UINT64_MAX;
}

bool history_visit_has_ended(uint64_t last, uint64_t last_line)
{
    return last != UINT64_MAX && last + VISIT_TIMEOUT < last_line;
}

bool history_row_end_visit(struct history_row *row, uint64_t last_line, struct history_visit *ended)
{
    if (!history_visit_has_ended(history_row_visit(row), last_line))
        return false;
    *ended = visit_of(row);
    row->number[START] = 0;
    row->text_size = 0;
    return true;
}
