/* The kinds of sections of history files: their rows, their limits, and how their lines are read and written. */
#include <string.h>

#include "history/internal.h"

/* ---- which rows have a line: those with a key in the hash whose keys AWStats writes ---- */

static bool has_hits(const struct row *row)
{
    return row->column[ROW_HITS] > 0;
}

static bool has_referer_hits(const struct row *row)
{
    return row->column[REFERER_HITS] > 0;
}

/* Views of a page, searches for a phrase, hits of an error page. */
static bool has_first_number(const struct row *row)
{
    return row->column[0] > 0;
}

static bool always(const struct row *row)
{
    return row != NULL;
}

/* ---- finding a section's rows and limits ---- */

/* Returns $hash{name} as perl passes it to a function. */
static SV *limit(pTHX_ const struct history *history, enum variable variable, const char *name)
{
    HV *hash = variables_hash(&history->loop->variables, variable);
    SV **sv = hv_fetch(hash, name, (I32)strlen(name), 0);
    return sv ? *sv : &PL_sv_undef;
}

/* Returns $array[number]. */
static SV *limit_of(pTHX_ const struct history *history, enum variable variable, unsigned number)
{
    SV **sv = av_fetch(variables_array(&history->loop->variables, variable), (SSize_t)number, 0);
    return sv ? *sv : &PL_sv_undef;
}

static bool find_table(pTHX_ struct history *history, struct found_section *found)
{
    const struct history_kind *kind = found->kind;
    found->rows = &history->loop->lane->tables.of[kind->table];
    if (kind->max) {
        found->max = limit(aTHX_ history, AWSTATS_MaxNbOf, kind->max);
        found->min = limit(aTHX_ history, AWSTATS_MinHit, kind->min);
    }
    return true;
}

/* Save_History sorts as many phrases as words are shown, but its comment tells how many phrases are shown. */
static bool find_phrases(pTHX_ struct history *history, struct found_section *found)
{
    found->told = limit(aTHX_ history, AWSTATS_MaxNbOf, "KeyphrasesShown");
    return find_table(aTHX_ history, found);
}

static bool find_extra(pTHX_ struct history *history, struct found_section *found)
{
    uint64_t number;
    const struct field digits = {found->rest, strlen(found->rest)};
    if (!history_number(&digits, &number) || number == 0 || number > history->loop->lane->sections)
        return false;
    found->extra = &history->loop->lane->section[number - 1];
    found->rows = found->extra->counters;
    found->max = limit_of(aTHX_ history, AWSTATS_MaxNbOfExtra, (unsigned)number);
    found->min = limit_of(aTHX_ history, AWSTATS_MinHitExtra, (unsigned)number);
    return true;
}

/* Finds the error pages of a code of TrapInfosForHTTPErrorCodes.  Returns false for any other code. */
static bool find_error_pages(pTHX_ struct history *history, struct found_section *found)
{
    struct update_loop *loop = history->loop;
    HV *trapped = variables_hash(&loop->variables, AWSTATS_TrapInfosForHTTPErrorCodes);
    const size_t size = strlen(found->rest);
    if (!hv_exists(trapped, found->rest, (I32)size))
        return false;
    struct error_pages *pages = tables_errors(&loop->lane->tables, found->rest, size);
    if (!pages)
        croak("out of memory");
    found->rows = &pages->rows;
    found->texts = &pages->texts;
    return true;
}

/* ---- the kinds ---- */

#define FIRST_PAGES    " first Pages must be first (order not required for others)\n"
#define FIRST_SEARCHES " first number of search must be first (order not required for others)\n"

