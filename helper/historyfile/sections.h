/* The sections of the output of a merge, and the rows that the inputs have added. */
#ifndef HISTORYFILE_SECTIONS_H
#define HISTORYFILE_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "historyfile/batches.h"
#include "historyfile/copies.h"
#include "historyfile/general.h"
#include "historyfile/reader.h"
#include "historyfile/rows.h"

/* A section of the output. */
struct history_merged {
    char *name, *begin;                    /* of the first input that has it: struct history_text */
    char *comments;                        /* of that input, or of one with more first rows */
    const struct history_section *section; /* NULL: GENERAL */
    struct history_rows *rows;             /* NULL: GENERAL */
    struct history_copies *copies;         /* further rows; NULL: none */
    bool has_batches;                      /* PLUGIN_cloudfront */
};

/* All sections.  Zeroed at birth but for the memory's settings and the batches. */
struct history_sections {
    struct history_memory memory;
    struct history_merged **list;
    size_t count, capacity;
    struct history_copied copied;
    struct history_general general; /* of all inputs */
    struct history_batches batches;
    const char *site, *batch; /* as in struct history_merge_options */
};

void history_sections_free(struct history_sections *sections);

/* Returns the section that TEXT begins, a new one when there is none.  It stays where it is.  Of the inputs that decide
 * how many rows come first, the greatest number counts. */
struct history_merged *history_sections_get(struct history_sections *sections,
                                            const struct history_text *text, bool decides);

/* Adds to SESSION and SIDER that a visit has ended.  Returns false with the error. */
bool history_sections_end_visit(struct history_sections *sections,
                                const struct history_visit *visit, struct buffer *error);

/* Sorts the sections into the order of sections.def, once all inputs are read; GENERAL comes first.  Adds SESSION and
 * SIDER when no input has them: what ended visits count is in these. */
void history_sections_sort(struct history_sections *sections);

#endif
