/* The section GENERAL of a history file. */
#ifndef HISTORYFILE_GENERAL_H
#define HISTORYFILE_GENERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

enum { HISTORY_LOG_NUMBERS = 3, HISTORY_UPDATE_NUMBERS = 5 };

/* Times are YYYYMMDDHHMMSS; 0: none.  Zeroed at birth. */
struct history_general {
    bool is_read;                      /* a line of it, at least */
    uint64_t last_line;                /* the time of the newest record */
    uint64_t log[HISTORY_LOG_NUMBERS]; /* where it was in its log: line, offset, checksum */
    uint64_t first_time, last_time;
    uint64_t last_update;
    uint64_t update
        [HISTORY_UPDATE_NUMBERS]; /* records of the last update: parsed, old, new, corrupted, dropped */
};

/* Takes a row.  Totals are left out: they are counted anew.  Returns false when AWStats would not have written the
 * row. */
bool history_general_read(struct history_general *general, const char *line, size_t size);

/* Returns the first time after the period with this DATE, such as "202611" (struct history_text). */
uint64_t history_general_period_end(const char *date);

/* Adds MORE: mirrors Read_History_With_TmpUpdate, "BEGIN_GENERAL", for times.  The newest record of a period that is
 * over is the first record after the period, not before PERIOD_END; of two such, the earlier one is kept, as in one
 * count of all logs.  The place in the log stays only where both have the same; 0 0 0 has AWStats begin each log at its
 * start.  The records of the last updates add up. */
void history_general_add(struct history_general *general, const struct history_general *more,
                         uint64_t period_end);

/* Makes TIME the time of the newest record, if it is later, for a record that is in no input.  Changes nothing when the
 * newest record is already one after the period. */
void history_general_see(struct history_general *general, uint64_t time, uint64_t period_end);

/* What is known once all sections are written. */
enum history_total {
    HISTORY_VISITS,        /* of the days */
    HISTORY_UNIQUE,        /* hosts with pages */
    HISTORY_HOSTS_KNOWN,   /* hosts with a name */
    HISTORY_HOSTS_UNKNOWN, /* hosts without */
    HISTORY_TOTALS
};

/* Adds the section's lines to TO, as Save_History("general") does: each total is spaces.  PLACES: where these begin in
 * TO. */
void history_general_write(const struct history_general *general, struct buffer *to,
                           size_t places[HISTORY_TOTALS]);

/* The room for a number that is written later, which has spaces behind; mirrors $spacebar. */
#define HISTORY_SPACES "                    "

#endif
