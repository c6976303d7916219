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
        void **entry;
        size_t size;
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

/* Returns what TABLE, the same one each time for a COLUMN, has for a record's value, as table_get()
 * does. */
static inline void *numbered_get(struct numbered *numbered, struct table *table,
                                 const struct record *record, enum column column)
{
    const int place = record_number_place(column);
    if (place >= 0 && record->numbering && record->numbering == numbered->numbering &&
        record->number[place] < numbered->column[place].size) {
        void *entry = numbered->column[place].entry[record->number[place]];
        if (entry)
            return entry;
    }
    return numbered_look_up(numbered, table, record, column);
}

#endif
