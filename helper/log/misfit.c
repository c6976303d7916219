#include "log/misfit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/shape.h"
#include "normalized/ascii.h"

static const struct {
    const char *name, *error;
} columns[INPUT_COUNT] = {
#define COLUMN(identifier, name, text, tag)                                                        \
    [COLUMN_##identifier] = {name, "the value of " name " is none that this column can have"},
#define INPUT(identifier, name)                                                                    \
    [INPUT_##identifier] = {name, "the value of " name " is none that this column can have"},
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
};

static const char *need(enum column column)
{
    switch (column) {
    case COLUMN_DATE:
        return "a date such as 2026-11-28";
    case COLUMN_TIME:
        return "a time of day in UTC such as 17:05:00";
    case INPUT_TIMESTAMP:
    case INPUT_TIMESTAMP_MS:
        return "seconds or milliseconds since 1970, or a time in UTC such as 2026-11-28T17:05:00Z";
    case COLUMN_BYTES:
    case COLUMN_CONTENT_LENGTH:
    case COLUMN_ASN:
        return "a whole number, of digits alone";
    case COLUMN_TIME_TAKEN:
    case COLUMN_TIME_TO_FIRST_BYTE:
        return "seconds with a decimal point, such as 0.003";
    case COLUMN_STATUS:
        return "a status of three digits, such as 200";
    case COLUMN_CLIENT:
        return "the address of a client";
    case COLUMN_STEM:
        return "a path, which begins with a slash";
    default:
        return "a value as CloudFront writes it";
    }
}

/* Returns the first column with a value that the column cannot have; COLUMN_NONE when there is none.  Counts the
 * columns that fit their values, and those that do not. */
static enum column find(const struct fields *fields, const struct header *header, size_t *fitting,
                        size_t *misfitting)
{
    enum column found = COLUMN_NONE;
    *fitting = *misfitting = 0;
    for (int i = 0; i < INPUT_COUNT; i++) {
        if (header->position[i] < 0 || header->position[i] >= (int)fields->count)
            continue;
        if (shape_fits((enum column)i, fields->field[header->position[i]])) {
            ++*fitting;
            continue;
        }
        ++*misfitting;
        if (found == COLUMN_NONE)
            found = (enum column)i;
    }
    return found;
}

const char *misfit_error(const struct fields *fields, const struct header *header)
{
    size_t fitting, misfitting;
    enum column column = find(fields, header, &fitting, &misfitting);
    return column == COLUMN_NONE ? NULL : columns[column].error;
}

const char *misfit_number_error(const struct fields *fields, const struct header *header)
{
    static const enum column numbers[] = {COLUMN_STATUS,         COLUMN_BYTES,
                                          COLUMN_TIME_TAKEN,     COLUMN_TIME_TO_FIRST_BYTE,
                                          COLUMN_CONTENT_LENGTH, COLUMN_ASN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!shape_fits(numbers[i], fields_get(fields, header, numbers[i])))
            return columns[numbers[i]].error;
    return NULL;
}

const char *misfit_column_error(enum column column)
{
    return columns[column].error;
}

/* Whether the column of a row has a time as it must be; of a timestamp, programs write other units, too. */
static bool has_time(const struct fields *fields, const struct header *header, enum column column)
{
    struct field value = fields_get(fields, header, column);
    if (field_is_absent(value) || shape_fits(column, value))
        return !field_is_absent(value);
    for (size_t i = 0; i < value.size; i++)
        if (!ascii_is_digit(value.text[i]) && value.text[i] != '.')
            return false;
    return true;
}

bool misfit_has_time(const struct fields *fields, const struct header *header)
{
    return (has_time(fields, header, COLUMN_DATE) && has_time(fields, header, COLUMN_TIME)) ||
           has_time(fields, header, INPUT_TIMESTAMP) ||
           has_time(fields, header, INPUT_TIMESTAMP_MS);
}

void misfit_find(struct misfit *misfit, const struct delimiter *delimiter, const char *line,
                 size_t size, uint64_t number, const struct header *header, struct fields *fields,
                 char *scratch)
{
    size_t fitting, misfitting;
    if (misfit->is_found || !delimiter->size)
        return;
    delimiter_split(delimiter, fields, line, size, header, scratch);
    if (fields->count != header->field_count)
        return;
    enum column column = find(fields, header, &fitting, &misfitting);
    if (column == COLUMN_NONE || fitting <= misfitting)
        return;
    *misfit = (struct misfit){.is_found = true, .line = number, .column = column};
    struct field value = fields->field[header->position[column]];
    for (size_t i = 0; i < value.size && i < MISFIT_VALUE_SIZE - 1; i++)
        misfit->value[i] = value.text[i] >= ' ' && value.text[i] <= '~' ? value.text[i] : '?';
}

const char *misfit_reason(const struct misfit *misfit)
{
    return columns[misfit->column].error;
}

void misfit_describe(const struct misfit *misfit, char *out, size_t size)
{
    snprintf(out, size,
             "line %" PRIu64 ": the value of %s is \"%s\", but must be %s; write the table again "
             "with this form, and put it in its place",
             misfit->line, columns[misfit->column].name, misfit->value, need(misfit->column));
}
