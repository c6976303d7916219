/* Loads into the processor's caches what counting a later record will read: each step finds it with what the step
 * before has loaded.  Nothing changes; a value that has no number, or no class yet, is passed over. */
#ifndef PLUGIN_VALUES_AHEAD_H
#define PLUGIN_VALUES_AHEAD_H

#include "normalized/record.h"

struct values;

/* The classes of the URL, the user agent and the referrer. */
void values_load_classes(const struct values *values, const struct record *record);

/* Their rows in the tables of pages, downloads, referring pages and unknown agents; the name of the browser, since browsers
 * have the most names of all that AWStats counts. */
void values_load_rows(const struct values *values, const struct record *record);

/* What the patterns of extra sections have found in the URL, and its rows. */
void values_load_found(const struct values *values, const struct record *record);
void values_load_found_rows(const struct values *values, const struct record *record);

#endif
