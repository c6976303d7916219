/* plugin/tables: the same numbers as in a simple array, with any keys; rows never move; the first rows are those that
 * AWStats' BuildKeyList finds. */
#include <stdint.h>
#include <stdlib.h>

#include "tables/seen.h"
#include "tables/tables.h"
#include "tables/top.h"
#include "tap.h"

enum { KEYS = 20000, OPERATIONS = 200000, KEY_ROOM = 64 };

static size_t below(unsigned long long *random, size_t limit)
{
    return (size_t)(next_random(random) >> 16) % limit;
}

/* Makes key NUMBER, which differs from all others: 0 to 60 bytes, mostly with equal beginnings, many with NULs. */
static size_t key_of(unsigned number, char *key)
{
    const size_t more = number % 50;
    if (number == 0)
        return 0;
    memset(key, number % 3 ? '/' : '\0', more);
    memcpy(key + more, &number, sizeof number);
    return more + sizeof number;
}

/* Looks the key up with a copy in memory of just its size. */
static struct row *get(struct rows *rows, const char *key, size_t size, bool adds)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, key, size);
    struct row *row = adds ? rows_get(rows, copy, size) : rows_find(rows, copy, size);
    free(copy);
    return row;
}

static void is_an_array(void)
{
    static struct {
        struct row *row;
        uint64_t number;
    } want[KEYS];
    unsigned long long random = 88172645463325252ull;
    struct rows rows;
    unsigned wrong = 0, count = 0;
    rows_init(&rows, 3, 7);
    for (unsigned i = 0; i < OPERATIONS; i++) {
        const unsigned number =
            (unsigned)below(&random, i % 100 + (size_t)KEYS * i / OPERATIONS + 1) % KEYS;
        char key[KEY_ROOM];
        const size_t size = key_of(number, key);
        struct row *row = get(&rows, key, size, i % 3 > 0);
        if (i % 3 == 0) {
            wrong += row != want[number].row;
            continue;
        }
        count += !want[number].row;
        wrong += want[number].row && want[number].row != row;
        want[number].row = row;
        wrong += row->size != size || memcmp(row->key, key, size) != 0;
        wrong += row->column[2] != want[number].number || row->column[0] || row->mark;
        row->column[2] = want[number].number += i;
    }
    ok(wrong == 0, "numbers, keys and places: %u wrong", wrong);
    ok(rows.count == count && count > KEYS / 2, "the number of rows: %u", count);
    unsigned misplaced = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        bool is_there = false;
        for (unsigned at = 0; want[i].row && i % 97 == 0 && at < rows.count && !is_there; at++)
            is_there = rows_at(&rows, at) == want[i].row;
        misplaced += i % 97 == 0 && want[i].row && !is_there;
    }
    ok(misplaced == 0, "each row has a number");
    unsigned others = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        char key[KEY_ROOM];
        const uint32_t hash = rows_hash(&rows, key, key_of(i, key));
        others += rows_by_hash(&rows, hash) != want[i].row;
        rows_load_slot(&rows, hash);
        rows_load_row(&rows, hash);
        rows_load_key(&rows, hash);
    }
    ok(others == 0, "the hash of each key has the key's row, if any: %u others", others);
    const size_t memory = rows_memory(&rows), keys = (size_t)count * 28;
    ok(memory > count * (16 + 3 * 8) + keys / 2 && memory < count * (16 + 3 * 8 + 40) + keys * 2,
       "memory: %zu bytes for %u rows", memory, count);
    rows_clear(&rows);
    ok(rows.count == 0 && rows_memory(&rows) == 0 && !rows_find(&rows, "", 0) &&
           !rows_by_hash(&rows, 0),
       "cleared");
    ok(rows_get(&rows, "", 0) != NULL && rows.count == 1, "used again");
    rows_clear(&rows);
}

/* ---- the rows that come first ---- */

enum { SELECT, ORDER };

/* Does the same as BuildKeyList in a simple way: keeps a sorted list. */
static size_t first_plainly(const struct rows *rows, const struct top *limits,
                            const struct row **list)
{
    size_t count = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = rows_at(rows, i);
        if ((double)count < limits->max ? (double)row->column[SELECT] < limits->min
                                        : row->column[ORDER] <= list[count - 1]->column[ORDER])
            continue;
        if ((double)count >= limits->max)
            count--;
        size_t at = count++;
        for (; at > 0 && list[at - 1]->column[ORDER] < row->column[ORDER]; at--)
            list[at] = list[at - 1];
        list[at] = row;
    }
    return count;
}

