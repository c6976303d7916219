/* plugin/tables/join: the tables of lanes, each of which counts its share of the hosts, are joined to what one table
 * counts; whichever allocation fails, tables_join() reports this and loses no memory. */
#include <stdint.h>
#include <stdlib.h>

#include "no_memory.h"
#include "tables/join.h"
#include "tap.h"

enum { LANES = 8, EXTRAS = 3, SEED = 5, TIMEOUT = 60, TEXT_ROOM = 64 };

static const char *const codes[] = {"404", "403", "500"};
enum { CODES = sizeof codes / sizeof codes[0] };

/* How many records there are, and of how many hosts and of how many pages and other keys. */
struct size {
    unsigned records, hosts, keys;
};

static unsigned below(unsigned long long *random, unsigned limit)
{
    return (unsigned)((next_random(random) >> 16) % limit);
}

/* Returns the row of a key, which no other NUMBER has. */
static struct row *row_of(struct rows *rows, unsigned number)
{
    char key[40];
    const char *format = number % 3 ? "key %u" : "a key that is longer %u";
    return rows_get(rows, key, number ? (size_t)snprintf(key, sizeof key, format, number) : 0);
}

/* ---- counting, as the update loop does ---- */

struct record {
    unsigned host;
    uint64_t number, time; /* from 1 on */
    int64_t bytes;
    unsigned long long random; /* decides all others of its properties */
};

static void count_visit(struct row *host, struct row *page, uint64_t time)
{
    const uint64_t last = host->column[ROW_LAST];
    if (!last) {
        row_set_pointer(host, HOST_ENTRY, page);
    } else if (time > last + TIMEOUT) {
        struct row *exit = row_pointer(host, HOST_PAGE);
        exit->column[PAGE_EXITS]++;
        page->column[PAGE_ENTRIES]++;
        if (!host->column[HOST_WAITING_START]) {
            host->column[HOST_WAITING_LAST] = last;
            host->column[HOST_WAITING_START] = host->column[HOST_START];
        }
    }
    if (!last || time > last + TIMEOUT)
        host->column[HOST_START] = time;
    host->column[ROW_LAST] = time;
    row_set_pointer(host, HOST_PAGE, page);
}

static void count_error(struct tables *tables, const struct record *record,
                        unsigned long long *random, unsigned keys)
{
    const char *code = codes[below(random, CODES)];
    struct error_pages *pages = tables_errors(tables, code, strlen(code));
    struct row *row = row_of(&pages->rows, below(random, keys));
    row->column[ERROR_HITS]++;
    for (unsigned column = ERROR_REFERER; column < ERROR_COLUMNS; column++) {
        char text[TEXT_ROOM];
        const unsigned size = below(random, sizeof text);
        memset(text, 'a' + (int)below(random, 26), sizeof text);
        if (below(random, 3))
            tables_set_text(&pages->texts, row, column, text, size, record->number);
    }
}

static void count_others(struct tables *tables, const struct record *record,
                         unsigned long long *random, unsigned keys)
{
    struct rows *of = tables->of;
    struct row *referer = row_of(&of[TABLE_REFERERS], below(random, keys));
    referer->column[REFERER_PAGES] += below(random, 2);
    referer->column[REFERER_HITS]++;
    row_of(&of[TABLE_PHRASES], below(random, keys))->column[PHRASE_SEARCHES]++;
    struct row *download = row_of(&of[TABLE_DOWNLOADS], below(random, keys));
    download->column[below(random, 2) ? DOWNLOAD_HITS : DOWNLOAD_PARTIAL]++;
    download->column[DOWNLOAD_BYTES] += (uint64_t)record->bytes;
    row_of(&of[TABLE_UNKNOWN_BROWSERS], below(random, keys))->column[UNKNOWN_LAST] = record->time;
    row_of(&of[TABLE_UNKNOWN_OSES], below(random, keys))->column[UNKNOWN_LAST] = record->time;
    struct row *extra = row_of(&tables->extra[below(random, EXTRAS)], below(random, keys));
    extra->column[ROW_PAGES] += below(random, 2);
    extra->column[ROW_HITS]++;
    extra->column[ROW_BYTES] += (uint64_t)record->bytes;
    extra->column[ROW_LAST] = record->time;
}

