/* The word that a Perl pattern requires: it matches no text without that word.  Pure C. */
#ifndef PLUGIN_SEARCH_REQUIRED_WORD_H
#define PLUGIN_SEARCH_REQUIRED_WORD_H

#include <stddef.h>

/* Writes the longest word that a pattern requires to WORD, which must have room for SIZE bytes,
 * with its letters in lower case; returns its length, 0 if the pattern requires none.  The pattern
 * must be one that Perl compiled, with /i or without, and without any other modifier.  It is read
 * like this, outside of groups:
 *
 *     printable ASCII, \ and ASCII punctuation or space, [\x20]    a character of a word
 *     ? * {n} {n,m}                          the character before it may be missing
 *     + . ^ $ ] } [class] \d \D \s \S \w \W \b \B \A \z \Z,
 *     bytes that are not printable ASCII, (group)                  the word ends
 *
 * A class must have no [ in it.  A group must be a plain one, (?: (?> (?= (?! (?<= or (?<!.  A
 * pattern with anything else, above all with | outside of groups, has no word. */
size_t required_word(const char *pattern, size_t size, char *word);

#endif
