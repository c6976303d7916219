/* What the values of a column are, and how a value that is no string is written as text: as CloudFront's
 * own logs have it.
 *
 *     https://parquet.apache.org/docs/file-format/types/
 *
 *     whole numbers, decimals        17  -17  0.25; a fraction of zeros is left out
 *     floating-point numbers         the same with three digits of the fraction, as times in logs have them;
 *                                    "-" for what is no number
 *     DATE                           2026-03-10
 *     TIME                           12:00:00; a fraction is cut off
 *     TIMESTAMP, INT96               2026-03-10T12:00:00Z, or 2026-03-10T12:00:00.250Z if it has a fraction
 *
 * A date or time that clock_format() cannot write is a whole number. */
#ifndef PARQUET_TYPE_H
#define PARQUET_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"
#include "parquet/thrift.h"

/* Numbers of parquet.thrift. */
enum type_kind {
    TYPE_BOOLEAN,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_INT96,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_STRING,
    TYPE_FIXED
};

/* Zeroed at birth, but for the kind, which is -1. */
struct type {
    int64_t kind;   /* an enum type_kind */
    int64_t length; /* of TYPE_FIXED: bytes of a value */
    int64_t scale;  /* of TYPE_DECIMAL: digits of the fraction */
    enum { TYPE_PLAIN, TYPE_DATE, TYPE_TIME, TYPE_TIMESTAMP, TYPE_DECIMAL, TYPE_OTHER } meaning;
    bool is_unsigned;
    uint32_t per_second; /* of TYPE_TIME and TYPE_TIMESTAMP: units of a second */
};

/* Read fields of an element of the schema: the older way to tell what values mean, and the newer one. */
void type_read_converted(struct type *type, int64_t converted);
void type_read_logical(struct type *type, struct thrift *thrift, enum thrift_type field);

/* Returns why values of a type cannot be read: a constant text; NULL when they can. */
const char *type_error(const struct type *type);

/* Returns the bytes of a value; 0 for strings, which have a length each. */
size_t type_size(const struct type *type);

/* Whether values are text as they are. */
bool type_is_text(const struct type *type);

/* The most bytes of a value as text. */
enum { TYPE_TEXT_MAX = 64 };

/* Writes a value of type_size() bytes, as a file has it, as text.  Returns the bytes written. */
size_t type_write(const struct type *type, struct field value, char out[TYPE_TEXT_MAX]);

#endif
