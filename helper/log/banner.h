/* Finds the banners that more, head and tail write before each of several files:
 *
 *     ::::::::::::::
 *     NAME
 *     ::::::::::::::
 *
 *     ==> NAME <==
 *
 * No visitor can write one: a row has more than a text of the visitor in its line.  Head and tail write a line of blanks
 * before the second line, unless the last line of the file before has no LF; then the NAME tells. */
#ifndef LOG_BANNER_H
#define LOG_BANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text ends too early to decide; look again when there is more of it. */
#define BANNER_MORE SIZE_MAX

/* Returns the size of the banner with which the text up to END begins, line ends included; 0 when there is none; or
 * BANNER_MORE.  IS_END: the object ends at END, so BANNER_MORE is never returned.  IS_FIRST: the text is at the start
 * of the object or behind a line of blanks, as most banners of head and tail are; elsewhere, the NAME of such a banner
 * must have no bytes that separate the values of a row. */
size_t banner_find(const char *text, const char *end, bool is_end, bool is_first);

/* Returns the place in a line, which ends at LF, where a banner may begin: at its start or, since more prints a file as
 * it is, behind a last line that has no LF.  NULL when no banner can begin in the line.  Quick. */
const char *banner_place(const char *line, const char *lf);

#endif
