/* Remembers the names in the objects of a JSON log, so that each name is looked up once. */
#ifndef LOG_JSON_ROWS_H
#define LOG_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/json.h"
#include "log/json_number.h"
#include "normalized/columns.h"

/* Zeroed at birth. */
struct json_rows {
    struct json_object object;                 /* that was read last */
    enum column column[JSON_MEMBERS_MAX];      /* of each expected name */
    char number[INPUT_COUNT][JSON_NUMBER_MAX]; /* of the object, in another form */
    uint64_t columns; /* that any object had up to now: bits, 1 << enum column */
    unsigned
        missing; /* columns that the logs before this one in the same object lack: bits of missing_find() */
    bool is_real_time;
    bool has_new_name;       /* a name of the object is not the one that was expected there */
    bool has_parenthesis;    /* a name of the object has one, as cs(Host) in standard logs alone */
    bool has_real_time_name; /* a name of the object is one that real-time logs alone have */
    bool is_inside_line;     /* the next value does not begin a line */
    bool is_inside_long;     /* the rest of a malformed value follows, which was too long */
    bool has_foreign;        /* an object before the first request is none */
    bool has_empty;          /* an object has no members */
    bool lacks_time;         /* such an object is one but for its time */
};

/* Forgets all that belongs to a log.  MISSING: see the member. */
void json_rows_begin(struct json_rows *rows, unsigned missing);

/* Finds the column of a member whose name was not expected, and expects that name from now on. */
enum column json_rows_find(struct json_rows *rows, size_t number);

/* Finds out what the names of the object tell, once all columns were looked up.  Quick, as most objects have the names
 * of the object before. */
void json_rows_judge_names(struct json_rows *rows);

/* Returns the column of a member of the object. */
static inline enum column json_rows_column(struct json_rows *rows, size_t number)
{
    return rows->object.member[number].is_expected ? rows->column[number]
                                                   : json_rows_find(rows, number);
}

#endif
