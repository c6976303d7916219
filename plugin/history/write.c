/* Sections of history files, as AWStats' Save_History writes them. */
#include <string.h>

#include "history/internal.h"
#include "tables/top.h"

/* Whether BuildKeyList drops a row for its key: "", and before AWStats 7.9 "0". */
static bool is_dropped(const struct history *history, const struct row *row)
{
    return row->size == 0 || (history->loop->rules.drops_zero && row_is_false(row));
}

/* ---- writing a section ---- */

static UV count_lines(const struct found_section *saved)
{
    const struct history_kind *kind = saved->kind;
    const struct rows *rows = saved->rows;
    UV lines = saved->stream ? saved->stream->lines : 0;
    for (uint32_t i = 0; i < rows->count; i++)
        lines += kind->has_line(rows_at(rows, i));
    return lines;
}

static void put_comment(pTHX_ struct history *history, const struct found_section *saved)
{
    const struct history_kind *kind = saved->kind;
    history_put_string(history, kind->comment);
    if (kind == &history_kinds[HISTORY_ERROR_PAGES]) {
        history_put_string(history, saved->rest);
        history_put_string(history, kind->comment_end);
        history_put_string(history,
                           history->loop->rules.error_referers ? " - Last URL referrer" : "");
        history_put_string(history, history->loop->rules.error_hosts ? " - Host\n" : "\n");
        return;
    }
    SV *told = saved->told ? saved->told : saved->max;
    if (told && SvOK(told)) {
        STRLEN size;
        const char *number = SvPV_const(told, size);
        history_put(history, number, size);
    }
    history_put_string(history, kind->comment_end);
}

/* Writes the first line of the section, and stores the line's place for AWStats. */
static void begin_section(pTHX_ struct history *history, const struct found_section *saved)
{
    const struct history_kind *kind = saved->kind;
    HV *places = variables_hash(&history->loop->variables, AWSTATS_ValueInFile);
    put_comment(aTHX_ history, saved);
    history_flush(aTHX_ history);
    SV *place = newSViv((IV)PerlIO_tell(history->file));
    SV *section = sv_2mortal(newSVpvf("%s%s", kind->section, saved->rest));
    (void)hv_store_ent(places, section, place, 0);
    history_put_string(history, "BEGIN_");
    history_put_string(history, kind->name);
    history_put_string(history, saved->rest);
    history_put(history, " ", 1);
    history_put_number(history, count_lines(saved));
    history_end_line(aTHX_ history);
}

static void end_section(pTHX_ struct history *history, const struct found_section *saved)
{
    const struct history_kind *kind = saved->kind;
    history_put_string(history, "END_");
    history_put_string(history, kind->name);
    history_put_string(history, saved->rest);
    history_end_line(aTHX_ history);
    history_flush(aTHX_ history);
}

/* Finds the rows that come first.  If the section is read without rows, TOP has its lines already. */
static void find_first(pTHX_ const struct history *history, const struct found_section *saved,
                       struct top *top)
{
    const struct history_kind *kind = saved->kind;
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

void history_put_row(pTHX_ struct history *history, const struct history_kind *kind,
                     struct row *row)
{
    kind->put_line(aTHX_ history, row);
    row->mark |= ROW_WRITTEN;
}

/* Writes the rows that come first, the lines of the old file, and the other rows. */
static void put_rows(pTHX_ struct history *history, const struct found_section *saved,
                     struct top *top)
{
    const struct history_kind *kind = saved->kind;
    struct rows *rows = saved->rows;
    if (kind->sorted != IN_NO_ORDER)
        find_first(aTHX_ history, saved, top);
    if (saved->stream)
        history_stream_put(aTHX_ history, saved->stream);
    for (size_t i = 0; !saved->stream && i < top->count; i++)
        history_put_row(aTHX_ history, kind, top->first[i].row);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct row *row = rows_at(rows, i);
        if (!(row->mark & ROW_WRITTEN) && kind->has_line(row) &&
            !(kind->sorted == FIRST_ROWS && is_dropped(history, row)))
            history_put_row(aTHX_ history, kind, row);
    }
}

static void put_section(pTHX_ struct history *history, const struct found_section *saved)
{
    struct top own = history_top(aTHX_ saved);
    struct top *top = saved->stream ? &saved->stream->top : &own;
    begin_section(aTHX_ history, saved);
    put_rows(aTHX_ history, saved, top);
    top_clear(top);
    end_section(aTHX_ history, saved);
}

/* ---- hosts ---- */

/* Counts the month's unique hosts, those with a name, and those without. */
static void count_hosts(pTHX_ struct history *history, const struct found_section *saved, SV *year,
                        SV *month)
{
    const struct rows *rows = saved->rows;
    const struct history_stream *stream = saved->stream;
    UV hosts = stream ? stream->lines : 0, unique = stream ? stream->with_pages : 0;
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

/* ---- key phrases ---- */

/* Writes the section of key phrases, and the section of their words. */
static void put_phrases(pTHX_ struct history *history, const struct found_section *phrases)
{
    struct found_section words = *phrases;
    words.kind = &history_kinds[HISTORY_KEYWORDS];
    words.rows = &history->words;
    words.stream = NULL;
    words.told = NULL;
    rows_init(&history->words, PHRASE_COLUMNS, history->loop->lane->tables.seed);
    put_section(aTHX_ history, phrases);
    put_section(aTHX_ history, &words);
    rows_clear(&history->words);
}

/* ---- public functions ---- */

static PerlIO *file_of(pTHX_ const struct history *history)
{
    IO *io = GvIO(variables_glob(&history->loop->variables, AWSTATS_HISTORYTMP));
    return io ? IoOFP(io) : NULL;
}

/* Whether all sections can be written here. */
static bool can_save(pTHX_ const struct history *history)
{
    PerlIO *file = file_of(aTHX_ history);
    return file && !PerlIO_isutf8(file) && history_has_limits(aTHX_ history);
}

bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month)
{
    struct update_loop *loop = history->loop;
    if (strcmp(section, "header") == 0 && !can_save(aTHX_ history))
        history_give_back(aTHX_ history);
    if (loop->lane->tables.given_back)
        return false;
    struct found_section saved;
    if (!history_find_saved(aTHX_ history, section, &saved))
        return false;
    saved.stream = history_stream_of(history, saved.rows);
    history->file = file_of(aTHX_ history);
    history->known_hosts = 0;
    switch (saved.kind - history_kinds) {
    case HISTORY_VISITOR:
        history_end_waiting(aTHX_ history);
        put_section(aTHX_ history, &saved);
        count_hosts(aTHX_ history, &saved, year, month);
        break;
    case HISTORY_SEARCHWORDS:
        put_phrases(aTHX_ history, &saved);
        break;
    default:
        put_section(aTHX_ history, &saved);
    }
    return true;
}
