/* Adds the lines of history files to the counters.  Each function names the place of awstats.pl's
 * Read_History_With_TmpUpdate that it mirrors, by the comment there. */
#include <string.h>

#include "history/internal.h"

/* ---- a line's numbers ---- */

/* Reads a line's numbers up to field LAST; a missing field is 0, as for Perl.  BYTES is the field that may be
 * below 0, since AWStats counts malformed sizes; 0: none.  Returns false if a field is not such a number. */
static bool numbers_of(const struct history_line *line, unsigned last, unsigned bytes,
                       uint64_t *number)
{
    for (unsigned i = 1; i <= last; i++) {
        struct field field = i < line->fields ? line->field[i] : (struct field){"0", 1};
        const bool is_negative = i == bytes && field.size > 1 && field.text[0] == '-';
        field.text += is_negative;
        field.size -= is_negative;
        if (!history_number(&field, &number[i]))
            return false;
        if (is_negative)
            number[i] = -number[i];
    }
    return true;
}

/* Adds FIELDS numbers of a line to the columns of a row.  If a sum would be too large, changes nothing and
 * returns false. */
static bool add(struct row *row, const uint64_t *number, unsigned fields)
{
    unsigned added = 0;
    while (added < fields && row_add(row, added, (int64_t)number[added + 1]))
        added++;
    if (added == fields)
        return true;
    while (added > 0) {
        added--;
        row->column[added] -= number[added + 1];
    }
    return false;
}

static struct row *row_in(pTHX_ struct rows *rows, const struct field *key)
{
    PERL_UNUSED_CONTEXT;
    struct row *row = rows_get(rows, key->text, key->size);
    if (!row)
        croak("out of memory");
    return row;
}

/* ---- the sections ---- */

/* "BEGIN_SIDER", "BEGIN_PAGEREFS", "BEGIN_SEARCHWORDS" and "BEGIN_DOWNLOADS": a number for each column */
bool history_add_numbers(pTHX_ struct history *history, const struct found_section *section,
                         struct row *row, const struct history_line *line)
{
    uint64_t number[HISTORY_FIELDS];
    const unsigned columns = section->rows->columns;
    PERL_UNUSED_CONTEXT;
    PERL_UNUSED_VAR(history);
    return numbers_of(line, columns, section->kind->bytes_field, number) &&
           add(row, number, columns);
}

/* Takes the time of the last record that the file has, unless this update has one.  That is later, but in a batch,
 * whose records may be late: then the later one counts (AWStats::CloudFront::Saving). */
static void take_last(const struct history *history, uint64_t *last, uint64_t time)
{
    if (!*last || (history->loop->rules.counts_late && *last < time))
        *last = time;
}

/* "BEGIN_UNKNOWNREFERER" and "BEGIN_UNKNOWNREFERERBROWSER": the last time of an unknown user agent */
bool history_add_time(pTHX_ struct history *history, const struct found_section *section,
                      struct row *row, const struct history_line *line)
{
    uint64_t time;
    PERL_UNUSED_CONTEXT;
    PERL_UNUSED_VAR(section);
    if (line->fields < 2 || !history_number(&line->field[1], &time))
        return false;
    take_last(history, &row->column[UNKNOWN_LAST], time);
    return true;
}

/* "BEGIN_VISITOR" */
bool history_add_visitor(pTHX_ struct history *history, const struct found_section *section,
                         struct row *host, const struct history_line *line)
{
    enum { BYTES_FIELD = 3, LAST_FIELD, START_FIELD, PAGE_FIELD };
    uint64_t number[HISTORY_FIELDS];
    PERL_UNUSED_VAR(section);
    if (!numbers_of(line, START_FIELD, BYTES_FIELD, number))
        return false;
    struct row *page = NULL;
    if (line->fields > PAGE_FIELD && !record_field_is(&line->field[PAGE_FIELD], "0"))
        page =
            row_in(aTHX_ & history->loop->lane->tables.of[TABLE_PAGES], &line->field[PAGE_FIELD]);
    const UV last = number[LAST_FIELD], start = number[START_FIELD];
    if (!add(host, number, BYTES_FIELD))
        return false;
    if (host_page(host, HOST_ENTRY) &&
        !history_join_visits(aTHX_ history, host, last, start, page)) {
        for (unsigned i = 0; i < BYTES_FIELD; i++)
            host->column[i] -= number[i + 1];
        return false;
    }
    if (!last || host->column[ROW_LAST])
        return true;
    host->column[ROW_LAST] = last;
    if (!host->column[HOST_START])
        host->column[HOST_START] = start;
    if (!host_page(host, HOST_PAGE))
        row_set_pointer(host, HOST_PAGE, page);
    return true;
}