static void comes_first(void)
{
    unsigned long long random = 362436069362436069ull;
    unsigned wrong = 0, listed = 0;
    for (unsigned round = 0; round < 300; round++) {
        struct rows rows;
        static const struct row *list[1000];
        struct top top = {.max = (double)(below(&random, 40) + 1),
                          .min = (double)(below(&random, 4) + 1)};
        const size_t values = below(&random, 30) + 1, count = below(&random, 1000);
        rows_init(&rows, 2, round);
        for (size_t i = 0; i < count; i++) {
            char key[16];
            struct row *row =
                rows_get(&rows, key, (size_t)sprintf(key, "%zu", below(&random, count)));
            row->column[SELECT] = below(&random, 6);
            row->column[ORDER] = below(&random, values);
        }
        for (uint32_t i = 0; i < rows.count; i++) {
            struct row *row = rows_at(&rows, i);
            const struct top_row offered = {.order = row->column[ORDER], .row = row};
            wrong += !top_offer(&top, row->column[SELECT], &offered);
        }
        top_sort(&top);
        const size_t want = first_plainly(&rows, &top, list);
        wrong += top.count != want;
        for (size_t i = 0; i < top.count && i < want; i++)
            wrong += top.first[i].row != list[i];
        listed += (unsigned)top.count;
        top_clear(&top);
        rows_clear(&rows);
    }
    ok(wrong == 0 && listed > 3000, "the rows that come first: %u wrong of %u", wrong, listed);
}

/* ---- tables ---- */

static void is_detail(const struct row *row, unsigned column, const char *want)
{
    const struct row_text *text = row_pointer(row, column);
    if (text)
        is_text(text->bytes, text->size, want, "a text of a row");
    else
        ok(false, "a text of a row: %s", want);
}

static void has_tables(void)
{
    struct tables tables;
    ok(tables_init(&tables, 2, 5), "tables");
    struct row_place place = {0};
    struct row *host = tables_row(&tables, &tables.of[TABLE_HOSTS], &place, "192.0.2.1", 9);
    struct row *page = rows_get(&tables.of[TABLE_PAGES], "0", 1);
    ok(tables_row(&tables, &tables.of[TABLE_HOSTS], &place, "other", 5) == host,
       "a place is remembered");
    row_set_pointer(host, HOST_PAGE, page);
    ok(row_pointer(host, HOST_PAGE) == page && !host_page(host, HOST_PAGE),
       "a page that perl takes for false");
    row_set_pointer(host, HOST_PAGE, rows_get(&tables.of[TABLE_PAGES], "/", 1));
    ok(host_page(host, HOST_PAGE) != NULL, "another page");
    struct error_pages *pages = tables_errors(&tables, "404", 3);
    ok(tables_errors(&tables, "404", 3) == pages && tables_errors(&tables, "500", 3) != pages,
       "codes");
    ok(!tables_find_errors(&tables, "40", 2), "a code that was not met");
    struct row *error = rows_get(&pages->rows, "/none", 5);
    static const char *const texts[] = {"a", "", "abc", "a longer text than those before", "b"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tables_set_text(&pages->texts, error, ERROR_HOST, texts[i], strlen(texts[i]), i);
        is_detail(error, ERROR_HOST, texts[i]);
    }
    const size_t memory = pages->texts.memory;
    for (unsigned i = 0; i < 100000; i++)
        tables_set_text(&pages->texts, error, ERROR_HOST, "as long as the longest of them", i % 31,
                        i);
    ok(pages->texts.memory == memory, "a text that is replaced takes no more memory");
    ok(tables_memory(&tables) > memory, "memory: %zu bytes", tables_memory(&tables));
    tables.given_back = true;
    tables_clear(&tables);
    ok(!tables.given_back && tables.of[TABLE_HOSTS].count == 0 && pages->rows.count == 0,
       "cleared");
    ok(tables_row(&tables, &tables.of[TABLE_HOSTS], &place, "192.0.2.1", 9)->column[ROW_HITS] == 0,
       "a place is forgotten then");
    ok(tables_find_errors(&tables, "404", 3) == pages, "codes stay");
    tables_free(&tables);
}

static void has_seen(void)
{
    struct seen seen = {.seed = 9};
    unsigned wrong = 0;
    for (unsigned again = 0; again < KEYS; again = again * 2 + 1) {
        for (unsigned i = 0; i < KEYS; i++) {
            char key[16];
            wrong += !seen_add(&seen, key, (size_t)sprintf(key, "%u", i));
        }
        wrong += seen_twice(&seen) != SEEN_ONCE;
        char key[16];
        wrong += !seen_add(&seen, key, (size_t)sprintf(key, "%u", again));
        wrong += seen_twice(&seen) != SEEN_TWICE;
        seen_clear(&seen);
    }
    wrong += seen_twice(&seen) != SEEN_ONCE;
    ok(wrong == 0 && seen.seed == 9, "keys that are there twice: %u wrong", wrong);
    size_t memory = 0;
    for (unsigned i = 0; i < KEYS; i++)
        (void)seen_add(&seen, (const char *)&i, sizeof i);
    for (unsigned i = 0; i < SEEN_PARTS; i++)
        memory += seen.part[i].room * sizeof *seen.part[i].hash;
    ok(memory >= KEYS * 8 && memory < KEYS * 11, "memory: %zu bytes for %u keys", memory, KEYS);
    seen_clear(&seen);
}

int main(void)
{
    is_an_array();
    has_seen();
    comes_first();
    has_tables();
    return done_testing();
}
