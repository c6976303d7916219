/* Finds the banners that more, head and tail write before each of several files:
 *
 *     ::::::::::::::
 *     NAME
 *     ::::::::::::::
 *
 *     ==> NAME <==
 *
 * No visitor can write one: a row has more than a text of the visitor in its line, and no line of blanks before it. */
#ifndef LOG_BANNER_H
#define LOG_BANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text must go on to tell. */
#define BANNER_MORE SIZE_MAX

/* Returns the size of a banner at the start of the text up to END, with its line ends.  0: there is none.  BANNER_MORE is
 * never returned if the object ends at END.  IS_FIRST: the object or a line of blanks is before, as it is before the
 * banners of head and tail. */
size_t banner_find(const char *text, const char *end, bool is_end, bool is_first);

/* Returns the place in a line, which ends at its LF, where a banner may begin: at its start, or as more does it, behind a
 * last line that has no LF.  NULL when no banner can begin there.  Quick. */
const char *banner_place(const char *line, const char *lf);

#endif
