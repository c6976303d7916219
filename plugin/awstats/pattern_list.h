/* A list of patterns that AWStats tries on a text, one after the other until one matches: its
 * robots, browsers, systems and search engines, of which there are hundreds.  While it has one text
 * at hand, the list can be narrowed to those patterns that may match it, in their order.  AWStats
 * finds among them what it would have found among all.
 *
 * A pattern may match a text when the text has the word that the pattern asks for
 * (required_word.h), or when it asks for none.  Both are about bytes and ASCII letters.  That holds
 * for texts that are not flagged as UTF-8, and for patterns compiled with /i and no other modifier:
 * of those, Perl folds ASCII letters only.  Perl itself adds /u to a pattern that is flagged or
 * names other characters. */
#ifndef PLUGIN_AWSTATS_PATTERN_LIST_H
#define PLUGIN_AWSTATS_PATTERN_LIST_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stddef.h>

struct search_list;

/* The list that is GLOB's array; the patterns are looked at when it is narrowed first, and are to
 * stay as they are then.  Croaks when memory has run out, as does search_list_narrow(). */
struct search_list *search_list_new(pTHX_ GV *glob);

/* Narrows the list for a text that is not flagged as UTF-8. */
void search_list_narrow(pTHX_ struct search_list *list, const char *text, size_t size);

/* Gives GLOB all patterns back, if the list was narrowed. */
void search_list_widen(pTHX_ struct search_list *list);

/* The same, and forgets the list. */
void search_list_free(pTHX_ struct search_list *list);

#endif
