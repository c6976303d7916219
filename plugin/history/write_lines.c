/* The lines of sections, as AWStats' Save_History writes them. */
#include "history/internal.h"
#include "history/text.h"

/* ---- fields ---- */

/* " NUMBER" */
static void put_count(struct history *history, const struct row *row, unsigned column)
{
    history_put(history, " ", 1);
    history_put_number(history, row->column[column]);
}

/* " NUMBER", which may be below 0 */
static void put_bytes(struct history *history, const struct row *row, unsigned column)
{
    const int64_t bytes = (int64_t)row->column[column];
    history_put(history, " -", bytes < 0 ? 2 : 1);
    history_put_number(history, bytes < 0 ? (UV)-bytes : (UV)bytes);
}

/* " TIME"; " " without a time */
static void put_time(struct history *history, UV time)
{
    history_put(history, " ", 1);
    if (time)
        history_put_number(history, time);
}

/* Adds bytes as ENCODE, a function of text.h, writes them. */
static void put_as(struct history *history, size_t (*encode)(char *, const char *, size_t),
                   const char *text, size_t size)
{
    char *to = history_put_begin(history, size * HISTORY_TEXT_GROWTH);
    history_put_end(history, encode(to, text, size));
}

/* Adds pages, hits, bytes, and the last time. */
static void put_counts(struct history *history, const struct row *row)
{
    put_count(history, row, ROW_PAGES);
    put_count(history, row, ROW_HITS);
    put_bytes(history, row, ROW_BYTES);
    put_time(history, row->column[ROW_LAST]);
}

/* ---- lines ---- */

/* ($last + $VISITTIMEOUT) < $LastLine */
static bool is_over(pTHX_ const struct history *history, UV last)
{
    SV *newest = history->loop->awstats.last_line;
    return (NV)last + (NV)history->loop->rules.visit_timeout < SvNV(newest);
}

/* Writes a host, with its visit unless the visit is over.  Counts the length and the last page of a visit that is
 * over. */
void history_put_visitor(pTHX_ struct history *history, const struct row *row)
{
    const UV last = row->column[ROW_LAST], start = last ? row->column[HOST_START] : 0;
    struct row *page = start ? host_page(row, HOST_PAGE) : NULL;
    history->known_hosts += !history_text_is_address(row->key, row->size);
    history_put(history, row->key, row->size);
    put_counts(history, row);
    if (page && is_over(aTHX_ history, last)) {
        history_count_session(aTHX_ history, start, last);
        page->column[PAGE_EXITS]++;
    } else if (page) {
        put_time(history, start);
        history_put(history, " ", 1);
        history_put(history, page->key, page->size);
    }
    history_end_line(aTHX_ history);
}

void history_put_page(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_page, row->key, row->size);
    put_count(history, row, PAGE_VIEWS);
    put_bytes(history, row, PAGE_BYTES);
    put_count(history, row, PAGE_ENTRIES);
    put_count(history, row, PAGE_EXITS);
    history_end_line(aTHX_ history);
}

void history_put_referer(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_referer, row->key, row->size);
    put_count(history, row, REFERER_PAGES);
    put_count(history, row, REFERER_HITS);
    history_end_line(aTHX_ history);
}

/* $_keywords{$_} += $_keyphrases{$key} */
void history_add_words(pTHX_ struct history *history, const char *phrase, size_t size,
                       uint64_t searches)
{
    struct field word;
    PERL_UNUSED_CONTEXT;
    for (size_t at = 0; history_text_next_word(phrase, size, &at, &word);) {
        struct row *row = rows_get(&history->words, word.text, word.size);
        if (!row)
            croak("out of memory");
        row->column[PHRASE_SEARCHES] += searches;
    }
}

void history_put_phrase(pTHX_ struct history *history, const struct row *row)
{
    history_add_words(aTHX_ history, row->key, row->size, row->column[PHRASE_SEARCHES]);
    put_as(history, history_text_phrase, row->key, row->size);
    put_count(history, row, PHRASE_SEARCHES);
    history_end_line(aTHX_ history);
}

void history_put_word(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_encode, row->key, row->size);
    put_count(history, row, PHRASE_SEARCHES);
    history_end_line(aTHX_ history);
}

void history_put_download(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_encode, row->key, row->size);
    put_count(history, row, DOWNLOAD_HITS);
    put_count(history, row, DOWNLOAD_PARTIAL);
    put_bytes(history, row, DOWNLOAD_BYTES);
    history_end_line(aTHX_ history);
}

void history_put_agent(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_encode, row->key, row->size);
    put_count(history, row, UNKNOWN_LAST);
    history_end_line(aTHX_ history);
}

void history_put_extra_row(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_encode, row->key, row->size);
    put_counts(history, row);
    history_end_line(aTHX_ history);
}

/* " TEXT"; " " for a text that is missing, or that perl takes for false */
static void put_detail(struct history *history, const struct row *row, unsigned column)
{
    const struct row_text *text = row_pointer(row, column);
    history_put(history, " ", 1);
    if (text && !(text->size == 1 && text->bytes[0] == '0'))
        put_as(history, history_text_encode, text->bytes, text->size);
}

/* Writes an error page, with the details that ShowHTTPErrorsPageDetail names. */
void history_put_error_page(pTHX_ struct history *history, const struct row *row)
{
    put_as(history, history_text_encode, row->key, row->size);
    put_count(history, row, ERROR_HITS);
    if (history->loop->rules.error_referers)
        put_detail(history, row, ERROR_REFERER);
    if (history->loop->rules.error_hosts)
        put_detail(history, row, ERROR_HOST);
    history_end_line(aTHX_ history);
}