const struct history_kind history_kinds[HISTORY_KINDS] = {
    [HISTORY_VISITOR] =
        {"visitor", "VISITOR", find_table, history_add_visitor, ROW_LAST, 0, has_hits,
         history_put_visitor, FIRST_ROWS, ROW_HITS, ROW_PAGES, TABLE_HOSTS,
         "\n# Host - Pages - Hits - Bandwidth - Last visit date - [Start date of last visit] "
         "- [Last page of last visit]\n# [Start date of last visit] and [Last page of last "
         "visit] are saved only if session is not finished\n# The ",
         " first Hits must be first (order not required for others)\n", "HostsShown", "Host",
         history_copy_visitor},
    [HISTORY_SIDER] = {"sider", "SIDER", find_table, history_add_numbers, PAGE_COLUMNS,
                       PAGE_BYTES + 1, has_first_number, history_put_page, FIRST_ROWS, PAGE_VIEWS,
                       PAGE_VIEWS, TABLE_PAGES,
                       "\n# URL - Pages - Bandwidth - Entry - Exit\n# The ", FIRST_PAGES,
                       "PageShown", "File", history_copy_page},
    [HISTORY_PAGEREFS] = {"pagerefs", "PAGEREFS", find_table, history_add_numbers, REFERER_COLUMNS,
                          0, has_referer_hits, history_put_referer, FIRST_ROWS, REFERER_HITS,
                          REFERER_PAGES, TABLE_REFERERS,
                          "\n# External page referers - Pages - Hits\n# The ", FIRST_PAGES,
                          "RefererShown", "Refer", history_copy_referer},
    [HISTORY_SEARCHWORDS] = {"searchwords", "SEARCHWORDS", find_phrases, history_add_numbers,
                             PHRASE_COLUMNS, 0, has_first_number, history_put_phrase, FIRST_ROWS,
                             PHRASE_SEARCHES, PHRASE_SEARCHES, TABLE_PHRASES,
                             "\n# Search keyphrases - Number of search\n# The ", FIRST_SEARCHES,
                             "KeywordsShown", "Keyword", history_copy_phrase},
    /* AWStats makes the words from the phrases. */
    [HISTORY_KEYWORDS] = {"keywords", "KEYWORDS", NULL, NULL, 0, 0, has_first_number,
                          history_put_word, FIRST_ROWS, PHRASE_SEARCHES, PHRASE_SEARCHES,
                          TABLE_PHRASES, "\n# Search keywords - Number of search\n# The ",
                          FIRST_SEARCHES, "KeywordsShown", "Keyword", NULL},
    [HISTORY_DOWNLOADS] = {"downloads", "DOWNLOADS", find_table, history_add_numbers,
                           DOWNLOAD_COLUMNS, DOWNLOAD_BYTES + 1, always, history_put_download,
                           ALL_ROWS, DOWNLOAD_HITS, DOWNLOAD_HITS, TABLE_DOWNLOADS,
                           "\n# Downloads - Hits - Bandwidth\n", "", NULL, NULL, NULL},
    [HISTORY_UNKNOWN_OSES] = {"unknownreferer", "UNKNOWNREFERER", find_table, history_add_time, 0,
                              0, always, history_put_agent, IN_NO_ORDER, 0, 0, TABLE_UNKNOWN_OSES,
                              "\n# Unknown referer OS - Last visit date\n", "", NULL, NULL,
                              history_copy_numbers},
    [HISTORY_UNKNOWN_BROWSERS] = {"unknownrefererbrowser", "UNKNOWNREFERERBROWSER", find_table,
                                  history_add_time, 0, 0, always, history_put_agent, IN_NO_ORDER, 0,
                                  0, TABLE_UNKNOWN_BROWSERS,
                                  "\n# Unknown referer Browser - Last visit date\n", "", NULL, NULL,
                                  history_copy_numbers},
    [HISTORY_EXTRA] = {"extra_", "EXTRA_", find_extra, history_add_extra_row, ROW_LAST, 0, always,
                       history_put_extra_row, FIRST_ROWS, ROW_HITS, ROW_PAGES, 0,
                       "\n# Extra key - Pages - Hits - Bandwidth - Last access\n# The ",
                       " first number of hits are first\n", NULL, NULL, history_copy_extra_row},
    [HISTORY_ERROR_PAGES] = {"sider_", "SIDER_", find_error_pages, history_add_error_page, 1, 0,
                             has_first_number, history_put_error_page, IN_NO_ORDER, 0, 0, 0,
                             "\n# URL with ", " errors - Hits", NULL, NULL,
                             history_copy_error_page},
};

/* Whether SECTION is the kind NAME.  Stores the text behind a name that ends with "_" in *REST. */
static bool is_kind(const char *name, const char *section, const char **rest)
{
    const size_t size = strlen(name);
    *rest = section + size;
    return strncmp(section, name, size) == 0 && (name[size - 1] == '_' || **rest == '\0');
}

bool history_find_saved(pTHX_ struct history *history, const char *name,
                        struct found_section *found)
{
    *found = (struct found_section){0};
    for (size_t i = 0; i < HISTORY_KINDS; i++) {
        found->kind = &history_kinds[i];
        if (found->kind->find && is_kind(found->kind->section, name, &found->rest))
            return found->kind->find(aTHX_ history, found);
    }
    return false;
}

bool history_find_read(pTHX_ struct history *history, const char *name, struct found_section *found)
{
    *found = (struct found_section){0};
    for (size_t i = 0; i < HISTORY_KINDS; i++) {
        found->kind = &history_kinds[i];
        if (is_kind(found->kind->name, name, &found->rest))
            return !found->kind->find || found->kind->find(aTHX_ history, found);
    }
    return false;
}

/* ---- limits ---- */

struct top history_top(pTHX_ const struct found_section *found)
{
    if (found->kind->sorted != FIRST_ROWS)
        return (struct top){.max = (double)UINT32_MAX};
    return (struct top){.max = SvNV(found->max), .min = SvNV(found->min)};
}

/* Whether BuildKeyList accepts a limit: a number above 0, which perl does not take for false. */
static bool is_limit(pTHX_ SV *sv)
{
    SvGETMAGIC(sv);
    return SvTRUE_nomg(sv) && looks_like_number(sv) && SvNV_nomg(sv) > 0;
}

bool history_has_limits(pTHX_ const struct history *history)
{
    for (size_t i = 0; i < HISTORY_KINDS; i++) {
        const struct history_kind *kind = &history_kinds[i];
        if (kind->max && !(is_limit(aTHX_ limit(aTHX_ history, AWSTATS_MaxNbOf, kind->max)) &&
                           is_limit(aTHX_ limit(aTHX_ history, AWSTATS_MinHit, kind->min))))
            return false;
    }
    for (unsigned i = 1; i <= history->loop->lane->sections; i++) {
        if (!is_limit(aTHX_ limit_of(aTHX_ history, AWSTATS_MaxNbOfExtra, i)) ||
            !is_limit(aTHX_ limit_of(aTHX_ history, AWSTATS_MinHitExtra, i)))
            return false;
    }
    return true;
}
