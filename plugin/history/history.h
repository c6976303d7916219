/* AWStats' history files, read and written natively: what awstats.pl's Read_History_With_TmpUpdate
 * and Save_History do in an update for the sections that grow with a site.  Everything else, and
 * every line that leaves a doubt, is awstats.pl's.
 *
 * Reading: awstats.pl reads a file through a handle (AWStats::CloudFront::HistoryHandle), line by
 * line.  Lines that are counted here do not reach it; section by section it sees the first line,
 * the last, and what is left to it. */
#ifndef PLUGIN_HISTORY_HISTORY_H
#define PLUGIN_HISTORY_HISTORY_H

#include "loop/loop.h"

struct history;

/* LOOP is the one whose counters are read and written, and outlives the history.  ERROR_DETAILS:
 * ShowHTTPErrorsPageDetail.  Croaks when memory has run out. */
struct history *history_new(pTHX_ struct update_loop *loop, SV *error_details);
void history_free(pTHX_ struct history *history);

/* To be called when awstats.pl opens a file. */
void history_begin(pTHX_ struct history *history);

/* Counts a line of the file, LF and all.  False when it is awstats.pl's. */
bool history_take(pTHX_ struct history *history, const char *line, size_t size);

/* Writes a section to awstats.pl's handle HISTORYTMP, as Save_History(SECTION, YEAR, MONTH) does.
 * False when it is left to that, and nothing was written. */
bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month);

#endif
