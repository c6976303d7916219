#include "awstats/pattern_list.h"

#include <stdlib.h>
#include <string.h>

#include "search/required_word.h"
#include "awstats/settings.h"
#include "search/word_search.h"

struct search_list {
    GV *glob;
    AV *all, *narrowed;          /* all: NULL until the patterns are looked at */
    struct word_search search;   /* by the numbers of patterns in all */
    unsigned char *always, *may; /* bits of patterns: those without a word; those that may match */
    size_t patterns;
};

struct search_list *search_list_new(pTHX_ GV *glob)
{
    struct search_list *list = allocate(1, sizeof *list);
    list->glob = (GV *)SvREFCNT_inc((SV *)glob);
    list->narrowed = newAV();
    return list;
}

/* Writes the word that a pattern asks for to ROOM's buffer, and returns its length; 0 when there is
 * none, or it is not certain which. */
static size_t word_of(pTHX_ SV *pattern, SV *room)
{
    static const char modifiers[] = "(?^i:";
    const size_t size = sizeof modifiers - 1;
    REGEXP *regexp = SvRX(pattern);
    if (!regexp || RX_UTF8(regexp) || (size_t)RX_WRAPLEN(regexp) < size ||
        memcmp(RX_WRAPPED(regexp), modifiers, size) != 0)
        return 0;
    char *word = SvGROW(room, (STRLEN)RX_PRELEN(regexp) + 1);
    return required_word(RX_PRECOMP(regexp), (size_t)RX_PRELEN(regexp), word);
}

static void look_at_patterns(pTHX_ struct search_list *list)
{
    list->all = (AV *)SvREFCNT_inc((SV *)GvAVn(list->glob));
    list->patterns = setting_length(aTHX_ list->all);
    list->always = allocate(list->patterns / 8 + 1, 1);
    list->may = allocate(list->patterns / 8 + 1, 1);
    SV *room = sv_2mortal(newSVpvs(""));
    for (size_t i = 0; i < list->patterns; i++) {
        SV **pattern = av_fetch(list->all, (SSize_t)i, 1);
        size_t size = word_of(aTHX_ * pattern, room);
        if (size < WORD_SEARCH_MIN)
            list->always[i / 8] |= (unsigned char)(1U << i % 8);
        else if (!word_search_add(&list->search, SvPVX_const(room), size, i))
            croak("out of memory");
    }
}

/* Makes TO the array of the glob, if it is FROM. */
static void exchange(pTHX_ struct search_list *list, AV *from, AV *to)
{
    if (GvAV(list->glob) != from)
        return;
    GvAV(list->glob) = (AV *)SvREFCNT_inc((SV *)to);
    SvREFCNT_dec((SV *)from);
}

void search_list_narrow(pTHX_ struct search_list *list, const char *text, size_t size)
{
    search_list_widen(aTHX_ list);
    if (!list->all)
        look_at_patterns(aTHX_ list);
    memcpy(list->may, list->always, list->patterns / 8 + 1);
    word_search_mark(&list->search, text, size, list->may);
    av_clear(list->narrowed);
    for (size_t i = 0; i < list->patterns; i++) {
        if (list->may[i / 8] == 0)
            i |= 7;
        else if (list->may[i / 8] & (1U << i % 8))
            av_push(list->narrowed, SvREFCNT_inc(*av_fetch(list->all, (SSize_t)i, 0)));
    }
    exchange(aTHX_ list, list->all, list->narrowed);
}

void search_list_widen(pTHX_ struct search_list *list)
{
    exchange(aTHX_ list, list->narrowed, list->all);
}

void search_list_free(pTHX_ struct search_list *list)
{
    search_list_widen(aTHX_ list);
    SvREFCNT_dec((SV *)list->all);
    SvREFCNT_dec((SV *)list->narrowed);
    SvREFCNT_dec((SV *)list->glob);
    word_search_free(&list->search);
    free(list->always);
    free(list->may);
    free(list);
}
