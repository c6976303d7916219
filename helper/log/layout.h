/* Rows without a header: which columns they have.
 *
 * The first columns of download logs are the same in every era, so the number of columns tells which others
 * follow.  The values must look like values of these columns (log/shape.h).  If neither tells the columns of a
 * row, the setting fields names them.  A row that fits two layouts is refused, never guessed.
 *
 * The delimiter, unless it is TAB, may occur inside values.  Then each row has the layout that it fits best, whatever
 * layout the rows before have: rows of several eras may be in one file. */
#ifndef LOG_LAYOUT_H
#define LOG_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/delimiter.h"
#include "log/evidence.h"
#include "log/header.h"
#include "log/normalize.h"

enum { LAYOUT_COUNTS_MAX = 12 };

/* A layout that is known. */
struct layout {
    const char *name;    /* as in "a download log" */
    const char *columns; /* their names, with a space between */
    uint8_t
        counts[LAYOUT_COUNTS_MAX]; /* how many of the first columns a row may have; 0 ends them */
    bool is_open; /* a row has at least counts[0] columns, and any columns after these, not used */
    bool is_real_time;
};

/* The tables of layouts end with a NULL name. */
extern const struct layout headerless_layouts[], real_time_layouts[];

/* The headers of all layouts of both tables, in their order; made for the first row without a header.  Zeroed at
 * birth. */
enum { LAYOUT_COUNT_MAX = 8 };
struct layout_headers {
    bool are_made;
    struct header header[LAYOUT_COUNT_MAX];
};

/* The columns that the setting fields names. */
struct layout_given {
    bool is_given;
    bool is_real_time;       /* real-time logs alone have some of them */
    struct header header;    /* in the order of the setting */
    struct header real_time; /* in the order of real-time logs */
};

/* Reads the value of the setting: names with spaces, commas or TABs between.  Returns NULL, or an error
 * such as "must name ...": a constant text. */
const char *layout_parse(struct layout_given *given, const char *names);

/* What the rows of an object have in common.  Zeroed at birth. */
struct layout_state {
    bool is_known;
    bool is_real_time;
    bool
        is_open; /* the layout: any number of columns fits, also that of two rows that were joined */
    uint64_t unread;                             /* rows before the first one that fits a layout */
    bool has_request;                            /* one of them may be a request */
    char error[256];                             /* of the first of them */
    struct evidence evidence[LAYOUT_COUNTS_MAX]; /* of each number of columns that rows have */
};

struct log;

/* Whether a line is a row of the columns that the setting fields names. */
bool layout_fits_given(const struct log *log, const char *line, size_t size);

/* Whether a row without a header begins with this line. */
bool layout_has_row(const struct log *log, const char *line, size_t size);

/* Returns why the rows cannot be read: none fits a layout, or their values are against the columns of the layout that
 * most have (log/evidence.h).  NULL: they can, or there are none. */
const char *layout_find_error(struct log *log);

/* Reads a row into log->fields, and finds log->header when the row has another layout than the one
 * before.  Returns NULL, or an error in the row: a constant text.  Sets log->error when the object
 * cannot be read. */
const char *layout_read(struct log *log, const char *line, size_t size);

#endif