/* "BEGIN_SIDER_xxx": the hits of an error page, and the details of its last hit that
 * ShowHTTPErrorsPageDetail names */
bool history_add_error_page(pTHX_ struct history *history, const struct found_section *section,
                            struct row *row, const struct history_line *line)
{
    uint64_t number[HISTORY_FIELDS];
    if (line->fields < 2 || !numbers_of(line, 1, 0, number) || !add(row, number, 1))
        return false;
    STRLEN details;
    const char *detail = SvPV_const(history->error_details, details);
    for (unsigned i = 0; i < details; i++) {
        unsigned at = 2 + i, column = 0;
        if (at >= line->fields || record_field_is(&line->field[at], "0"))
            break;
        if (detail[i] == 'R' || detail[i] == 'r') {
            column = ERROR_REFERER;
            at = 2; /* AWStats always takes this field, wherever the letter is */
        } else if (detail[i] == 'H' || detail[i] == 'h') {
            column = ERROR_HOST;
        }
        if (column && section->texts &&
            !tables_set_text(section->texts, row, column, line->field[at].text,
                             line->field[at].size, 0))
            croak("out of memory");
    }
    return true;
}

/* "BEGIN_EXTRA_xxx" */
bool history_add_extra_row(pTHX_ struct history *history, const struct found_section *section,
                           struct row *row, const struct history_line *line)
{
    enum { PAGES_FIELD = 1, HITS_FIELD, BYTES_FIELD, LAST_FIELD };
    const struct extra_section *extra = section->extra;
    uint64_t number[HISTORY_FIELDS];
    if (line->fields <= HITS_FIELD || !numbers_of(line, LAST_FIELD, BYTES_FIELD, number))
        return false;
    number[PAGES_FIELD] *= extra->pages;
    number[BYTES_FIELD] *= extra->bytes;
    if (!add(row, number, BYTES_FIELD))
        return false;
    if (extra->last)
        take_last(history, &row->column[ROW_LAST], number[LAST_FIELD]);
    return true;
}

/* ---- the start and the end of sections ---- */

static bool starts_with(struct field *field, const char *prefix)
{
    size_t size = strlen(prefix);
    if (field->size <= size || memcmp(field->text, prefix, size) != 0)
        return false;
    field->text += size;
    field->size -= size;
    return true;
}

/* Finds a section by its name.  Returns false if AWStats must read the section. */
static bool find_section(pTHX_ struct history *history, const struct field *name)
{
    if (memchr(name->text, '\0', name->size))
        return false;
    const char *text = SvPVX_const(sv_2mortal(newSVpvn(name->text, name->size)));
    if (!history_find_read(aTHX_ history, text, &history->section))
        return false;
    if (history->section.kind->find)
        history_stream_begin(aTHX_ history);
    return true;
}

void history_begin(pTHX_ struct history *history, int descriptor)
{
    history_stream_reset(history);
    history->old = old_file_new(descriptor);
    history->begun = history->recent = false;
    history->place = OUTSIDE;
    hv_clear(history->seen);
}

/* AWSTATS DATA FILE 7.8 (build 20200416)
 * Whether this is the first line of a file of version 6.0 or later, and not of an XML file: older
 * files have other columns. */
static bool is_recent(const char *line, size_t size)
{
    static const char start[] = "AWSTATS DATA FILE ";
    const size_t version = sizeof start - 1;
    return size > version + 2 && memcmp(line, start, version) == 0 && line[version] >= '6' &&
           line[version] <= '9' && line[version + 1] == '.';
}

/* BEGIN_, with letters in any case, and more */
static bool is_begin(const char *line, size_t size)
{
    static const char begin[] = "BEGIN_";
    if (size < sizeof begin)
        return false;
    for (size_t i = 0; i < sizeof begin - 1; i++) {
        char letter = line[i] >= 'a' && line[i] <= 'z' ? (char)(line[i] - 'a' + 'A') : line[i];
        if (letter != begin[i])
            return false;
    }
    return true;
}

/* Returns whether this line outside of the added sections makes it uncertain how AWStats reads later lines: XML
 * begins, the line has a CR (AWStats removes a CR anywhere), or the line begins a section inside another
 * section, which AWStats may not recognize. */
static bool is_doubtful(const struct history *history, const char *line, size_t size)
{
    static const char xml[] = "<xml";
    return (size >= sizeof xml && memcmp(line, xml, sizeof xml - 1) == 0) ||
           memchr(line, '\r', size) || (history->place == IN_OTHER_SECTION && is_begin(line, size));
}

/* BEGIN_NAME ...
 * Begins a section.  AWStats loads only the first of two sections with one name, but reads all lines of hosts
 * that wait.  Returns false if it is uncertain how AWStats reads the following lines. */
