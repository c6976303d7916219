#include "tables/join.h"

/* How many rows before its turn a row's hash is made and its slot loaded; half as many before it, TO's row. */
enum { AHEAD = 32 };

/* The first columns of a table, which add up.  Of the others, which are times, the later one stays. */
static const unsigned sums_of[TABLE_KINDS] = {
    [TABLE_PAGES] = PAGE_COLUMNS,
    [TABLE_REFERERS] = REFERER_COLUMNS,
    [TABLE_PHRASES] = PHRASE_COLUMNS,
    [TABLE_DOWNLOADS] = DOWNLOAD_COLUMNS,
    [TABLE_UNKNOWN_BROWSERS] = UNKNOWN_LAST,
    [TABLE_UNKNOWN_OSES] = UNKNOWN_LAST,
};

/* A page of FROM that is already joined has a pointer to TO's row of this page instead of its views. */
enum { PAGE_FORWARD = PAGE_VIEWS };

/* Two tables that are joined, and how. */
struct joining {
    struct rows *to, *from;
    bool (*join)(const struct joining *joining, struct row *to, struct row *from, bool is_new);
    unsigned sums;       /* as in sums_of */
    bool keeps_rows;     /* of FROM, for later */
    struct arena *texts; /* of TO's error pages */
};

static void add_sums(struct row *to, const struct row *from, unsigned sums)
{
    for (unsigned column = 0; column < sums; column++)
        to->column[column] += from->column[column];
}

static bool join_counters(const struct joining *joining, struct row *to, struct row *from,
                          bool is_new)
{
    (void)is_new;
    add_sums(to, from, joining->sums);
    for (unsigned column = joining->sums; column < joining->to->columns; column++) {
        if (to->column[column] < from->column[column])
            to->column[column] = from->column[column];
    }
    return true;
}

static bool join_page(const struct joining *joining, struct row *to, struct row *from, bool is_new)
{
    (void)is_new;
    add_sums(to, from, joining->sums);
    row_set_pointer(from, PAGE_FORWARD, to);
    return true;
}

/* Lets a column of a host point to the page of TO that the column of FROM's host means. */
static void forward(struct row *to, const struct row *from, unsigned column)
{
    const struct row *page = row_pointer(from, column);
    row_set_pointer(to, column, page ? row_pointer(page, PAGE_FORWARD) : NULL);
}

/* A host is new, unless its records were not all in one lane. */
static bool join_host(const struct joining *joining, struct row *to, struct row *from, bool is_new)
{
    (void)joining;
    add_sums(to, from, ROW_LAST);
    if (!is_new && to->column[ROW_LAST] >= from->column[ROW_LAST])
        return true;
    for (unsigned column = ROW_LAST; column < HOST_COLUMNS; column++)
        to->column[column] = from->column[column];
    forward(to, from, HOST_PAGE);
    forward(to, from, HOST_ENTRY);
    return true;
}

static bool join_error_page(const struct joining *joining, struct row *to, struct row *from,
                            bool is_new)
{
    (void)is_new;
    add_sums(to, from, ERROR_REFERER);
    for (unsigned column = ERROR_REFERER; column < ERROR_COLUMNS; column++) {
        const struct row_text *present = row_pointer(to, column), *text = row_pointer(from, column);
        if (!text || (present && present->record >= text->record))
            continue;
        if (!tables_set_text(joining->texts, to, column, text->bytes, text->size, text->record))
            return false;
    }
    return true;
}

/* Joins the rows of two tables.  The rows of FROM are read in their order: this reads their memory in its order, lets
 * TO use it soon, and keeps the order of the rows.  Only TO's slots are anywhere in memory, so they are loaded ahead.
 * Hashing the keys once more takes a tenth of the time; the hashes in FROM's slots are in no such order. */
static bool join_rows(const struct joining *joining)
{
    struct rows *to = joining->to, *from = joining->from;
    uint32_t hash[AHEAD];
    rows_free_slots(from);
    for (uint32_t i = 0; i < from->count + AHEAD; i++) {
        if (i >= AHEAD) {
            struct row *row = rows_at(from, i - AHEAD);
            const uint32_t count = to->count;
            struct row *joined = rows_get_hashed(to, row->key, row->size, hash[i % AHEAD]);
            if (!joined || !joining->join(joining, joined, row, to->count > count))
                return false;
            if (!joining->keeps_rows)
                rows_reuse_row(to, from, i - AHEAD);
        }
        if (i >= AHEAD / 2 && i - AHEAD / 2 < from->count)
            rows_load_row(to, hash[(i - AHEAD / 2) % AHEAD]);
        if (i < from->count) {
            const struct row *row = rows_at(from, i);
            hash[i % AHEAD] = rows_hash(to, row->key, row->size);
            rows_load_slot(to, hash[i % AHEAD]);
        }
    }
    if (!joining->keeps_rows)
        rows_clear(from);
    return true;
}

static bool join_errors(struct tables *to, struct tables *from)
{
    for (struct error_pages *pages = from->errors; pages; pages = pages->next) {
        if (!pages->rows.count)
            continue;
        struct error_pages *joined = tables_errors(to, pages->code, pages->size);
        if (!joined || !join_rows(&(struct joining){.to = &joined->rows,
                                                    .from = &pages->rows,
                                                    .join = join_error_page,
                                                    .texts = &joined->texts}))
            return false;
        arena_free(&pages->texts);
    }
    return true;
}

static bool join_extras(struct tables *to, struct tables *from)
{
    for (unsigned i = 0; i < from->extras; i++) {
        if (!join_rows(&(struct joining){.to = &to->extra[i],
                                         .from = &from->extra[i],
                                         .join = join_counters,
                                         .sums = ROW_LAST}))
            return false;
    }
    return true;
}

static bool join_kind(struct tables *to, struct tables *from, enum table_kind kind)
{
    return join_rows(&(struct joining){.to = &to->of[kind],
                                       .from = &from->of[kind],
                                       .join = kind == TABLE_HOSTS   ? join_host
                                               : kind == TABLE_PAGES ? join_page
                                                                     : join_counters,
                                       .sums = sums_of[kind],
                                       .keeps_rows = kind == TABLE_PAGES});
}

/* Hosts come last, and FROM's pages stay until then, since hosts point to pages.  By far the most rows are hosts, which
 * are not in both, so their slots are made at once. */
bool tables_join(struct tables *to, struct tables *from)
{
    for (enum table_kind kind = 0; kind < TABLE_KINDS; kind++) {
        if (kind != TABLE_HOSTS && !join_kind(to, from, kind))
            return false;
    }
    struct rows *hosts = &to->of[TABLE_HOSTS];
    if (!join_errors(to, from) || !join_extras(to, from) ||
        !rows_reserve(hosts, (size_t)hosts->count + from->of[TABLE_HOSTS].count) ||
        !join_kind(to, from, TABLE_HOSTS))
        return false;
    tables_clear(from);
    return true;
}
