/* Lists of patterns, as settings have them: with spaces, TABs or commas between. */
#ifndef TEXT_PATTERN_LIST_H
#define TEXT_PATTERN_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes of a list, and so of a pattern. */
enum { PATTERN_LIST_SIZE_MAX = 4096 };

/* Copies the first pattern of a list.  Returns the list after it; NULL when there is none. */
const char *pattern_list_next(const char *list, char pattern[PATTERN_LIST_SIZE_MAX + 1]);

/* Whether TEXT fits a pattern of the list; in it "*" and "?" stand for any bytes and for one, "[...]" for
 * one of several. */
bool pattern_list_fits(const char *list, const char *text);

#endif