static bool begin_section(pTHX_ struct history *history, const char *line, size_t size)
{
    struct history_line split;
    if (!is_begin(line, size))
        return true;
    struct field name = {"", 0};
    if (history_line_split(&split, line, size))
        name = split.field[0];
    /* AWStats may take a malformed line for a section; after the section of unknown addresses it
     * loads no visitors. */
    if (!starts_with(&name, "BEGIN_") || record_field_is(&name, "UNKNOWNIP"))
        return false;
    sv_setpvf(history->end, "END_%" SVf, SVfARG(sv_2mortal(newSVpvn(name.text, name.size))));
    if (hv_exists_ent(history->seen, history->end, 0)) {
        history->place = IN_OTHER_SECTION;
        return !record_field_is(&name, "VISITOR");
    }
    (void)hv_store_ent(history->seen, history->end, newSV(0), 0);
    history->place = find_section(aTHX_ history, &name) ? IN_SECTION : IN_OTHER_SECTION;
    return true;
}

/* Whether a line's first field ends the section. */
static bool is_end(pTHX_ const struct history *history, const struct history_line *line)
{
    STRLEN size;
    const char *end = SvPV_const(history->end, size);
    const struct field *first = &line->field[0];
    return first->size == size && memcmp(first->text, end, size) == 0;
}

/* Adds a line to its row. */
static bool add_line(pTHX_ struct history *history, const struct history_line *line)
{
    const struct found_section *section = &history->section;
    if (!section->kind->find)
        return true;
    if (section->stream)
        return history_stream_line(aTHX_ history, section->stream, line);
    struct row *row = row_in(aTHX_ section->rows, &line->field[0]);
    return section->kind->add_line(aTHX_ history, section, row, line);
}

/* Adds a line.  Sets RECENT to false if it is uncertain how AWStats reads this line or later ones.  Returns
 * false if AWStats must read the line. */
static bool take(pTHX_ struct history *history, const char *line, size_t size)
{
    struct history_line split;
    if (history->place != IN_SECTION && is_doubtful(history, line, size))
        return history->recent = false;
    if (history->place == OUTSIDE) {
        history->recent = begin_section(aTHX_ history, line, size);
        return false;
    }
    /* AWStats may take a malformed line for the section's end. */
    if (*line == '<' || !history_line_split(&split, line, size)) {
        history->recent = history->place == IN_OTHER_SECTION;
        return false;
    }
    if (*line == 'E' && is_end(aTHX_ history, &split)) {
        if (history->place == IN_SECTION && history->section.stream)
            history_stream_end(aTHX_ history, history->section.stream);
        history->place = OUTSIDE;
        return false;
    }
    if (history->place == IN_OTHER_SECTION)
        return false;
    if (record_field_is(&split.field[0], "0") && !history->section.extra)
        return true; /* AWStats leaves this key out */
    return history->recent = add_line(aTHX_ history, &split);
}

/* Adds a line of the file, LF and all, to the counters.  Returns false if awstats.pl must read the line. */
static bool take_line(pTHX_ struct history *history, const char *line, size_t size)
{
    if (history->loop->lane->tables.given_back)
        return false;
    if (!history->begun)
        history->recent = is_recent(line, size);
    history->begun = true;
    if (history->recent && take(aTHX_ history, line, size))
        return true;
    if (!history->recent)
        history_give_back(aTHX_ history);
    return false;
}

/* Returns the next line that AWStats must read, from OLD; NULL at the end. */
static SV *next_line_of(pTHX_ struct history *history, struct old_file *old)
{
    size_t size;
    int error;
    for (;;) {
        const uint64_t place = old_file_place(old);
        const char *line = old_file_line(old, &size, &error);
        if (error)
            croak("the history file could not be read: %s\n", Strerror(error));
        if (!line)
            return NULL;
        if (take_line(aTHX_ history, line, size))
            continue;
        old_file_go_to(old, place); /* take_line() may have read other lines */
        line = old_file_line(old, &size, &error);
        return line ? newSVpvn(line, size) : NULL;
    }
}

/* Returns the next line that AWStats must read, from AWStats' handle; NULL at the end. */
static SV *next_line_in(pTHX_ struct history *history, PerlIO *file)
{
    SV *line = newSVpvs("");
    while (sv_gets(line, file, 0)) {
        if (!take_line(aTHX_ history, SvPVX_const(line), SvCUR(line)))
            return line;
    }
    SvREFCNT_dec(line);
    return NULL;
}

SV *history_next_line(pTHX_ struct history *history, PerlIO *file)
{
    ENTER;
    SAVETMPS;
    SV *line = history->old ? next_line_of(aTHX_ history, history->old)
                            : next_line_in(aTHX_ history, file);
    FREETMPS;
    LEAVE;
    return line;
}
