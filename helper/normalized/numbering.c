#include "normalized/numbering.h"

#include <stdlib.h>
#include <sys/random.h>

#include "memory/allocate.h"
#include "memory/table.h"

enum {
    ENTRY_OVERHEAD = 32
}; /* bytes that an entry takes beside itself and its key, in slots and in the heap */

struct value {
    struct entry entry;
    uint32_t number;
};

struct numbering {
    uint32_t current; /* the numbering of the next record */
    size_t used, memory;
    struct table values[RECORD_NUMBERS];
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
        table_init(&numbering->values[i], sizeof(struct value), seed);
    return numbering;
}

static void forget(struct numbering *numbering)
{
    for (size_t i = 0; i < RECORD_NUMBERS; i++)
        table_clear(&numbering->values[i], NULL, NULL);
    numbering->used = 0;
}

void numbering_free(struct numbering *numbering)
{
    if (numbering)
        forget(numbering);
    free(numbering);
}

/* Returns the number of a value: 1 for "-", which many columns have in every record. */
static uint32_t number_of(struct numbering *numbering, struct table *values, struct field field)
{
    if (field_is_absent(field))
        return 1;
    struct value *value = table_get(values, field.text, field.size);
    if (!value)
        memory_exhausted();
    if (!value->number) {
        value->number = (uint32_t)values->entries + 1;
        numbering->used += sizeof *value + field.size + ENTRY_OVERHEAD;
    }
    return value->number;
}

void numbering_add(struct numbering *numbering, struct record *record)
{
    if (numbering->used > numbering->memory) {
        forget(numbering);
        numbering->current += numbering->current == UINT32_MAX ? 2 : 1;
    }
    record->numbering = numbering->current;
    for (int column = 0; column < COLUMN_COUNT; column++) {
        const int place = record_number_place((enum column)column);
        if (place >= 0)
            record->number[place] = number_of(numbering, &numbering->values[place],
                                              record_field(record, (enum column)column));
    }
}
