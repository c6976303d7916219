#include "log/json_number.h"

#include <string.h>

#include "log/number.h"
#include "normalized/ascii.h"

/* Reads the exponent at S, up to END.  Returns false if there is anything else. */
static bool read_exponent(const char *s, const char *end, int *exponent)
{
    *exponent = 0;
    if (s == end)
        return true;
    bool is_negative = ++s < end && *s == '-';
    if (s < end && (*s == '-' || *s == '+'))
        s++;
    if (s == end)
        return false;
    for (; s < end; s++) {
        if (!ascii_is_digit(*s) || *exponent > JSON_NUMBER_MAX)
            return false;
        *exponent = *exponent * 10 + (*s - '0');
    }
    *exponent = is_negative ? -*exponent : *exponent;
    return true;
}

/* Writes the digits with a point before the one at POINT, which may lie outside of them.  Returns the
 * size. */
static size_t write_digits(char *out, const char *digits, int count, int point)
{
    char *o = out;
    int last = count > point ? count : point;
    for (int i = point < 1 ? point - 1 : 0; i < last; i++) {
        if (i == point)
            *o++ = '.';
        *o++ = i >= 0 && i < count ? digits[i] : '0';
    }
    return (size_t)(o - out);
}

static bool has_exponent(struct field number)
{
    return memchr(number.text, 'e', number.size) || memchr(number.text, 'E', number.size);
}

struct field json_number_plain(struct field number, char *out)
{
    if (!has_exponent(number))
        return number_cut_fraction(number);
    char digits[JSON_NUMBER_MAX];
    int count = 0, point = -1, exponent;
    const char *s = number.text, *end = s + number.size;
    for (; s < end && *s != 'e' && *s != 'E'; s++) {
        if (*s == '.' && point < 0)
            point = count;
        else if (ascii_is_digit(*s) && count < JSON_NUMBER_MAX)
            digits[count++] = *s;
        else
            return number;
    }
    if (!count || !read_exponent(s, end, &exponent))
        return number;
    point = (point < 0 ? count : point) + exponent;
    while (count && count > point && digits[count - 1] == '0')
        count--;
    int zeros = 0; /* before the first digit, or before the point */
    while (zeros < count && zeros < point - 1 && digits[zeros] == '0')
        zeros++;
    count -= zeros;
    point -= zeros;
    if (count - point + 2 > JSON_NUMBER_MAX || point + 2 > JSON_NUMBER_MAX ||
        count + 2 > JSON_NUMBER_MAX)
        return number;
    return (struct field){out, write_digits(out, digits + zeros, count, point)};
}
