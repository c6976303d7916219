/* The map at the end of a Parquet file: its columns, and where their values are.
 *
 *     https://parquet.apache.org/docs/file-format/metadata/
 *
 * Only the columns are stored; row groups are read from the map one after another, so their number
 * takes no memory. */
#ifndef PARQUET_METADATA_H
#define PARQUET_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"
#include "parquet/thrift.h"
#include "parquet/type.h"

enum { METADATA_COLUMNS_MAX = 256 };

struct metadata {
    size_t count; /* of the columns */
    struct metadata_column {
        struct field name;       /* in the bytes of the file; empty inside a group */
        bool is_optional;        /* it can have null */
        struct type type;        /* of its values */
        const char *unsupported; /* why its values cannot be read; else NULL */
    } column[METADATA_COLUMNS_MAX];
    uint64_t rows;              /* of all groups */
    const unsigned char *pages; /* the file up to its map */
    const unsigned char *map;
    struct thrift groups; /* the row groups that were not read yet */
    size_t groups_left;
};

/* The values of a column in a row group. */
struct chunk {
    const unsigned char *at, *end; /* its first page, and the end of all pages */
    const struct type *type;       /* of the values */
    int codec;
    uint64_t values;         /* null included */
    const char *unsupported; /* why it cannot be read; else NULL */
};

struct group {
    uint64_t rows;
    struct chunk chunk[METADATA_COLUMNS_MAX];
};

/* Returns whether a file begins as Parquet does. */
bool metadata_is_parquet(const char *head, size_t size);

/* Reads the map of a file.  Returns NULL, or an error: a constant text. */
const char *metadata_read(struct metadata *metadata, const unsigned char *data, size_t size);

/* Reads the next row group; groups_left must not be 0.  Returns as above. */
const char *metadata_next(struct metadata *metadata, struct group *group);

#endif
