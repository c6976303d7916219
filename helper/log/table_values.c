#include "log/table_values.h"

#include <string.h>

#include "log/number.h"
#include "log/visitor_text.h"

static bool is_text(struct field value, const char *text)
{
    return value.size == strlen(text) && !memcmp(value.text, text, value.size);
}

bool table_values_is_null(struct field value)
{
    return is_text(value, "\\N");
}

bool table_values_is_null_word(struct field value)
{
    static const char *const words[] = {"NULL", "null", "NaN", "nan", "None"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_text(value, words[i]))
            return true;
    return false;
}

static bool is_whole_number(enum column column)
{
    return column == COLUMN_STATUS || column == COLUMN_BYTES || column == COLUMN_CONTENT_LENGTH ||
           column == COLUMN_ASN;
}

void table_values_convert(struct fields *fields, const struct header *header)
{
    for (int i = 0; i < INPUT_COUNT; i++) {
        const enum column column = (enum column)i;
        if (header->position[i] < 0 || header->position[i] >= (int)fields->count)
            continue;
        struct field *value = &fields->field[header->position[i]];
        if (table_values_is_null(*value) ||
            (!visitor_text_has_column(column) && table_values_is_null_word(*value)))
            *value = fields_absent();
        else if (is_whole_number(column))
            *value = number_cut_fraction(*value);
        if (column == COLUMN_STATUS) {
            const struct field padded = number_pad_status(*value);
            fields->are_plain &= padded.text == value->text; /* few bytes after 000 may be read */
            *value = padded;
        }
    }
}
