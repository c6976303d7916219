/* Which batches an AWStats history file has.  The plugin writes them into a section of the file, one for each
 * site. */
#ifndef AWSTATS_HISTORY_H
#define AWSTATS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/batch_id.h"
#include "text/buffer.h"

/* Reads the last batch of SITE that the file NAME in the open FOLDER has; "" when it has none.  Returns false
 * with errno set when the file cannot be read. */
bool awstats_history_read_batch(int folder, const char *name, const char *site,
                                char id[BATCH_ID_SIZE]);

/* Whether the history file PATH can be read, and is in AWStats' XML format. */
bool awstats_history_is_xml(const char *path);

/* Returns the folder of the history, as the awstats.pl at PROGRAM finds it.  DIRDATA: the value of DirData; NULL: the
 * configuration has none.  "." is the folder of awstats.pl, where other paths with a dot first begin; any other
 * relative path begins in the current folder.  The caller frees the text. */
char *awstats_history_folder(const char *program, const char *dirdata);

/* Whether the plugin can count when the setting DatabaseBreak has the value PERIOD. */
bool awstats_history_has_period(const char *period);

/* Adds the name that ledgers have for a history: FOLDER/BEFORE, letters for the DATE_SIZE digits of the date, and
 * .CONFIG.txt, such as /var/lib/awstats/awstatsMMYYYY.cdn.txt.  CONFIG: the name of the configuration; "": awstats.conf. */
void awstats_history_add_name(struct buffer *name, const char *folder, const char *before,
                              size_t date_size, const char *config);

/* Returns the path of the file whose lock an update by the plugin holds.  FOLDER: DirData.  CONFIG: the name of the
 * configuration; "": awstats.conf.  The caller frees the text. */
char *awstats_history_lock(const char *folder, const char *config);

/* What messages call a locked history, before the path of its lock file. */
#define AWSTATS_HISTORY_LOCKED "the AWStats history with the lock file"

/* Times of the section GENERAL, as YYYYMMDDHHMMSS; 0: none. */
struct awstats_history_times {
    uint64_t first; /* of the first page view in the file */

    /* Of the newest record when the file was saved.  This record is after the period if the period was over. */
    uint64_t newest;
};

/* Reads these times from the file NAME in the open FOLDER.  Returns false with errno set when the file cannot be
 * read. */
bool awstats_history_read_times(int folder, const char *name, struct awstats_history_times *times);

/* Writes the period of a history file such that periods sort by time, YYYYMMDDHH.  DATE: the digits in its
 * name, which are YYYY or MMYYYYDDHH, with or without HH and DD. */
enum { AWSTATS_PERIOD_SIZE = 11 };
void awstats_history_period(char period[AWSTATS_PERIOD_SIZE], const char *date);

#endif
