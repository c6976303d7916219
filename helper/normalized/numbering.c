#include "normalized/numbering.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "memory/allocate.h"
#include "memory/table.h"

enum { FIRST_NUMBER = 1 };

struct value {
    struct entry entry;
    uint32_t number;
};

struct column_values {
    struct table table; /* of struct value */
    uint32_t
        absent; /* the number of "-", which many columns have in every record: the first of its series */
};

struct numbering {
    uint32_t current; /* the numbering of the next record */
    size_t memory;    /* of each column, bytes */
    bool is_full;     /* a column's values take more */
    struct column_values column[RECORD_NUMBERS];
};

/* Returns a numbering that no other record of this process has, until there were too many. */
static uint32_t next_numbering(void)
{
    static atomic_uint last;
    const uint32_t next = ++last;
    return next ? next : ++last;
}

struct numbering *numbering_new(size_t memory)
{
    struct numbering *numbering = memory_allocate(1, sizeof *numbering);
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uintptr_t)numbering;
    numbering->current = next_numbering();
    numbering->memory = memory;
    for (size_t i = 0; i < RECORD_NUMBERS; i++) {
        table_init(&numbering->column[i].table, sizeof(struct value), seed);
        numbering->column[i].absent = FIRST_NUMBER;
    }
    return numbering;
}

/* Forgets the values of all columns. */
static void forget(struct numbering *numbering)
{
    for (size_t i = 0; i < RECORD_NUMBERS; i++) {
        table_clear(&numbering->column[i].table, NULL, NULL);
        numbering->column[i].absent = FIRST_NUMBER;
    }
}

void numbering_free(struct numbering *numbering)
{
    if (numbering)
        forget(numbering);
    free(numbering);
}

/* Forgets the values of the columns whose values take too much memory. */
static void make_room(struct numbering *numbering)
{
    enum { LAST_SERIES = (1 << (32 - RECORD_INDEX_BITS)) - 1 };
    numbering->is_full = false;
    for (size_t i = 0; i < RECORD_NUMBERS; i++) {
        struct column_values *column = &numbering->column[i];
        if (table_memory(&column->table) <= numbering->memory)
            continue;
        if (record_number_series(column->absent) == LAST_SERIES) {
            forget(numbering);
            numbering->current = next_numbering();
            return;
        }
        table_clear(&column->table, NULL, NULL);
        column->absent += UINT32_C(1) << RECORD_INDEX_BITS;
    }
}

/* Gives a value the next number of its column. */
static void add(struct numbering *numbering, struct column_values *column, struct value *value)
{
    value->number = column->absent + (uint32_t)column->table.entries;
    if (table_memory(&column->table) > numbering->memory)
        numbering->is_full = true;
}

static uint32_t number_of(struct numbering *numbering, struct column_values *column,
                          struct field field)
{
    if (field_is_absent(field))
        return column->absent;
    struct value *value = table_get(&column->table, field.text, field.size);
    if (!value)
        memory_exhausted();
    if (!value->number)
        add(numbering, column, value);
    return value->number;
}

void numbering_add(struct numbering *numbering, struct record *record)
{
    if (numbering->is_full)
        make_room(numbering);
    record->numbering = numbering->current;
    for (int column = 0; column < COLUMN_COUNT; column++) {
        const int place = record_number_place((enum column)column);
        if (place >= 0)
            record->number[place] = number_of(numbering, &numbering->column[place],
                                              record_field(record, (enum column)column));
    }
}
