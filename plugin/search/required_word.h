/* The word that a pattern of Perl's asks for: a text without which it matches nothing. */
#ifndef PLUGIN_SEARCH_REQUIRED_WORD_H
#define PLUGIN_SEARCH_REQUIRED_WORD_H

#include <stddef.h>

/* Writes the longest such word of a pattern to WORD, which has room for SIZE bytes, with its
 * letters in lower case; returns its length, 0 when there is none.  The pattern is one that Perl
 * has compiled, with /i or without, and without any other modifier.  Of it is understood, outside
 * of groups:
 *
 *     printable ASCII, \ and ASCII punctuation or space, [\x20]    a character of a word
 *     ? * {n} {n,m}                                                the character before it may be
 * missing
 *     + . ^ $ ] } [class] \d \D \s \S \w \W \b \B \A \z \Z,
 *     bytes that are not printable ASCII, (group)                  the word ends
 *
 * A class has no [ in it.  A group is a plain one, (?: (?> (?= (?! (?<= or (?<!.  A pattern with
 * anything else, above all with | outside of groups, has no word. */
size_t required_word(const char *pattern, size_t size, char *word);

#endif
