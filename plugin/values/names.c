#include "values/internal.h"

/* Returns the name, and makes its counter key if it is missing; NULL if perl's thread must make the key. */
static struct counted_name *with_key(pTHX_ const struct values *values, struct counted_name *name)
{
    if (!name->counter.key && values_are_alone(values))
        return NULL;
    if (!name->counter.key)
        name->counter = counters_key_new(aTHX_ name->entry.key, name->entry.size);
    return name;
}

struct counted_name *values_edge(pTHX_ struct values *values, const struct record *record)
{
    return with_key(aTHX_ values, values_entry_of(values, &values->names[NAME_EDGE], record,
                                                  COLUMN_EDGE_LOCATION));
}

struct counted_name *values_name(pTHX_ struct values *values, enum name_kind kind, const char *text,
                                 size_t size)
{
    return with_key(aTHX_ values, values_entry(values, &values->names[kind], text, size));
}

struct counted_name *values_name_of(pTHX_ struct values *values, enum name_kind kind, SV *sv)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return values_name(aTHX_ values, kind, text, size);
}

struct counted_name *values_size(pTHX_ struct values *values, UV bytes)
{
    static const UV up_to[] = {44, 100, 500, 1024, 2048, 5120};
    unsigned range = 0;
    while (range < RANGES - 1 && bytes > up_to[range])
        range++;
    return values_name_of(aTHX_ values, NAME_SIZE, values->size_range[range]);
}

void values_release_name(void *entry, void *context)
{
    struct counted_name *name = entry;
    dTHXa(context);
    counters_key_free(aTHX_ name->counter);
}
