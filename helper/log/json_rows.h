/* What is known of the objects of a JSON log, so that each name is looked up once. */
#ifndef LOG_JSON_ROWS_H
#define LOG_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/json.h"
#include "normalized/columns.h"

enum { JSON_NAME_MAX = 48 };

/* Zeroed at birth. */
struct json_rows {
    struct json_object object; /* that was read last */
    size_t count;              /* of the names, in the order of the objects' members */
    struct {
        char text[JSON_NAME_MAX];
        size_t size;
        enum column column;
    } name[JSON_MEMBERS_MAX];
    uint64_t columns; /* that any object had up to now: bits, 1 << enum column */
    bool is_real_time;
};

/* Forgets all that belongs to a log. */
void json_rows_begin(struct json_rows *rows);

/* Returns the column of the member NUMBER, which has this name. */
enum column json_rows_column(struct json_rows *rows, size_t number, struct field name);

#endif
