/* The columns of the normalized log, and the columns that are only read: columns.def as C. */
#ifndef NORMALIZED_COLUMNS_H
#define NORMALIZED_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "normalized/field.h"

/* COLUMN_DATE and so on: the columns of the normalized log, in its order.  INPUT_HOST_HEADER and so
 * on: columns that only CloudFront's own logs have. */
enum column {
#define COLUMN(identifier, name, text, tag) COLUMN_##identifier,
#define INPUT(identifier, name)
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
    COLUMN_COUNT,
    COLUMN_BEFORE_INPUT = COLUMN_COUNT - 1,
#define COLUMN(identifier, name, text, tag)
#define INPUT(identifier, name) INPUT_##identifier,
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
    INPUT_COUNT,
    COLUMN_NONE = INPUT_COUNT,    /* any other column */
    COLUMN_EXTRA = COLUMN_RESULT, /* AWStats reads it as %extra1, the next as %extra2 ... */
    COLUMN_EXTRAS = COLUMN_COUNT - COLUMN_EXTRA
};

/* How a column's value is normalized; see log/decode.h. */
enum column_text { COLUMN_TEXT_PLAIN, COLUMN_TEXT_URL, COLUMN_TEXT_AGENT, COLUMN_TEXT_HOST };

/* The names of all columns of the normalized log, with a space between, as "#Fields: " has them. */
extern const char *const columns_names;

/* "\t-" for each column of the normalized log: absent values, to be copied. */
extern const char *const columns_absent;

enum column_text column_text(enum column column);

/* Returns the column called NAME, or COLUMN_NONE.  Case does not matter, nor how letters and digits are
 * separated, nor what follows them: tools that copy logs, Parquet and real-time logs spell "cs(Host)"
 * as "cs_host" or "cs-host", and programs that change logs into JSON as "csHost". */
enum column column_find(const char *name, size_t size);

/* Finds the value of a column in a record of the normalized log: SIZE bytes, with or without LF.
 * Returns false when the record has fewer columns. */
bool column_get(const char *line, size_t size, enum column column, struct field *value);

#endif
