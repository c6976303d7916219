/* Sections of history files, as AWStats' Save_History writes them. */
#include <string.h>

#include "history/internal.h"
#include "history/text.h"
#include "tables/top.h"

/* ---- which rows have a line: those whose keys the hash of AWStats has that it goes through ---- */

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

/* Whether BuildKeyList drops a row for its key: "", and before AWStats 7.9 "0". */
static bool is_dropped(const struct history *history, const struct row *row)
{
    return row->size == 0 || (history->loop->drops_zero && row_is_false(row));
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

static bool find_table(pTHX_ struct history *history, const struct history_kind *kind,
                       struct saved_section *saved)
{
    saved->rows = &history->loop->tables.of[kind->table];
    for (unsigned i = 0; i < STREAMS; i++) {
        if (history->stream[i].is_used && history->stream[i].kind == kind)
            saved->stream = &history->stream[i];
    }
    if (kind->max) {
        saved->max = limit(aTHX_ history, AWSTATS_MaxNbOf, kind->max);
        saved->min = limit(aTHX_ history, AWSTATS_MinHit, kind->min);
    }
    return true;
}

static bool find_extra(pTHX_ struct history *history, const struct history_kind *kind,
                       struct saved_section *saved)
{
    uint64_t number;
    const struct field digits = {saved->rest, strlen(saved->rest)};
    PERL_UNUSED_VAR(kind);
    if (!history_number(&digits, &number) || number == 0 || number > history->loop->sections)
        return false;
    saved->rows = history->loop->section[number - 1].counters;
    saved->max = limit_of(aTHX_ history, AWSTATS_MaxNbOfExtra, (unsigned)number);
    saved->min = limit_of(aTHX_ history, AWSTATS_MinHitExtra, (unsigned)number);
    return true;
}

static bool find_error_pages(pTHX_ struct history *history, const struct history_kind *kind,
                             struct saved_section *saved)
{
    const struct update_loop *loop = history->loop;
    HV *trapped = variables_hash(&loop->variables, AWSTATS_TrapInfosForHTTPErrorCodes);
    const size_t size = strlen(saved->rest);
    PERL_UNUSED_VAR(kind);
    if (!hv_exists(trapped, saved->rest, (I32)size))
        return false;
    struct error_pages *pages = tables_find_errors(&loop->tables, saved->rest, size);
    saved->rows = pages ? &pages->rows : NULL;
    return true;
}

/* ---- writing a section ---- */

static UV count_lines(const struct history_kind *kind, const struct saved_section *saved)
{
    const struct rows *rows = saved->rows;
    UV lines = saved->stream ? saved->stream->lines : 0;
    for (uint32_t i = 0; rows && i < rows->count; i++)
        lines += kind->has_line(rows_at(rows, i));
    return lines;
}

static void put_comment(pTHX_ struct history *history, const struct history_kind *kind,
                        const struct saved_section *saved)
{
    history_put_string(history, kind->comment);
    if (kind->find == find_error_pages) {
        history_put_string(history, saved->rest);
        history_put_string(history, kind->comment_end);
        history_put_string(history, history->loop->error_referers ? " - Last URL referrer" : "");
        history_put_string(history, history->loop->error_hosts ? " - Host\n" : "\n");
        return;
    }
    if (saved->max && SvOK(saved->max)) {
        STRLEN size;
        const char *max = SvPV_const(saved->max, size);
        history_put(history, max, size);
    }
    history_put_string(history, kind->comment_end);
}

/* Writes the first line of the section; stores its place for AWStats. */
static void begin_section(pTHX_ struct history *history, const struct history_kind *kind,
                          const struct saved_section *saved)
{
    HV *places = variables_hash(&history->loop->variables, AWSTATS_ValueInFile);
    put_comment(aTHX_ history, kind, saved);
    history_flush(aTHX_ history);
    SV *place = newSViv((IV)PerlIO_tell(history->file));
    SV *section = sv_2mortal(newSVpvf("%s%s", kind->section, saved->rest));
    (void)hv_store_ent(places, section, place, 0);
    history_put_string(history, "BEGIN_");
    history_put_string(history, kind->name);
    history_put_string(history, saved->rest);
    history_put(history, " ", 1);
    history_put_number(history, count_lines(kind, saved));
    history_end_line(aTHX_ history);
}

static void end_section(pTHX_ struct history *history, const struct history_kind *kind,
                        const struct saved_section *saved)
{
    history_put_string(history, "END_");
    history_put_string(history, kind->name);
    history_put_string(history, saved->rest);
    history_end_line(aTHX_ history);
    history_flush(aTHX_ history);
}

/* Finds the rows that come first, after those of the old file that have no rows. */
static void find_first(pTHX_ const struct history *history, const struct history_kind *kind,
                       const struct saved_section *saved, struct top *top)
{
    const struct rows *rows = saved->rows;
    PERL_UNUSED_CONTEXT;
    for (uint32_t i = 0; i < rows->count; i++) {
        struct row *row = rows_at(rows, i);
        if (!kind->has_line(row) || (kind->sorted == FIRST_ROWS && is_dropped(history, row)))
            continue;
        const struct top_row offered = {.order = row->column[kind->order], .row = row};
        if (!top_offer(top, row->column[kind->select], &offered))
            croak("out of memory");
    }
    top_sort(top);
}

static void put_row(pTHX_ struct history *history, const struct history_kind *kind, struct row *row)
{
    kind->put_line(aTHX_ history, row);
    row->mark |= ROW_WRITTEN;
}

/* Writes the rows that come first, the lines of the old file, and the other rows. */
static void put_rows(pTHX_ struct history *history, const struct history_kind *kind,
                     const struct saved_section *saved, struct top *top)
{
    struct rows *rows = saved->rows;
    if (kind->sorted != IN_NO_ORDER)
        find_first(aTHX_ history, kind, saved, top);
    for (size_t i = 0; i < top->count; i++) {
        if (top->first[i].row)
            put_row(aTHX_ history, kind, top->first[i].row);
        else
            history_stream_put(aTHX_ history, saved->stream, top->first[i].place);
    }
    if (saved->stream)
        history_stream_put_all(aTHX_ history, saved->stream);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct row *row = rows_at(rows, i);
        if (!(row->mark & ROW_WRITTEN) && kind->has_line(row) &&
            !(kind->sorted == FIRST_ROWS && is_dropped(history, row)))
            put_row(aTHX_ history, kind, row);
    }
}

