/* Reads the rows of a Parquet file in memory, as far as logs need it: columns of strings, numbers, dates and
 * times, which may be null; all values become text.  The encodings are PLAIN, PLAIN_DICTIONARY,
 * RLE_DICTIONARY, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT; the
 * codecs none, snappy, gzip, zstd and LZ4_RAW; pages of version 1 and 2; any number of row groups.  The error for
 * anything else names it.
 *
 *   metadata.c   the map at the end: columns, row groups
 *   page.c       the header of a page
 *   column.c     the pages of a column, one after another
 *   values.c     the values of a page; delta.c, hybrid.c: the numbers between them
 *   type.c       what values are, and numbers and times as text
 *   codec.c      unpacks pages
 *   thrift.c     the protocol of the map and the headers
 *   memory.c     bounds the memory
 *
 * Only the columns that are chosen are read: for each, one page and one dictionary are in memory.  Pages
 * that are not compressed stay where they are. */
#ifndef PARQUET_PARQUET_H
#define PARQUET_PARQUET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"

enum { PARQUET_COLUMNS_MAX = 256 };

struct parquet;

/* Returns whether an object begins as a Parquet file does. */
bool parquet_begins(const char *head, size_t size);

/* Makes a reader; NULL when memory has run out. */
struct parquet *parquet_new(void);
void parquet_free(struct parquet *parquet);

/* The most bytes that the pages of a file may have together, unpacked.  A file whose pages have more is an error.
 * PARQUET_UNPACKED_MAX if parquet_set_unpacked_max() is not called. */
#define PARQUET_UNPACKED_MAX (UINT64_C(2) << 30)
void parquet_set_unpacked_max(struct parquet *parquet, uint64_t bytes);

/* Begins a file; its bytes stay the caller's.  Returns false after an error. */
bool parquet_open(struct parquet *parquet, const unsigned char *data, size_t size);

/* Returns how many columns the file has, at most PARQUET_COLUMNS_MAX, and the name of each; it is empty
 * for one inside another. */
size_t parquet_count(const struct parquet *parquet);
struct field parquet_name(const struct parquet *parquet, size_t column);

/* Chooses a column that is read, once, before the first row.  Returns false after an error. */
bool parquet_choose(struct parquet *parquet, size_t column);

/* Reads the next row: stores the value of each column that was chosen at the column's place in VALUES;
 * "-" for null.  The bytes stay until the next call.  Returns 1; 0 after the last row; -1 after an
 * error. */
int parquet_next(struct parquet *parquet, struct field *values);

/* Returns what the error is, and what to do. */
const char *parquet_error(const struct parquet *parquet);

#endif
