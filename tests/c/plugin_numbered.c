/* normalized/numbering and plugin/values/numbered: a reader finds the same entry by a value's number as by its
 * text. */
#include <stdlib.h>

#include "feed_stream.h"
#include "normalized/numbering.h"
#include "tap.h"
#include "values/numbered.h"

enum { RECORDS = 20000, LINE_ROOM = 1024 };

/* Makes a record whose columns have few or many different values; one of the columns has no numbers. */
static size_t make_line(unsigned long long *state, char *line)
{
    return (size_t)snprintf(line, LINE_ROOM,
                            "2026-10-31\t23:59:59\tDFW%llu\t1000\t192.0.2.%llu\tGET\twww.example."
                            "com\t/page%llu.html\t200"
                            "\t-\tMozilla/5.0\t-\tHit\thttps\tHTTP/2.0\tTLSv1.3\ttext/"
                            "html\t0.%03llu\t0.001\tUS\t-" COLUMNS_ABSENT_AFTER_EVENT "\n",
                            next_random(state) % 5, next_random(state) % 200,
                            next_random(state) % 3000, next_random(state) % 1000);
}

/* Whether the entry found for a column belongs to the column's value. */
static bool is_found(struct numbered *numbered, struct table *table, const struct record *record,
                     enum column column)
{
    const struct field field = record_field(record, column);
    const struct entry *entry = numbered_get(numbered, table, record, column);
    return entry && entry == table_look_up(table, field.text, field.size) &&
           entry->size == field.size && memcmp(entry->key, field.text, field.size) == 0;
}

/* How many numberings there were, and how many series of numbers of the column of paths. */
struct seen {
    unsigned numberings, series;
};

/* Reads records whose numbering has MEMORY bytes for each column. */
static struct seen read_records(size_t memory, bool has_numbers, const char *name)
{
    static const enum column columns[] = {COLUMN_EDGE_LOCATION, COLUMN_CLIENT, COLUMN_STEM,
                                          COLUMN_REFERER, COLUMN_TIME_TAKEN};
    struct numbering *numbering = numbering_new(memory);
    struct numbered numbered = {0};
    struct table table[COLUMN_COUNT];
    unsigned long long state = 88172645463325252ull;
    struct seen seen = {0};
    uint64_t last = 0;
    unsigned wrong = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
        table_init(&table[i], sizeof(struct entry), 1);
    for (int i = 0; i < RECORDS; i++) {
        char line[LINE_ROOM];
        struct record record;
        size_t size = make_line(&state, line);
        if (!record_split(&record, line, size))
            wrong++;
        if (has_numbers)
            numbering_add(numbering, &record);
        const uint32_t path = record.number[record_number_place(COLUMN_STEM)];
        const uint64_t series =
            (uint64_t)record.numbering << 32 | (has_numbers ? record_number_series(path) : 0);
        seen.numberings += record.numbering != last >> 32;
        seen.series += series != last;
        last = series;
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
            wrong += !is_found(&numbered, &table[columns[j]], &record, columns[j]);
        if (i % 7000 == 6999) {
            numbered_clear(&numbered);
            for (int j = 0; j < COLUMN_COUNT; j++)
                table_clear(&table[j], NULL, NULL);
        }
    }
    ok(wrong == 0, "%s: each value is found", name);
    ok((numbered_memory(&numbered) > 0) == has_numbers, "%s: memory is counted", name);
    numbered_clear(&numbered);
    for (int j = 0; j < COLUMN_COUNT; j++)
        table_clear(&table[j], NULL, NULL);
    numbering_free(numbering);
    return seen;
}

/* A reader may get records of several writers, each of which has a numbering. */
static void test_two_writers(void)
{
    struct numbering *one = numbering_new(1 << 20), *other = numbering_new(1 << 20);
    unsigned long long state = 1;
    char line[LINE_ROOM];
    struct record first, second;
    const size_t size = make_line(&state, line);
    ok(record_split(&first, line, size) && record_split(&second, line, size), "a record");
    numbering_add(one, &first);
    numbering_add(other, &second);
    ok(first.numbering && second.numbering && first.numbering != second.numbering,
       "two writers have different numberings");
    numbering_free(one);
    numbering_free(other);
}

int main(void)
{
    test_two_writers();
    struct seen seen = read_records(1 << 24, true, "much memory");
    ok(seen.numberings == 1 && seen.series == 1, "much memory: all values are kept");
    seen = read_records(20000, true, "little memory");
    ok(seen.numberings == 1 && seen.series > 10, "little memory: paths are forgotten (%u series)",
       seen.series);
    seen = read_records(0, true, "no memory");
    ok(seen.numberings > 10 && seen.series > 256, "no memory: many numberings (%u)",
       seen.numberings);
    seen = read_records(0, false, "without numbers");
    ok(seen.numberings == 0, "without numbers: no numbering");
    return done_testing();
}
