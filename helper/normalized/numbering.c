#include "normalized/numbering.h"

#include <stdlib.h>
#include <sys/random.h>

#include "memory/allocate.h"
#include "memory/table.h"

struct value {
    struct entry entry;
    uint32_t number;
};

struct column_values {
    struct table table; /* of struct value */
    uint32_t series;
};

struct numbering {
    uint32_t current; /* the numbering of the next record */
    size_t memory;    /* of each column, bytes */
    struct column_values column[RECORD_NUMBERS];
};

struct numbering *numbering_new(size_t memory)
{
    struct numbering *numbering = memory_allocate(1, sizeof *numbering);
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uintptr_t)numbering;
    numbering->current = 1;
    numbering->memory = memory;
    for (size_t i = 0; i < RECORD_NUMBERS; i++)
        table_init(&numbering->column[i].table, sizeof(struct value), seed);
    return numbering;
}

/* Forgets the values of all columns. */
static void forget(struct numbering *numbering)
{
    for (size_t i = 0; i < RECORD_NUMBERS; i++) {
        table_clear(&numbering->column[i].table, NULL, NULL);
        numbering->column[i].series = 0;
    }
}

void numbering_free(struct numbering *numbering)
{
    if (numbering)
        forget(numbering);
    free(numbering);
}

/* Forgets the values of the columns whose values take too much memory. */
static void keep_within_memory(struct numbering *numbering)
{
    enum { LAST_SERIES = (1 << (32 - RECORD_INDEX_BITS)) - 1 };
    for (size_t i = 0; i < RECORD_NUMBERS; i++) {
        struct column_values *column = &numbering->column[i];
        if (table_memory(&column->table) <= numbering->memory)
            continue;
        if (column->series == LAST_SERIES) {
            forget(numbering);
            numbering->current += numbering->current == UINT32_MAX ? 2 : 1;
            return;
        }
        table_clear(&column->table, NULL, NULL);
        column->series++;
    }
}

/* Returns the number of a value: index 1 for "-", which many columns have in every record. */
static uint32_t number_of(struct column_values *column, struct field field)
{
    const uint32_t series = column->series << RECORD_INDEX_BITS;
    if (field_is_absent(field))
        return series | 1;
    struct value *value = table_get(&column->table, field.text, field.size);
    if (!value)
        memory_exhausted();
    if (!value->number)
        value->number = series | ((uint32_t)column->table.entries + 1);
    return value->number;
}

void numbering_add(struct numbering *numbering, struct record *record)
{
    keep_within_memory(numbering);
    record->numbering = numbering->current;
    for (int column = 0; column < COLUMN_COUNT; column++) {
        const int place = record_number_place((enum column)column);
        if (place >= 0)
            record->number[place] =
                number_of(&numbering->column[place], record_field(record, (enum column)column));
    }
}
