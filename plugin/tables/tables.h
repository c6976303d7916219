/* AWStats' counters that grow with a site, in tables of our own; pure C.  Each table stands for a
 * group of AWStats' hashes that have the same keys: the columns are the hashes. */
#ifndef PLUGIN_TABLES_TABLES_H
#define PLUGIN_TABLES_TABLES_H

#include "tables/rows.h"

enum table_kind {
    TABLE_HOSTS,            /* VISITOR */
    TABLE_PAGES,            /* SIDER */
    TABLE_REFERERS,         /* PAGEREFS */
    TABLE_PHRASES,          /* SEARCHWORDS */
    TABLE_DOWNLOADS,        /* DOWNLOADS */
    TABLE_UNKNOWN_BROWSERS, /* UNKNOWNREFERERBROWSER */
    TABLE_UNKNOWN_OSES,     /* UNKNOWNREFERER */
    TABLE_KINDS
};

/* The first columns of hosts, and all of an extra section. */
enum { ROW_PAGES, ROW_HITS, ROW_BYTES, ROW_LAST, ROW_COLUMNS_COUNTED };

/* More of a host: its visit, whose last time is ROW_LAST, and its first visit of this run, while an
 * earlier run may have seen the start of that.  Times are YYYYMMDDhhmmss, 0: none. */
enum {
    HOST_START = ROW_COLUMNS_COUNTED,
    HOST_PAGE,         /* row of the visit's last page */
    HOST_ENTRY,        /* row of the first visit's entry page; NULL: the host is not waiting */
    HOST_WAITING_LAST, /* of the first visit, when it is not the visit above */
    HOST_WAITING_START,
    HOST_COLUMNS
};

enum { PAGE_VIEWS, PAGE_BYTES, PAGE_ENTRIES, PAGE_EXITS, PAGE_COLUMNS };
enum { REFERER_PAGES, REFERER_HITS, REFERER_COLUMNS };
enum { PHRASE_SEARCHES, PHRASE_COLUMNS };
enum { DOWNLOAD_HITS, DOWNLOAD_PARTIAL, DOWNLOAD_BYTES, DOWNLOAD_COLUMNS };
enum { UNKNOWN_LAST, UNKNOWN_COLUMNS };
enum { ERROR_HITS, ERROR_REFERER, ERROR_HOST, ERROR_COLUMNS }; /* the last two: struct row_text */

/* Some text of a row. */
struct row_text {
    uint64_t record; /* the number, in the order of the log, of the record that has this text */
    uint32_t size, capacity;
    char bytes[];
};

/* The error pages of one status code, SIDER_CODE. */
struct error_pages {
    struct error_pages *next;
    struct rows rows;
    struct arena texts;
    size_t size; /* of CODE */
    char code[];
};

struct tables {
    unsigned generation; /* of the rows; never 0 */
    bool given_back;     /* AWStats has the rows in its hashes, and counts alone */
    uint64_t seed;
    struct rows of[TABLE_KINDS];
    struct error_pages *errors; /* of all codes that were met */
    struct rows *extra;         /* of each extra section of the configuration */
    unsigned extras;
};

/* Makes empty tables, with EXTRAS extra sections.  False when memory has run out. */
bool tables_init(struct tables *tables, unsigned extras, uint64_t seed);

/* Empties the tables, and begins a new generation.  AWStats counts alone no more. */
void tables_clear(struct tables *tables);
void tables_free(struct tables *tables);

/* Returns how much memory the tables take, in bytes. */
size_t tables_memory(const struct tables *tables);

/* Returns the error pages of a status code; NULL when there are none. */
struct error_pages *tables_find_errors(const struct tables *tables, const char *code, size_t size);

/* The same, but adds them; NULL when memory has run out.  They stay until tables_free(). */
struct error_pages *tables_errors(struct tables *tables, const char *code, size_t size);

/* Stores a text of a row, which the record of this number has, in TEXTS, in place of the one before; false when memory
 * has run out. */
bool tables_set_text(struct arena *texts, struct row *row, unsigned column, const char *text,
                     size_t size, uint64_t record);

/* Where the row of a key is, which belongs to one table: zero at first. */
struct row_place {
    struct row *row;
    unsigned generation;
};

/* Returns the row of a key, which is added if there is none; NULL when memory has run out. */
static inline struct row *tables_row(const struct tables *tables, struct rows *rows,
                                     struct row_place *place, const char *key, size_t size)
{
    if (place->generation != tables->generation) {
        place->row = rows_get(rows, key, size);
        place->generation = place->row ? tables->generation : 0;
    }
    return place->row;
}

/* Returns the page of a host's visit, or of its waiting one; NULL when there is none, or one that
 * perl takes for false. */
static inline struct row *host_page(const struct row *host, unsigned column)
{
    struct row *page = row_pointer(host, column);
    return page && !row_is_false(page) ? page : NULL;
}

#endif
