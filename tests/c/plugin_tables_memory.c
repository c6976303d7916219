/* plugin/tables: if the n-th allocation fails, the function reports this, no earlier data is lost, and the same call
 * succeeds once there is memory again. */
#include <stdint.h>

#include "no_memory.h"
#include "tables/seen.h"
#include "tables/tables.h"
#include "tables/top.h"
#include "tap.h"

/* More rows than the first list of chunks has room for. */
enum { ROWS = 17 * ROWS_IN_CHUNK, CODES = 3, TEXTS = 300, TEXT_ROOM = 400, TOP_ROWS = 200 };

/* How often a function reported that memory has run out, and how many results were wrong. */
static unsigned failures, wrong;

static struct row *get(struct rows *rows, unsigned number)
{
    const uint32_t count = rows->count;
    struct row *row = rows_get(rows, (const char *)&number, sizeof number);
    if (row)
        return row;
    failures++;
    wrong += rows->count != count || rows_find(rows, (const char *)&number, sizeof number) != NULL;
    return rows_get(rows, (const char *)&number, sizeof number);
}

static void fill_rows(struct rows *rows)
{
    for (unsigned i = 0; i < ROWS; i++) {
        struct row *row = get(rows, i);
        wrong += !row || !row_add(row, ROW_HITS, i);
    }
    for (unsigned i = 0; i < ROWS; i++) {
        const struct row *row = rows_find(rows, (const char *)&i, sizeof i);
        wrong += !row || row->column[ROW_HITS] != i;
    }
    wrong += rows->count != ROWS;
}

/* Texts that grow, of the rows of some status codes. */
static void fill_errors(struct tables *tables)
{
    static const char *const code[CODES] = {"404", "403", "504"};
    char text[TEXT_ROOM];
    for (unsigned i = 0; i < TEXTS; i++) {
        const char *name = code[i % CODES];
        struct error_pages *pages = tables_errors(tables, name, strlen(name));
        if (!pages) {
            failures++;
            wrong += tables_find_errors(tables, name, strlen(name)) != NULL;
            pages = tables_errors(tables, name, strlen(name));
        }
        struct row *row = get(&pages->rows, i / CODES % 10);
        const struct row_text *before = row_pointer(row, ERROR_REFERER);
        const size_t size_before = before ? before->size : 0;
        memset(text, 'a' + (int)(i % 26), sizeof text);
        if (!tables_set_text(&pages->texts, row, ERROR_REFERER, text, i + 1, i)) {
            failures++;
            wrong += row_pointer(row, ERROR_REFERER) != before ||
                     (before && before->size != size_before);
            wrong += !tables_set_text(&pages->texts, row, ERROR_REFERER, text, i + 1, i);
        }
        const struct row_text *stored = row_pointer(row, ERROR_REFERER);
        wrong +=
            stored->size != i + 1 || stored->record != i || memcmp(stored->bytes, text, i + 1) != 0;
    }
}

static void fill_seen(struct seen *seen)
{
    for (unsigned i = 0; i < ROWS; i++) {
        if (seen_add(seen, (const char *)&i, sizeof i))
            continue;
        failures++;
        wrong += !seen_add(seen, (const char *)&i, sizeof i);
    }
    enum seen_result result = seen_twice(seen);
    if (result == SEEN_NO_MEMORY) {
        failures++;
        result = seen_twice(seen);
    }
    wrong += result != SEEN_ONCE;
}

static void fill_top(struct top *top)
{
    for (unsigned i = 0; i < TOP_ROWS * 2; i++) {
        const struct top_row row = {.order = i * 7919u % (TOP_ROWS * 2) + 1};
        const size_t count = top->count;
        if (!top_offer(top, row.order, &row)) {
            failures++;
            wrong += top->count != count || !top_offer(top, row.order, &row);
        }
    }
    top_sort(top);
    wrong += top->count != TOP_ROWS;
    for (size_t i = 0; i < top->count; i++)
        wrong += top->first[i].order != TOP_ROWS * 2 - i;
}

/* Fills everything, while the allocation NUMBER fails.  Returns the number of allocations. */
static unsigned fill_all(unsigned number)
{
    struct tables tables;
    struct seen seen = {.seed = 3};
    struct top top = {.max = TOP_ROWS, .min = 1};
    memory_fail_at = number;
    memory_calls = failures = 0;
    if (!tables_init(&tables, 2, 5)) {
        failures++;
        wrong += !tables_init(&tables, 2, 5);
    }
    fill_rows(&tables.of[TABLE_HOSTS]);
    fill_errors(&tables);
    fill_seen(&seen);
    fill_top(&top);
    memory_fail_at = 0;
    const unsigned made = memory_calls;
    tables_free(&tables);
    seen_clear(&seen);
    top_clear(&top);
    return made;
}

int main(void)
{
    const unsigned all = fill_all(0);
    ok(all > 40 && failures == 0 && wrong == 0, "memory that never runs out: %u calls", all);
    unsigned silent = 0;
    for (unsigned number = 1; number <= all; number++) {
        fill_all(number);
        silent += failures != 1;
    }
    ok(silent == 0, "each call that fails is told of: %u are not", silent);
    ok(wrong == 0, "nothing is lost, and the same call succeeds then: %u wrong answers", wrong);
    return done_testing();
}
