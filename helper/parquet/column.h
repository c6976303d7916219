/* Reads the values of a column in a row group, page by page. */
#ifndef PARQUET_COLUMN_H
#define PARQUET_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/codec.h"
#include "parquet/metadata.h"
#include "parquet/page.h"
#include "parquet/values.h"

/* Zeroed at birth, but for the codec and the memory, which all columns of a file share. */
struct column {
    struct codec *codec;
    struct memory *memory;
    bool is_optional;
    struct chunk chunk;
    uint64_t left;      /* values of the pages that were not begun yet */
    uint64_t page_left; /* values of this page */
    bool has_nulls;     /* the page says by levels which values are null */
    struct hybrid levels;
    struct values values;
    struct block page, dictionary_page, dictionary_values, dictionary_text, built, text;
};

/* Begins to read a chunk.  Returns NULL, or an error: a constant text. */
const char *column_begin(struct column *column, const struct chunk *chunk, bool is_optional);

/* Begins the next page unless there are values left of this one.  Stores how many values can be read at
 * once: at least 1, unless the column has ended.  Returns as above. */
const char *column_prepare(struct column *column, uint64_t *count);

/* Reads COUNT values, at most VALUES_AT_ONCE and as many as can be read at once; null is "-".  Their
 * bytes stay until the next call.  Returns as above. */
const char *column_read(struct column *column, struct field *value, size_t count);

void column_free(struct column *column);

#endif
