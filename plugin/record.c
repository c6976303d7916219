#include "record.h"

#include <string.h>

bool field_is(const struct field *field, const char *text)
{
    return field->size == strlen(text) && memcmp(field->text, text, field->size) == 0;
}

/* Reads COUNT digits; false when there is another byte among them. */
static bool digits(const char *text, size_t count, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

bool date_exists(unsigned year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1000 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

static bool is_date(const struct field *field)
{
    const char *text = field->text;
    uint64_t year, month, day;
    return field->size == strlen("YYYY-MM-DD") && text[4] == '-' && text[7] == '-' &&
           digits(text, 4, &year) && digits(text + 5, 2, &month) && digits(text + 8, 2, &day) &&
           date_exists((unsigned)year, (unsigned)month, (unsigned)day);
}

static bool is_time(const struct field *field, unsigned *minute, unsigned *second)
{
    const char *text = field->text;
    uint64_t hours, minutes, seconds;
    if (field->size != strlen("hh:mm:ss") || text[2] != ':' || text[5] != ':' ||
        !digits(text, 2, &hours) || !digits(text + 3, 2, &minutes) ||
        !digits(text + 6, 2, &seconds) || hours > 23 || minutes > 59 || seconds > 59)
        return false;
    *minute = (unsigned)minutes;
    *second = (unsigned)seconds;
    return true;
}

static bool split_columns(struct record *record, const char *line, const char *end)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        const char *tab = i + 1 < COLUMNS ? memchr(line, '\t', (size_t)(end - line)) : end;
        if (!tab || tab == line)
            return false;
        record->field[i].text = line;
        record->field[i].size = (size_t)(tab - line);
        line = tab + 1;
    }
    const struct field *last = &record->field[COLUMNS - 1];
    return !memchr(last->text, '\t', last->size) && last->text[last->size - 1] != '\r';
}

bool record_split(struct record *record, const char *line, size_t size)
{
    const struct field *field = record->field;
    uint64_t status;
    if (size == 0 || line[size - 1] != '\n' || !split_columns(record, line, line + size - 1) ||
        field[COLUMN_STATUS].size != 3 || !digits(field[COLUMN_STATUS].text, 3, &status) ||
        field[COLUMN_BYTES].size > 15 ||
        !digits(field[COLUMN_BYTES].text, field[COLUMN_BYTES].size, &record->bytes) ||
        !is_date(&field[COLUMN_DATE]) ||
        !is_time(&field[COLUMN_TIME], &record->minute, &record->second))
        return false;
    record->status = (unsigned)status;
    return true;
}
