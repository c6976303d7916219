#include "loop/tally.h"

#include <string.h>

/* Writes a time as the lines of the normalized log begin. */
static void put_time(char out[TALLY_TIME_SIZE], uint32_t seconds)
{
    clock_format(seconds, out, out + CLOCK_DATE_SIZE + 1);
    out[CLOCK_DATE_SIZE] = '\t';
}

void tally_init(struct tally *tally, uint32_t clock, uint64_t seed)
{
    *tally = (struct tally){0};
    put_time(tally->clock, clock);
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        table_init(&tally->names[i], sizeof(struct tally_name), seed);
}

void tally_free(struct tally *tally)
{
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        table_clear(&tally->names[i], NULL, NULL);
}

static bool is_time(const char *line)
{
    struct clock_date date;
    struct clock_time time;
    return clock_read_date(line, CLOCK_DATE_SIZE, &date) && line[CLOCK_DATE_SIZE] == '\t' &&
           clock_read_time(line + CLOCK_DATE_SIZE + 1, CLOCK_TIME_SIZE, &time);
}

void tally_see(struct tally *tally, const char *line, size_t size)
{
    tally->number[FIGURE_RECORDS]++;
    if (size < TALLY_TIME_SIZE || memcmp(line, tally->clock, TALLY_TIME_SIZE) <= 0 ||
        !is_time(line))
        return;
    tally->later++;
    if (!*tally->newest || memcmp(line, tally->newest, TALLY_TIME_SIZE) > 0)
        memcpy(tally->newest, line, TALLY_TIME_SIZE);
}

/* Counts records with a name.  After TALLY_NAMES_MAX names, new ones are counted only in the figure. */
static void count_name(struct table *names, const struct field *field, uint64_t records)
{
    size_t size = field->size < TALLY_NAME_SIZE ? field->size : TALLY_NAME_SIZE;
    const bool is_full = names->entries >= TALLY_NAMES_MAX;
    struct tally_name *name =
        is_full ? table_look_up(names, field->text, size) : table_get(names, field->text, size);
    if (name)
        name->records += records;
}

void tally_tell(struct tally *tally, const struct tally_item *item)
{
    if (item->figure == FIGURES)
        return;
    tally->number[item->figure]++;
    if (item->figure == FIGURE_HOST)
        count_name(&tally->names[FIGURE_NAMES_HOSTS], &item->name, 1);
    else if (item->figure == FIGURE_METHOD)
        count_name(&tally->names[FIGURE_NAMES_METHODS], &item->name, 1);
}

/* Adds the names that FROM has, and empties FROM. */
static void add_names(struct table *names, struct table *from)
{
    for (size_t i = 0; i < from->slots; i++) {
        const struct tally_name *name = (const struct tally_name *)from->slot[i];
        if (name)
            count_name(names, &(struct field){name->entry.key, name->entry.size}, name->records);
    }
    table_clear(from, NULL, NULL);
}

void tally_add(struct tally *tally, struct tally *from)
{
    for (unsigned i = 0; i < FIGURES; i++) {
        tally->number[i] += from->number[i];
        from->number[i] = 0;
    }
    for (unsigned i = 0; i < FIGURE_NAMES; i++) {
        if (from->names[i].entries)
            add_names(&tally->names[i], &from->names[i]);
    }
}
