/* Lists of patterns in settings: with spaces, TABs or commas between them. */
#ifndef TEXT_PATTERN_LIST_H
#define TEXT_PATTERN_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes of a list, and so of a pattern. */
enum { PATTERN_LIST_SIZE_MAX = 4096 };

/* Copies the first pattern of a list.  Returns the rest of the list; NULL when the list has no
 * pattern. */
const char *pattern_list_next(const char *list, char pattern[PATTERN_LIST_SIZE_MAX + 1]);

/* Returns whether TEXT fits a pattern of the list.  In a pattern, "*" stands for any bytes, "?" for
 * one byte, and "[...]" for one of several. */
bool pattern_list_fits(const char *list, const char *text);

#endif