static void count(struct tables *tables, const struct record *record, unsigned keys)
{
    unsigned long long random = record->random;
    struct row *host = row_of(&tables->of[TABLE_HOSTS], record->host);
    host->column[ROW_HITS]++;
    host->column[ROW_BYTES] += (uint64_t)record->bytes;
    if (below(&random, 2)) {
        struct row *page = row_of(&tables->of[TABLE_PAGES], below(&random, keys));
        host->column[ROW_PAGES]++;
        page->column[PAGE_VIEWS]++;
        page->column[PAGE_BYTES] += (uint64_t)record->bytes;
        count_visit(host, page, record->time);
    }
    if (below(&random, 4) == 0)
        count_error(tables, record, &random, keys);
    else if (below(&random, 2))
        count_others(tables, record, &random, keys);
}

/* Counts random records into the table of their host's lane, and into ONE, if there is one. */
static void count_records(struct tables *lane, unsigned lanes, struct tables *one,
                          const struct size *size, unsigned long long random)
{
    struct record record = {.time = 20300101000000};
    while (record.number++ < size->records) {
        record.host = below(&random, size->hosts);
        record.time += below(&random, 3);
        record.bytes = (int64_t)below(&random, 100000) - 1000;
        record.random = next_random(&random);
        count(&lane[record.host * 2654435761u % 1009 % lanes], &record, size->keys);
        if (one)
            count(one, &record, size->keys);
    }
}

/* ---- comparing ---- */

