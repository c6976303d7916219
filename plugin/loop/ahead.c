#include "loop/internal.h"
#include "memory/cache.h"
#include "values/ahead.h"

/* How many records before the loop counts a record each step for that record happens. */
enum {
    RECORD_STEP = 32,
    TEXT_STEP = 26,
    FIRST_STEP = 19,
    SECOND_STEP = 13,
    THIRD_STEP = 8,
    LAST_STEP = 3,
};

/* In most records, the first TEXT_SIZE bytes have the date, the time and the client's address. */
enum { TEXT_SIZE = 64 };

/* With fewer hosts and pages, the rows are in the caches anyway.  Tests are built with another number. */
#ifndef LOOP_MANY_ROWS
#define LOOP_MANY_ROWS 8192
#endif

/* Returns the place for the client's hash of the record that is STEP records ahead.  For the first records of a
 * block, the place has the hash of another client, whose row is then loaded in vain. */
static uint32_t *hash_at(struct lane *lane, unsigned step)
{
    return &lane->ahead.hash[(lane->ahead.records + step) % AHEAD_HASHES];
}

void ahead_load(struct lane *lane, const struct record *record, size_t records)
{
    const struct rows *hosts = &lane->tables.of[TABLE_HOSTS];
    const struct values *values = lane->values;
    if (records <= RECORD_STEP ||
        hosts->count + lane->tables.of[TABLE_PAGES].count + 1 <= LOOP_MANY_ROWS)
        return;
    lane->ahead.records++;
    cache_load(&record[RECORD_STEP], sizeof *record);
    cache_load(record[TEXT_STEP].line, TEXT_SIZE);

    const struct field host = record_field(&record[FIRST_STEP], COLUMN_CLIENT);
    const uint32_t hash = rows_hash(hosts, host.text, host.size);
    *hash_at(lane, FIRST_STEP) = hash;
    rows_load_slot(hosts, hash);
    values_load_classes(values, &record[FIRST_STEP]);

    rows_load_row(hosts, *hash_at(lane, SECOND_STEP));
    values_load_rows(values, &record[SECOND_STEP]);

    rows_load_key(hosts, *hash_at(lane, THIRD_STEP));
    values_load_found(values, &record[THIRD_STEP]);

    const struct row *visitor = rows_by_hash(hosts, *hash_at(lane, LAST_STEP));
    if (visitor)
        cache_load(row_pointer(visitor, HOST_PAGE), row_size(PAGE_COLUMNS));
    values_load_found_rows(values, &record[LAST_STEP]);
}
