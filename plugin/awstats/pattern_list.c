#include "awstats/pattern_list.h"

#include <string.h>

#include "search/required_word.h"
#include "search/word_search.h"

struct pattern_list {
    GV *glob;
    AV *all, *narrowed;        /* all: NULL until the patterns are read */
    struct word_search search; /* finds the numbers of the patterns whose words a text has */
    unsigned char *always;     /* a bit for each pattern: it requires no word */
    unsigned char *possible;   /* a bit for each pattern: it could match */
    size_t patterns;
};

struct pattern_list *pattern_list_new(pTHX_ GV *glob)
{
    struct pattern_list *list;
    Newxz(list, 1, struct pattern_list);
    list->glob = (GV *)SvREFCNT_inc((SV *)glob);
    list->narrowed = newAV();
    return list;
}

/* Writes the word that a pattern requires to ROOM's buffer, and returns its length; 0 if it
 * requires none, or if that is not certain. */
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

static void read_patterns(pTHX_ struct pattern_list *list)
{
    list->all = (AV *)SvREFCNT_inc((SV *)GvAVn(list->glob));
    list->patterns = (size_t)(av_len(list->all) + 1);
    Newxz(list->always, list->patterns / 8 + 1, unsigned char);
    Newxz(list->possible, list->patterns / 8 + 1, unsigned char);
    SV *room = sv_2mortal(newSVpvs(""));
    for (size_t i = 0; i < list->patterns; i++) {
        SV *pattern = *av_fetch(list->all, (SSize_t)i, 1);
        size_t size = word_of(aTHX_ pattern, room);
        if (size < WORD_SEARCH_MIN)
            list->always[i / 8] |= (unsigned char)(1U << i % 8);
        else if (!word_search_add(&list->search, SvPVX_const(room), size, i))
            croak("out of memory");
    }
}

/* Makes TO the array of the glob, if FROM is. */
static void exchange(pTHX_ struct pattern_list *list, AV *from, AV *to)
{
    if (GvAV(list->glob) != from)
        return;
    GvAV(list->glob) = (AV *)SvREFCNT_inc((SV *)to);
    SvREFCNT_dec((SV *)from);
}

void pattern_list_narrow(pTHX_ struct pattern_list *list, const char *text, size_t size)
{
    pattern_list_widen(aTHX_ list);
    if (!list->all)
        read_patterns(aTHX_ list);
    memcpy(list->possible, list->always, list->patterns / 8 + 1);
    word_search_mark(&list->search, text, size, list->possible);
    av_clear(list->narrowed);
    for (size_t i = 0; i < list->patterns; i++) {
        if (list->possible[i / 8] == 0)
            i |= 7;
        else if (list->possible[i / 8] & (1U << i % 8))
            av_push(list->narrowed, SvREFCNT_inc(*av_fetch(list->all, (SSize_t)i, 0)));
    }
    exchange(aTHX_ list, list->all, list->narrowed);
}

void pattern_list_widen(pTHX_ struct pattern_list *list)
{
    exchange(aTHX_ list, list->narrowed, list->all);
}

void pattern_list_free(pTHX_ struct pattern_list *list)
{
    pattern_list_widen(aTHX_ list);
    SvREFCNT_dec((SV *)list->all);
    SvREFCNT_dec((SV *)list->narrowed);
    SvREFCNT_dec((SV *)list->glob);
    word_search_free(&list->search);
    Safefree(list->always);
    Safefree(list->possible);
    Safefree(list);
}
