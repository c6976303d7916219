/* Numbers in a log. */
#ifndef LOG_NUMBER_H
#define LOG_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "normalized/field.h"

/* The greatest number that is read: up to here a double, which is what AWStats adds numbers in, has
 * every whole number. */
#define NUMBER_MAX (UINT64_C(1) << 53)

/* Reads a whole number: digits, without a sign.  Returns false for anything else, and for a number
 * above NUMBER_MAX. */
bool number_parse(struct field field, uint64_t *number);

/* Returns whether a value is an HTTP status code as CloudFront logs it: three digits, also 000. */
bool number_is_status(struct field field);

/* Returns whether a value is a whole number that number_parse() reads. */
bool number_is_whole(struct field field);

/* Returns whether a value is a number as CloudFront writes seconds: digits, or digits on both sides of a decimal
 * point. */
bool number_is_decimal(struct field field);

/* Returns a number without a fraction ".0", which programs add to whole numbers. */
struct field number_cut_fraction(struct field number);

/* Returns 000 for 0, which a program that writes numbers makes of it; any other status as it is. */
struct field number_pad_status(struct field status);

#endif
