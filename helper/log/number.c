#include "log/number.h"

bool number_parse(struct field field, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < field.size; i++) {
        if (field.text[i] < '0' || field.text[i] > '9')
            return false;
        *number = *number * 10 + (uint64_t)(field.text[i] - '0');
        if (*number > NUMBER_MAX)
            return false;
    }
    return field.size > 0;
}

bool number_is_status(struct field field)
{
    uint64_t number;
    return field.size == 3 && number_parse(field, &number);
}
