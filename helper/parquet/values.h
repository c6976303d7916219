/* Reads the strings of a page, in each of their encodings. */
#ifndef PARQUET_VALUES_H
#define PARQUET_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"
#include "parquet/delta.h"
#include "parquet/hybrid.h"
#include "parquet/memory.h"

enum {
    VALUES_AT_ONCE = 256,         /* the most values of a call */
    VALUES_BUILT_MAX = 256 * 1024 /* the most bytes of a value of which the page has only a part */
};

/* The values of a column that its pages name by their places. */
struct dictionary {
    const struct field *value;
    size_t count;
};

struct values {
    int64_t encoding;              /* an enum page_encoding */
    const unsigned char *at, *end; /* of the strings */
    struct dictionary dictionary;
    struct hybrid places;
    struct delta sizes, prefixes;
    struct block
        *built; /* the values of one call, and before them the last one of the call before */
    size_t last, last_size; /* where in the block the last value of the last call is */
    struct memory *memory;
};

/* Begins to read the values that the bytes from AT to END have in this encoding.  BUILT is a block of the
 * column's own.  Returns NULL, or an error: a constant text. */
const char *values_begin(struct values *values, int64_t encoding, const unsigned char *at,
                         const unsigned char *end, struct dictionary dictionary,
                         struct block *built, struct memory *memory);

/* Reads COUNT values, at most VALUES_AT_ONCE.  Their bytes stay until the next call, or until those of
 * the page and the dictionary are gone.  Returns as above. */
const char *values_read(struct values *values, struct field *value, size_t count);

#endif
