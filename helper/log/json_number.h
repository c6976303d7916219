/* Numbers of JSON, as programs write them: 1000.0, 1e3, 1.77E9. */
#ifndef LOG_JSON_NUMBER_H
#define LOG_JSON_NUMBER_H

#include <stdbool.h>

#include "normalized/field.h"

/* Room for a number as CloudFront writes it. */
enum { JSON_NUMBER_MAX = 40 };

/* DIGITS .0
 * DIGITS [. DIGITS] e|E [+|-] DIGITS
 * Returns the number as CloudFront writes it: without an exponent, and with a point only before a fraction.
 * Returns NUMBER itself when it is of another form, or too long.  The text is in OUT, which has room for
 * JSON_NUMBER_MAX bytes, or in NUMBER. */
struct field json_number_plain(struct field number, char *out);

#endif
