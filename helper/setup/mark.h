/* The mark of what setup has written: a checksum, by which a later run sees whether somebody has
 * changed the text since. */
#ifndef SETUP_MARK_H
#define SETUP_MARK_H

#include <stdbool.h>
#include <stddef.h>

#define MARK_WORDS "by awstats-cloudfront setup, checksum "

enum { MARK_SIZE = 16 };

/* Writes the first digits of the SHA-256 of SIZE bytes of TEXT, and a NUL. */
void mark_make(char mark[MARK_SIZE + 1], const char *text, size_t size);

/* Returns whether SIZE bytes of TEXT have the mark that begins at MARK. */
bool mark_fits(const char *mark, const char *text, size_t size);

#endif