static void put_section(pTHX_ struct history *history, const struct history_kind *kind,
                        const struct saved_section *saved)
{
    struct top own = {.max = (double)UINT32_MAX, .min = 0}, *top = &own;
    if (kind->sorted == FIRST_ROWS)
        own = (struct top){.max = SvNV(saved->max), .min = SvNV(saved->min)};
    if (saved->stream)
        top = &saved->stream->top;
    begin_section(aTHX_ history, kind, saved);
    if (saved->rows)
        put_rows(aTHX_ history, kind, saved, top);
    top_clear(top);
    end_section(aTHX_ history, kind, saved);
}

/* ---- hosts ---- */

/* Counts the month's hosts, those with a name and those without. */
static void count_hosts(pTHX_ struct history *history, SV *year, SV *month)
{
    const struct rows *rows = &history->loop->tables.of[TABLE_HOSTS];
    const struct history_stream *stream = &history->stream[STREAM_HOSTS];
    UV hosts = stream->is_used ? stream->lines : 0,
       unique = stream->is_used ? stream->with_pages : 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = rows_at(rows, i);
        hosts += row->column[ROW_HITS] > 0 && !is_dropped(history, row);
        unique += row->column[ROW_PAGES] > 0;
    }
    const struct {
        enum variable hash;
        UV number;
    } month_numbers[] = {
        {AWSTATS_MonthUnique, unique},
        {AWSTATS_MonthHostsKnown, history->known_hosts},
        {AWSTATS_MonthHostsUnknown, hosts - history->known_hosts},
    };
    SV *key = sv_2mortal(newSVpvf("%" SVf "%" SVf, SVfARG(year), SVfARG(month)));
    for (size_t i = 0; i < sizeof month_numbers / sizeof month_numbers[0]; i++) {
        HV *hash = variables_hash(&history->loop->variables, month_numbers[i].hash);
        sv_setuv(HeVAL(hv_fetch_ent(hash, key, 1, 0)), month_numbers[i].number);
    }
}

