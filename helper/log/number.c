#include "log/number.h"

#include <string.h>

/* Returns the digit, more than 9 for any other byte. */
static unsigned digit_of(char byte)
{
    return (unsigned char)byte - (unsigned)'0';
}

bool number_parse(struct field field, uint64_t *number)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < field.size; i++) {
        const unsigned digit = digit_of(field.text[i]);
        if (digit > 9 || sum > NUMBER_MAX / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return field.size > 0 && sum <= NUMBER_MAX;
}

bool number_is_status(struct field field)
{
    return field.size == 3 && digit_of(field.text[0]) <= 9 && digit_of(field.text[1]) <= 9 &&
           digit_of(field.text[2]) <= 9;
}

bool number_is_whole(struct field field)
{
    uint64_t number;
    return number_parse(field, &number);
}

bool number_is_decimal(struct field field)
{
    size_t points = 0;
    for (size_t i = 0; i < field.size; i++) {
        if (digit_of(field.text[i]) <= 9)
            continue;
        if (field.text[i] != '.' || !i || i + 1 == field.size || points++)
            return false;
    }
    return field.size > 0;
}

struct field number_cut_fraction(struct field number)
{
    bool has = number.size > 2 && !memcmp(number.text + number.size - 2, ".0", 2);
    return (struct field){number.text, number.size - (has ? 2 : 0)};
}

struct field number_pad_status(struct field status)
{
    static const char zeros[] = "000";
    return status.size == 1 && *status.text == '0' ? (struct field){zeros, 3} : status;
}
