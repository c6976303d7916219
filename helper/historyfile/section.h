/* The sections of AWStats' history files and their columns: the table sections.def. */
#ifndef HISTORYFILE_SECTION_H
#define HISTORYFILE_SECTION_H

#include <stdbool.h>
#include <stddef.h>

/* The most columns behind a key, and the most rows that are sorted. */
enum { HISTORY_COLUMNS_MAX = 6, HISTORY_FIRST_MAX = 100000 };

enum history_values {
    HISTORY_NO_COLUMN,
    HISTORY_ADD,
    HISTORY_LATEST,
    HISTORY_LATEST_OR_NONE,
    HISTORY_VISIT,
    HISTORY_TEXT,
    HISTORY_REST
};

enum history_order { HISTORY_ANY, HISTORY_BY_KEY, HISTORY_FIRST };

struct history_column {
    enum history_values values;
    const char *name; /* what messages call the figures */
    bool is_of_order; /* the figures depend on the order of the records that were counted */
};

/* A section, as sections.def describes it. */
struct history_section {
    const char *name;
    enum history_order order;
    unsigned by;    /* the number of the column, from 0, whose greatest numbers come first */
    unsigned first; /* how many come first; 0: the comment says */
    struct history_column columns[HISTORY_COLUMNS_MAX + 1];
};

/* Returns the section NAME of SIZE bytes; NULL when it is unknown. */
const struct history_section *history_section_find(const char *name, size_t size);

/* Returns the place of a section in sections.def, from 0. */
size_t history_section_place(const struct history_section *section);

/* Whether rows of the section have visits: VISITOR. */
bool history_section_has_visits(const struct history_section *section);

/* Returns how many rows of the section come first: COMMENTS are the lines above it, such as "# The 10 first Pages must
 * be first". */
size_t history_section_first(const struct history_section *section, const char *comments);

#endif
