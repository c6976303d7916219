/* Reads the values of a page, in each of their encodings, and writes numbers and times as text. */
#ifndef PARQUET_VALUES_H
#define PARQUET_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"
#include "parquet/delta.h"
#include "parquet/hybrid.h"
#include "parquet/memory.h"
#include "parquet/type.h"

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
    /* Set by whoever begins: */
    const struct type *type;
    struct dictionary dictionary; /* of the column, as text */
    struct block
        *built; /* the values of one call, and before them the last one of the call before */
    struct block *text; /* the values of one call that are no strings, as text */
    struct memory *memory;

    int64_t encoding;              /* an enum page_encoding */
    const unsigned char *at, *end; /* of the values */
    struct hybrid places;
    struct delta numbers, prefixes;
    size_t split_count, split_left; /* PAGE_SPLIT: values of the page, and those to come */
    size_t last, last_size;         /* where in the block the last value of the last call is */
};

/* Begins to read the values that the bytes from AT to END have in this encoding.  The blocks are the
 * column's own.  Returns NULL, or an error: a constant text. */
const char *values_begin(struct values *values, int64_t encoding, const unsigned char *at,
                         const unsigned char *end);

/* Reads COUNT values, at most VALUES_AT_ONCE, or any number of PAGE_PLAIN.  Their bytes stay until the next call, or
 * until those of the page and the dictionary are gone.  Returns as above. */
const char *values_read(struct values *values, struct field *value, size_t count);

#endif
