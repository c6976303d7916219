/* The classes of values that have numbers (normalized/record.h). */
#ifndef PLUGIN_VALUES_NUMBERED_H
#define PLUGIN_VALUES_NUMBERED_H

#include <stdint.h>

#include "memory/table.h"
#include "normalized/record.h"

/* By the number of a value, what its table has for it; NULL: it was not looked up yet. */
struct numbered {
    uint32_t numbering; /* of all these numbers; 0: there are none */
    struct {
        void **entry; /* by the index of a number of this series */
        size_t size;
        uint32_t series;
    } column[RECORD_NUMBERS];
};

/* Forgets all entries: call this when a table is cleared. */
void numbered_clear(struct numbered *numbered);

/* The same for the table of one column. */
void numbered_clear_column(struct numbered *numbered, enum column column);
size_t numbered_memory(const struct numbered *numbered);

/* Returns what numbered_get() does when the record has no number, or this is not what it stands for yet. */
void *numbered_look_up(struct numbered *numbered, struct table *table, const struct record *record,
                       enum column column);

/* Returns what the table of a column is known to have for a record's value; NULL when that was not looked up yet. */
static inline void *numbered_known(const struct numbered *numbered, const struct record *record,
                                   enum column column)
{
    const int place = record_number_place(column);
    if (place < 0 || !record->numbering || record->numbering != numbered->numbering)
        return NULL;
    const uint32_t number = record->number[place], index = record_number_index(number);
    return record_number_series(number) == numbered->column[place].series &&
                   index < numbered->column[place].size
               ? numbered->column[place].entry[index]
               : NULL;
}

/* Returns what TABLE, the same one each time for a COLUMN, has for a record's value, as table_get()
 * does. */
static inline void *numbered_get(struct numbered *numbered, struct table *table,
                                 const struct record *record, enum column column)
{
    void *entry = numbered_known(numbered, record, column);
    return entry ? entry : numbered_look_up(numbered, table, record, column);
}

#endif