/* ---- the kinds of sections ---- */

#define FIRST_PAGES    " first Pages must be first (order not required for others)\n"
#define FIRST_SEARCHES " first number of search must be first (order not required for others)\n"

enum { VISITOR, SIDER, SEARCHWORDS = 3, KEYWORDS };

static const struct history_kind kinds[] = {
    [VISITOR] =
        {"visitor", "VISITOR", find_table, has_hits, history_put_visitor, FIRST_ROWS, ROW_HITS,
         ROW_PAGES, TABLE_HOSTS,
         "\n# Host - Pages - Hits - Bandwidth - Last visit date - [Start date of last visit] "
         "- [Last page of last visit]\n# [Start date of last visit] and [Last page of last "
         "visit] are saved only if session is not finished\n# The ",
         " first Hits must be first (order not required for others)\n", "HostsShown", "Host",
         history_copy_visitor},
    [SIDER] = {"sider", "SIDER", find_table, has_first_number, history_put_page, FIRST_ROWS,
               PAGE_VIEWS, PAGE_VIEWS, TABLE_PAGES,
               "\n# URL - Pages - Bandwidth - Entry - Exit\n# The ", FIRST_PAGES, "PageShown",
               "File", NULL},
    {"pagerefs", "PAGEREFS", find_table, has_referer_hits, history_put_referer, FIRST_ROWS,
     REFERER_HITS, REFERER_PAGES, TABLE_REFERERS,
     "\n# External page referers - Pages - Hits\n# The ", FIRST_PAGES, "RefererShown", "Refer",
     NULL},
    [SEARCHWORDS] = {"searchwords", "SEARCHWORDS", find_table, has_first_number, history_put_phrase,
                     FIRST_ROWS, PHRASE_SEARCHES, PHRASE_SEARCHES, TABLE_PHRASES,
                     "\n# Search keyphrases - Number of search\n# The ", FIRST_SEARCHES,
                     "KeywordsShown", "Keyword", NULL},
    [KEYWORDS] = {"keywords", "KEYWORDS", NULL, has_first_number, history_put_word, FIRST_ROWS,
                  PHRASE_SEARCHES, PHRASE_SEARCHES, TABLE_PHRASES,
                  "\n# Search keywords - Number of search\n# The ", FIRST_SEARCHES, "KeywordsShown",
                  "Keyword", NULL},
    {"downloads", "DOWNLOADS", find_table, always, history_put_download, ALL_ROWS, DOWNLOAD_HITS,
     DOWNLOAD_HITS, TABLE_DOWNLOADS, "\n# Downloads - Hits - Bandwidth\n", "", NULL, NULL, NULL},
    {"unknownreferer", "UNKNOWNREFERER", find_table, always, history_put_agent, IN_NO_ORDER, 0, 0,
     TABLE_UNKNOWN_OSES, "\n# Unknown referer OS - Last visit date\n", "", NULL, NULL, NULL},
    {"unknownrefererbrowser", "UNKNOWNREFERERBROWSER", find_table, always, history_put_agent,
     IN_NO_ORDER, 0, 0, TABLE_UNKNOWN_BROWSERS, "\n# Unknown referer Browser - Last visit date\n",
     "", NULL, NULL, NULL},
    {"extra_", "EXTRA_", find_extra, always, history_put_extra_row, FIRST_ROWS, ROW_HITS, ROW_PAGES,
     0, "\n# Extra key - Pages - Hits - Bandwidth - Last access\n# The ",
     " first number of hits are first\n", NULL, NULL, NULL},
    {"sider_", "SIDER_", find_error_pages, has_first_number, history_put_error_page, IN_NO_ORDER, 0,
     0, 0, "\n# URL with ", " errors - Hits", NULL, NULL, NULL},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

const struct history_kind *history_kind(const char *section, const char **rest)
{
    for (size_t i = 0; i < KINDS; i++) {
        size_t size = strlen(kinds[i].section);
        bool begins = kinds[i].section[size - 1] == '_';
        *rest = section + size;
        if (kinds[i].find && strncmp(section, kinds[i].section, size) == 0 &&
            (begins || **rest == '\0'))
            return &kinds[i];
    }
    return NULL;
}

struct top history_top(pTHX_ const struct history *history, const struct history_kind *kind)
{
    return (struct top){
        .max = SvNV(limit(aTHX_ history, AWSTATS_MaxNbOf, kind->max)),
        .min = SvNV(limit(aTHX_ history, AWSTATS_MinHit, kind->min)),
    };
}

/* Writes the section of the words of all key phrases. */
static void put_keywords(pTHX_ struct history *history, const struct saved_section *phrases)
{
    struct rows words;
    rows_init(&words, PHRASE_COLUMNS, history->loop->tables.seed);
    for (uint32_t i = 0; i < phrases->rows->count; i++) {
        const struct row *phrase = rows_at(phrases->rows, i);
        struct field word;
        if (!has_first_number(phrase) || is_dropped(history, phrase))
            continue;
        for (size_t at = 0; history_text_next_word(phrase->key, phrase->size, &at, &word);) {
            struct row *row = rows_get(&words, word.text, word.size);
            if (!row)
                croak("out of memory");
            row->column[PHRASE_SEARCHES] += phrase->column[PHRASE_SEARCHES];
        }
    }
    struct saved_section saved = *phrases;
    saved.rows = &words;
    put_section(aTHX_ history, &kinds[KEYWORDS], &saved);
    rows_clear(&words);
}

/* ---- the door ---- */

static PerlIO *file_of(pTHX_ const struct history *history)
{
    IO *io = GvIO(variables_glob(&history->loop->variables, AWSTATS_HISTORYTMP));
    return io ? IoOFP(io) : NULL;
}

/* Whether BuildKeyList takes a limit: perl must not take it for false. */
static bool is_limit(pTHX_ SV *sv)
{
    SvGETMAGIC(sv);
    return SvTRUE_nomg(sv) && looks_like_number(sv) && SvNV_nomg(sv) > 0;
}

/* Whether all sections can be written here. */
static bool can_save(pTHX_ struct history *history)
{
    PerlIO *file = file_of(aTHX_ history);
    if (!file || PerlIO_isutf8(file))
        return false;
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].max && !(is_limit(aTHX_ limit(aTHX_ history, AWSTATS_MaxNbOf, kinds[i].max)) &&
                              is_limit(aTHX_ limit(aTHX_ history, AWSTATS_MinHit, kinds[i].min))))
            return false;
    }
    for (unsigned i = 1; i <= history->loop->sections; i++) {
        if (!is_limit(aTHX_ limit_of(aTHX_ history, AWSTATS_MaxNbOfExtra, i)) ||
            !is_limit(aTHX_ limit_of(aTHX_ history, AWSTATS_MinHitExtra, i)))
            return false;
    }
    return true;
}

bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month)
{
    struct update_loop *loop = history->loop;
    if (strcmp(section, "header") == 0 && !can_save(aTHX_ history))
        history_give_back(aTHX_ history);
    if (loop->tables.given_back)
        return false;
    struct saved_section saved = {0};
    const struct history_kind *kind = history_kind(section, &saved.rest);
    if (!kind || !kind->find(aTHX_ history, kind, &saved))
        return false;
    history->file = file_of(aTHX_ history);
    history->known_hosts = 0;
    if (kind == &kinds[VISITOR])
        history_end_waiting(aTHX_ history);
    put_section(aTHX_ history, kind, &saved);
    if (kind == &kinds[VISITOR])
        count_hosts(aTHX_ history, year, month);
    if (kind == &kinds[SEARCHWORDS])
        put_keywords(aTHX_ history, &saved);
    return true;
}
