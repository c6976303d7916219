/* The numbers of an update's records by outcome: the plugin counts them, and passes them to the program when
 * it commits the batch.
 *
 * As a text:
 *
 *   NAME=N ...            the figures, by figure_name(); a missing one is 0
 *   hosts=HOST:N,HOST:N   names of FIGURE_HOST and their records, the greatest number first
 *   methods=METHOD:N      the same for FIGURE_METHOD
 *
 * and, in the text of a shard alone, the clock of the machine that has counted it:
 *
 *   clock=YYYYMMDDhhmmss  its time, UTC
 *   later=N               records that are later than the clock
 *   newest=YYYYMMDDhhmmss the time of the latest of these; 0: there are none
 *
 * with one space between.  In the names, %XX stands for each byte that is no visible ASCII character, and for
 * each of "%", ",", ":". */
#ifndef NORMALIZED_FIGURES_H
#define NORMALIZED_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/field.h"

enum figure {
    FIGURE_RECORDS, /* in the log */
    FIGURE_COUNTED, /* by AWStats */
    FIGURE_EARLIER, /* the history had them already, from an interrupted update of the same batch */
    FIGURE_OLD, /* no newer than the newest record of the update before: AWStats has seen them; only
                   in logs that are no batches */
    /* Left out by AWStats, because */
    FIGURE_HOST,       /* the host is neither SiteDomain nor in HostAliases */
    FIGURE_METHOD,     /* AWStats counts no record with this method */
    FIGURE_FUTURE,     /* the time is more than a day ahead of the clock */
    FIGURE_LATE,       /* it is much older than a record that comes before it */
    FIGURE_UNREADABLE, /* a column is missing or malformed */
    FIGURE_LISTS,      /* a list of the configuration says so: SkipHosts and the like */
    FIGURES
};

enum { FIGURE_FIRST_LEFT_OUT = FIGURE_HOST };

/* The kinds of records that have names. */
enum figure_names { FIGURE_NAMES_HOSTS, FIGURE_NAMES_METHODS, FIGURE_NAMES };

struct figures {
    uint64_t number[FIGURES];
    struct field names[FIGURE_NAMES]; /* in the text that was read, as "NAME:N,NAME:N"; or empty */
    uint64_t clock, later, newest;    /* figures_put() does not write them */
};

const char *figure_name(enum figure figure);
const char *figure_names_name(enum figure_names names);

/* Returns the sum of the figures from FIGURE_FIRST_LEFT_OUT on. */
uint64_t figures_left_out(const struct figures *figures);

/* Whether AWStats has counted no record, and left out some, none of them on purpose: the configuration is
 * probably wrong.  The records of the history, which had the batch already, are counted ones. */
bool figures_are_none_counted(const struct figures *figures);

/* Whether the clock by which AWStats has left out FIGURE_FUTURE must be behind.
 *
 * A log has no records of the future.  So the clock is behind if a large part of the records is later than the
 * clock.  The clock is also behind if records lie on both sides of AWStats' limit, a day ahead: this happens when
 * the log covers more time than the clock is behind.  A few times that are far away are errors of the log. */
bool figures_clock_is_behind(const struct figures *figures);

/* The same for a part of the records of a batch: true only if it is true of the whole batch, too, by the same clock. */
bool figures_clock_is_behind_in_part(const struct figures *figures);

/* Reads a text.  Names of figures that are not known, lower-case letters, are skipped with their
 * number.  Returns false when the text is anything else. */
bool figures_read(struct figures *figures, const char *text);

/* Takes the first "NAME:N" of NAMES off it.  Returns false when there is none. */
bool figures_next_name(struct field *names, struct field *name, uint64_t *records);

/* Adds the numbers of MORE to SUM; a number that does not fit stays at its greatest.  The times are the later ones. */
void figures_add(struct figures *sum, const struct figures *more);

enum { FIGURES_TEXT_SIZE = FIGURES * 32 };

/* Writes the numbers, without the names. */
void figures_put(char out[FIGURES_TEXT_SIZE], const struct figures *figures);

#endif
