/* One of the lists of patterns that AWStats tries on a text one after the other until one matches:
 * robots, browsers, operating systems or search engines, hundreds of patterns each.
 *
 * While AWStats classifies one text, its list is temporarily reduced to the patterns that could
 * match (in the same order), so the search gives the same result, faster.
 *
 * A pattern can match a text only if the text has the word that the pattern requires
 * (required_word.h), or if the pattern requires none.  That holds for texts that are not flagged as
 * UTF-8, and for patterns compiled with /i and no other modifier: Perl folds only ASCII letters in
 * those.  Perl itself adds /u to a pattern that is flagged or that names other characters. */
#ifndef PLUGIN_AWSTATS_PATTERN_LIST_H
#define PLUGIN_AWSTATS_PATTERN_LIST_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <stddef.h>

struct pattern_list;

/* Returns the list that is GLOB's array.  The first pattern_list_narrow() reads the patterns; they
 * must not change after that. */
struct pattern_list *pattern_list_new(pTHX_ GV *glob);

/* Reduces GLOB's array for a text that is not flagged as UTF-8. */
void pattern_list_narrow(pTHX_ struct pattern_list *list, const char *text, size_t size);

/* Gives GLOB its whole array again, if it was reduced. */
void pattern_list_widen(pTHX_ struct pattern_list *list);

/* Gives GLOB its whole array again, and frees the list. */
void pattern_list_free(pTHX_ struct pattern_list *list);

#endif
