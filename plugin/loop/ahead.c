#include "loop/internal.h"
#include "memory/cache.h"
#include "values/ahead.h"

/* How many records before its turn a record takes each step. */
enum {
    RECORD_STEP = 32,
    TEXT_STEP = 26,
    FIRST_STEP = 19,
    SECOND_STEP = 13,
    THIRD_STEP = 8,
    LAST_STEP = 3,
};

/* Most records have all up to the client's address in so many bytes. */
enum { TEXT_SIZE = 64 };

/* Fewer hosts and pages are in the caches anyway.  Tests have another number. */
#ifndef LOOP_MANY_ROWS
#define LOOP_MANY_ROWS 8192
#endif

void loop_look_ahead(const struct update_loop *loop, const struct record *record, size_t records)
{
    const struct rows *hosts = &loop->tables.of[TABLE_HOSTS];
    const struct values *values = loop->values;
    if (records <= RECORD_STEP ||
        hosts->count + loop->tables.of[TABLE_PAGES].count + 1 <= LOOP_MANY_ROWS)
        return;
    cache_load(&record[RECORD_STEP], sizeof *record);
    cache_load(record[TEXT_STEP].line, TEXT_SIZE);

    const struct record *next = &record[FIRST_STEP];
    struct field host = record_field(next, COLUMN_CLIENT);
    rows_load_slot(hosts, host.text, host.size);
    values_load_classes(values, next);

    next = &record[SECOND_STEP];
    host = record_field(next, COLUMN_CLIENT);
    rows_load_row(hosts, host.text, host.size);
    values_load_rows(values, next);

    next = &record[THIRD_STEP];
    host = record_field(next, COLUMN_CLIENT);
    rows_load_key(hosts, host.text, host.size);
    values_load_found(values, next);

    next = &record[LAST_STEP];
    host = record_field(next, COLUMN_CLIENT);
    const struct row *visitor = rows_find(hosts, host.text, host.size);
    if (visitor)
        cache_load(row_pointer(visitor, HOST_PAGE),
                   sizeof(struct row) + PAGE_COLUMNS * sizeof(uint64_t));
    values_load_found_rows(values, next);
}
