/* Writes the sections of a merge. */
#ifndef HISTORYFILE_COLLECT_H
#define HISTORYFILE_COLLECT_H

#include "historyfile/sections.h"

/* Writes the file PATH: HEADER, the lines before the map, and all sections, whose rows are gone then.  Returns false
 * with one line in ERROR; then PATH is as it was. */
bool history_collect(struct history_sections *sections, const char *path, const char *header,
                     struct buffer *error);

#endif
