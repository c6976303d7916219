#include "loop/internal.h"
#include "memory/cache.h"
#include "values/ahead.h"

/* How many records before its turn a record takes each step. */
enum { SPLIT_STEP = 20, FIRST_STEP = 14, SECOND_STEP = 9, THIRD_STEP = 5, LAST_STEP = 2 };

/* Fewer hosts and pages are in the caches anyway. */
enum { MANY_ROWS = 8192 };

void loop_look_ahead(const struct update_loop *loop, const struct record *record, size_t records)
{
    const struct rows *hosts = &loop->tables.of[TABLE_HOSTS];
    const struct values *values = loop->values;
    if (records <= SPLIT_STEP || hosts->count + loop->tables.of[TABLE_PAGES].count < MANY_ROWS)
        return;
    cache_load(&record[SPLIT_STEP], sizeof *record);

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

    values_load_found_rows(values, &record[LAST_STEP]);
}
