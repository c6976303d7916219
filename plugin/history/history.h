/* AWStats' history files, read and written natively: mirrors awstats.pl's
 * Read_History_With_TmpUpdate and Save_History in an update, for the sections that grow with a
 * site.  awstats.pl reads and writes all other sections, and all lines whose meaning is uncertain.
 *
 * awstats.pl reads a file line by line, through a handle (AWStats::CloudFront::HistoryHandle).
 * Lines that are added here do not reach it: of each section it sees the first line, the last line,
 * and the lines that are left to it. */
#ifndef PLUGIN_HISTORY_HISTORY_H
#define PLUGIN_HISTORY_HISTORY_H

#include "loop/loop.h"

struct history;

/* Makes a history that reads and writes the counters of LOOP, which must outlive it.
 * ERROR_DETAILS: ShowHTTPErrorsPageDetail. */
struct history *history_new(pTHX_ struct update_loop *loop, SV *error_details);
void history_free(pTHX_ struct history *history);

/* Call when awstats.pl opens a file, which has this descriptor, and when it has saved. */
void history_begin(pTHX_ struct history *history, int descriptor);
void history_end(struct history *history);

/* Adds the next lines of FILE to the counters, and returns the first line that awstats.pl must read itself, a new SV
 * that the caller owns.  NULL at the end of the file. */
SV *history_next_line(pTHX_ struct history *history, PerlIO *file);

/* Writes a section to awstats.pl's handle HISTORYTMP; mirrors Save_History(SECTION, YEAR, MONTH).
 * False if it is left to awstats.pl, and nothing was written. */
bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month);

#endif
