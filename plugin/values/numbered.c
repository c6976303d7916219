#include "values/numbered.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

void numbered_clear(struct numbered *numbered)
{
    for (int i = 0; i < RECORD_NUMBERS; i++)
        free(numbered->column[i].entry);
    *numbered = (struct numbered){0};
}

static void clear_place(struct numbered *numbered, int place)
{
    free(numbered->column[place].entry);
    numbered->column[place].entry = NULL;
    numbered->column[place].size = 0;
}

void numbered_clear_column(struct numbered *numbered, enum column column)
{
    const int place = record_number_place(column);
    if (place >= 0)
        clear_place(numbered, place);
}

size_t numbered_memory(const struct numbered *numbered)
{
    size_t entries = 0;
    for (int i = 0; i < RECORD_NUMBERS; i++)
        entries += numbered->column[i].size;
    return entries * sizeof(void *);
}

/* Makes room for a record's number.  Returns the number's place; NULL when memory has run out. */
static void **make_room(struct numbered *numbered, const struct record *record, int place)
{
    if (record->numbering != numbered->numbering)
        numbered_clear(numbered);
    numbered->numbering = record->numbering;
    const uint32_t series = record_number_series(record->number[place]);
    if (series != numbered->column[place].series)
        clear_place(numbered, place);
    numbered->column[place].series = series;
    const size_t index = record_number_index(record->number[place]),
                 old_size = numbered->column[place].size;
    if (index >= old_size) {
        size_t size = old_size ? old_size : FIRST_SIZE;
        while (size <= index)
            size *= 2;
        void **entry = realloc(numbered->column[place].entry, size * sizeof *entry);
        if (!entry)
            return NULL;
        memset(entry + old_size, 0, (size - old_size) * sizeof *entry);
        numbered->column[place].entry = entry;
        numbered->column[place].size = size;
    }
    return &numbered->column[place].entry[index];
}

void *numbered_look_up(struct numbered *numbered, struct table *table, const struct record *record,
                       enum column column)
{
    const struct field field = record_field(record, column);
    const int place = record_number_place(column);
    void *found = table_get(table, field.text, field.size);
    if (!found || place < 0 || !record->numbering)
        return found;
    void **entry = make_room(numbered, record, place);
    return entry ? *entry = found : NULL;
}