static bool is_same_text(const struct row_text *a, const struct row_text *b)
{
    return (!a && !b) || (a && b && a->size == b->size && a->record == b->record &&
                          memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* Whether GOT is the row of the same page as WANT, in the table of pages that has it. */
static bool is_same_page(const struct row *got, const struct row *want, const struct rows *pages)
{
    return want ? got && got == rows_find(pages, want->key, want->size) : !got;
}

/* Returns how many rows differ.  PAGES: of GOT; NULL: the rows do not point to pages. */
static unsigned differing(const struct rows *got, const struct rows *want, const struct rows *pages,
                          bool has_texts)
{
    unsigned wrong = got->count != want->count;
    for (uint32_t i = 0; i < want->count; i++) {
        const struct row *wanted = rows_at(want, i),
                         *row = rows_find(got, wanted->key, wanted->size);
        bool is_same = row && row->mark == 0;
        for (unsigned column = 0; is_same && column < want->columns; column++) {
            if (pages && (column == HOST_PAGE || column == HOST_ENTRY))
                is_same =
                    is_same_page(row_pointer(row, column), row_pointer(wanted, column), pages);
            else if (has_texts && column >= ERROR_REFERER)
                is_same = is_same_text(row_pointer(row, column), row_pointer(wanted, column));
            else
                is_same = row->column[column] == wanted->column[column];
        }
        wrong += !is_same;
    }
    for (uint32_t i = 0; i < got->count; i++) {
        const struct row *row = rows_at(got, i);
        wrong += rows_find(got, row->key, row->size) != row;
    }
    return wrong;
}

static unsigned differing_tables(const struct tables *got, const struct tables *want)
{
    const struct rows *pages = &got->of[TABLE_PAGES];
    unsigned wrong = 0;
    for (unsigned kind = 0; kind < TABLE_KINDS; kind++)
        wrong +=
            differing(&got->of[kind], &want->of[kind], kind == TABLE_HOSTS ? pages : NULL, false);
    for (unsigned i = 0; i < EXTRAS; i++)
        wrong += differing(&got->extra[i], &want->extra[i], NULL, false);
    for (unsigned i = 0; i < CODES; i++) {
        const struct error_pages *want_pages = tables_find_errors(want, codes[i], 3),
                                 *got_pages = tables_find_errors(got, codes[i], 3);
        if (want_pages && got_pages)
            wrong += differing(&got_pages->rows, &want_pages->rows, NULL, true);
        else
            wrong += want_pages && want_pages->rows.count;
    }
    return wrong;
}

/* ---- tests ---- */

/* Joins the tables of all lanes, in random order, to one of them, which it returns.  Counts what goes wrong. */
static struct tables *join_all(struct tables *lane, unsigned lanes, unsigned long long random,
                               unsigned *wrong)
{
    struct tables *left[LANES];
    for (unsigned i = 0; i < lanes; i++)
        left[i] = &lane[i];
    while (lanes > 1) {
        const unsigned from = below(&random, lanes);
        struct tables *joined = left[from];
        const unsigned generation = joined->generation;
        left[from] = left[--lanes];
        *wrong += !tables_join(left[below(&random, lanes)], joined);
        *wrong += tables_memory(joined) != 0 || joined->generation == generation;
    }
    return left[0];
}

/* Joins the tables of so many lanes for many SEEDS.  The lanes are used again and again, as by the update loop. */
static void joins_lanes(unsigned lanes, const struct size *size, unsigned seeds)
{
    struct tables lane[LANES], one;
    unsigned wrong = 0, hosts = 0;
    for (unsigned i = 0; i < lanes; i++)
        wrong += !tables_init(&lane[i], EXTRAS, SEED);
    wrong += !tables_init(&one, EXTRAS, SEED);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        const unsigned long long random = 88172645463325252ull * (seed * 2 + lanes * 1000 + 1);
        count_records(lane, lanes, &one, size, random);
        struct tables *joined = join_all(lane, lanes, random, &wrong);
        wrong += differing_tables(joined, &one);
        hosts += one.of[TABLE_HOSTS].count;
        tables_clear(joined);
        tables_clear(&one);
    }
    ok(wrong == 0, "%u lanes count the same as one: %u of %u hosts and the like are wrong", lanes,
       wrong, hosts);
    for (unsigned i = 0; i < lanes; i++)
        tables_free(&lane[i]);
    tables_free(&one);
}

/* A host that is in both tables: its hits add up, and the later visit stays. */
static void joins_host(bool is_later)
{
    struct tables to, from;
    ok(tables_init(&to, 0, SEED) && tables_init(&from, 0, SEED), "tables of one host");
    struct row *host = row_of(&to.of[TABLE_HOSTS], 1), *other = row_of(&from.of[TABLE_HOSTS], 1);
    for (unsigned column = 0; column < HOST_COLUMNS; column++) {
        host->column[column] = 100 + column;
        other->column[column] = (is_later ? 200 : 50) + column;
    }
    row_set_pointer(host, HOST_PAGE, row_of(&to.of[TABLE_PAGES], 1));
    row_set_pointer(host, HOST_ENTRY, row_of(&to.of[TABLE_PAGES], 2));
    row_set_pointer(other, HOST_PAGE, row_of(&from.of[TABLE_PAGES], 2));
    row_set_pointer(other, HOST_ENTRY, NULL);
    const uint64_t hits = host->column[ROW_HITS] + other->column[ROW_HITS],
                   more = is_later ? 200 : 100;
    ok(tables_join(&to, &from) && to.of[TABLE_HOSTS].count == 1 && host->column[ROW_HITS] == hits,
       "its hits add up");
    ok(host->column[ROW_LAST] == more + ROW_LAST && host->column[HOST_START] == more + HOST_START &&
           host->column[HOST_WAITING_LAST] == more + HOST_WAITING_LAST &&
           host->column[HOST_WAITING_START] == more + HOST_WAITING_START &&
           row_pointer(host, HOST_PAGE) == row_of(&to.of[TABLE_PAGES], is_later ? 2 : 1) &&
           row_pointer(host, HOST_ENTRY) == (is_later ? NULL : row_of(&to.of[TABLE_PAGES], 2)),
       "its later visit stays: that of the table which is %s", is_later ? "joined" : "joined to");
    tables_free(&to);
    tables_free(&from);
}

/* Joins two tables while the allocation NUMBER fails.  Returns the number of allocations, and stores the result. */
static unsigned join_without_memory(unsigned number, const struct size *size, bool *is_joined)
{
    struct tables lane[2];
    *is_joined = false;
    memory_fail_at = 0;
    if (!tables_init(&lane[0], EXTRAS, SEED) || !tables_init(&lane[1], EXTRAS, SEED))
        return 0;
    count_records(lane, 2, NULL, size, 362436069362436069ull);
    memory_calls = 0;
    memory_fail_at = number;
    *is_joined = tables_join(&lane[0], &lane[1]);
    memory_fail_at = 0;
    const unsigned calls = memory_calls;
    tables_free(&lane[0]);
    tables_free(&lane[1]);
    return calls;
}

static void lacks_memory(void)
{
    static const struct size size = {24000, 20000, 2000};
    bool is_joined;
    const unsigned all = join_without_memory(0, &size, &is_joined);
    ok(all > 25 && is_joined, "memory that never runs out: %u calls", all);
    unsigned silent = 0;
    for (unsigned number = 1; number <= all; number++) {
        join_without_memory(number, &size, &is_joined);
        silent += is_joined;
    }
    ok(silent == 0, "each call that fails is told of: %u are not", silent);
}

int main(void)
{
    static const struct size few = {40, 5, 4}, usual = {5000, 1000, 200},
                             many = {150000, 100000, 10000};
    for (unsigned lanes = 1; lanes <= LANES; lanes++) {
        joins_lanes(lanes, &few, 300);
        joins_lanes(lanes, &usual, 10);
    }
    joins_lanes(3, &many, 1);
    joins_host(true);
    joins_host(false);
    lacks_memory();
    return done_testing();
}
