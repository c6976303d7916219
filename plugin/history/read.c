/* Adds the lines of history files to the counters.  Each function names the place of awstats.pl's
 * Read_History_With_TmpUpdate that it mirrors, by the comment there. */
#include <string.h>

#include "history/internal.h"

/* ---- a line's numbers in AWStats' hashes ---- */

/* Reads a line's numbers up to field LAST; a missing field is 0, as to Perl.  False if a field is
 * no number. */
static bool numbers_of(const struct history_line *line, unsigned last, uint64_t *number)
{
    for (unsigned i = 1; i <= last; i++) {
        number[i] = 0;
        if (i < line->fields && !history_number(&line->field[i], &number[i]))
            return false;
    }
    return true;
}

/* if ($field[i]) { $hash{$field[0]} += $field[i] } */
static void add(pTHX_ struct history *history, HV *const *hash, const uint64_t *number,
                unsigned last)
{
    for (unsigned i = 1; i <= last; i++) {
        if (hash[i] && number[i])
            counters_add(aTHX_ history_number_in(aTHX_ history, hash[i]), (UV)number[i]);
    }
}

/* ---- the sections ---- */

/* "BEGIN_SIDER", "BEGIN_PAGEREFS" and "BEGIN_SEARCHWORDS" */
static bool take_numbers(pTHX_ struct history *history, const struct history_line *line)
{
    uint64_t number[HISTORY_FIELDS];
    if (!numbers_of(line, HISTORY_FIELDS - 1, number))
        return false;
    add(aTHX_ history, history->section.hash, number, HISTORY_FIELDS - 1);
    return true;
}

/* "BEGIN_UNKNOWNREFERER" and "BEGIN_UNKNOWNREFERERBROWSER": the last time of an unknown user agent,
 * unless this update has one, which is later */
static bool take_time(pTHX_ struct history *history, const struct history_line *line)
{
    uint64_t time;
    HV *hash = history->section.hash[1];
    if (line->fields < 2 || !history_number(&line->field[1], &time))
        return false;
    if (!history_true_in(aTHX_ history, hash))
        set_time(aTHX_ history_number_in(aTHX_ history, hash), (UV)time);
    return true;
}

/* "BEGIN_VISITOR".  AWStats reads the line of a host with a new visit: its first page may have been
 * in the visit of this line. */
static bool take_visitor(pTHX_ struct history *history, const struct history_line *line)
{
    enum { BYTES_FIELD = 3, LAST_FIELD, START_FIELD, PAGE_FIELD };
    HV *const *waiting = history->loop->counters->hash[GROUP_WAITING];
    HV *const *visit = history->loop->counters->hash[GROUP_VISIT];
    uint64_t number[HISTORY_FIELDS];
    if (!numbers_of(line, START_FIELD, number) ||
        history_true_in(aTHX_ history, waiting[WAITING_ENTRY]))
        return false;
    add(aTHX_ history, history->section.hash, number, BYTES_FIELD);
    if (!number[LAST_FIELD] || history_true_in(aTHX_ history, visit[VISIT_LAST]))
        return true;
    set_time(aTHX_ history_number_in(aTHX_ history, visit[VISIT_LAST]), (UV)number[LAST_FIELD]);
    if (number[START_FIELD] && !history_true_in(aTHX_ history, visit[VISIT_START]))
        set_time(aTHX_ history_number_in(aTHX_ history, visit[VISIT_START]),
                 (UV)number[START_FIELD]);
    if (line->fields > PAGE_FIELD && !record_field_is(&line->field[PAGE_FIELD], "0") &&
        !history_true_in(aTHX_ history, visit[VISIT_URL]))
        sv_setpvn(history_number_in(aTHX_ history, visit[VISIT_URL]), line->field[PAGE_FIELD].text,
                  line->field[PAGE_FIELD].size);
    return true;
}

/* "BEGIN_SIDER_xxx": the hits of an error page, and what ShowHTTPErrorsPageDetail names of the last
 * hit */
static bool take_error_page(pTHX_ struct history *history, const struct history_line *line)
{
    const struct counters *counters = history->loop->counters;
    SV *code = history->code;
    uint64_t hits;
    if (line->fields < 2 || !history_number(&line->field[1], &hits))
        return false;
    if (hits)
        counters_add(aTHX_ counters_below(aTHX_ counters->error_url, code, history->key), (UV)hits);
    STRLEN details;
    const char *detail = SvPV_const(history->error_details, details);
    for (unsigned i = 0; i < details; i++) {
        unsigned at = 2 + i;
        if (at >= line->fields || record_field_is(&line->field[at], "0"))
            break;
        HV *hash = NULL;
        if (detail[i] == 'R' || detail[i] == 'r') {
            hash = counters->error_referer;
            at = 2; /* AWStats takes this field, whatever the letter's place */
        } else if (detail[i] == 'H' || detail[i] == 'h') {
            hash = counters->error_host;
        }
        if (hash)
            sv_setpvn(counters_below(aTHX_ hash, code, history->key), line->field[at].text,
                      line->field[at].size);
    }
    return true;
}

/* "BEGIN_EXTRA_xxx" */
static bool take_row(pTHX_ struct history *history, const struct history_line *line)
{
    enum { PAGES_FIELD = 1, HITS_FIELD, BYTES_FIELD, LAST_FIELD };
    const struct extra_section *extra = history->section.extra;
    uint64_t number[HISTORY_FIELDS];
    if (line->fields <= HITS_FIELD || !numbers_of(line, LAST_FIELD, number))
        return false;
    if (extra->pages && number[PAGES_FIELD])
        counters_add(aTHX_ history_number_in(aTHX_ history, extra->hash[PAGES]),
                     (UV)number[PAGES_FIELD]);
    counters_add(aTHX_ history_number_in(aTHX_ history, extra->hash[HITS]), (UV)number[HITS_FIELD]);
    if (extra->bytes && number[BYTES_FIELD])
        counters_add(aTHX_ history_number_in(aTHX_ history, extra->hash[BYTES]),
                     (UV)number[BYTES_FIELD]);
    if (extra->last && number[LAST_FIELD] && !history_true_in(aTHX_ history, extra->hash[LAST]))
        set_time(aTHX_ history_number_in(aTHX_ history, extra->hash[LAST]), (UV)number[LAST_FIELD]);
    return true;
}

/* ---- the start and the end of sections ---- */

static bool find_section(struct history *history, const struct field *name)
{
    const struct counters *counters = history->loop->counters;
    HV *const *host = counters->hash[GROUP_HOST], *const *url = counters->hash[GROUP_URL];
    HV *const *referer = counters->hash[GROUP_PAGE_REFERER];
    HV *const *agent = counters->hash[GROUP_UNKNOWN_AGENT];
    const struct {
        const char *name;
        struct history_section section;
    } known[] = {
        {"VISITOR", {take_visitor, {NULL, host[PAGES], host[HITS], host[BYTES]}, NULL}},
        {"SIDER",
         {take_numbers, {NULL, url[PAGES], url[BYTES], url[URL_ENTRY], url[URL_EXIT]}, NULL}},
        {"PAGEREFS", {take_numbers, {NULL, referer[PAGES], referer[HITS]}, NULL}},
        {"SEARCHWORDS", {take_numbers, {NULL, counters->hash[GROUP_PHRASE][HITS]}, NULL}},
        {"UNKNOWNREFERER", {take_time, {NULL, agent[UNKNOWN_OS]}, NULL}},
        {"UNKNOWNREFERERBROWSER", {take_time, {NULL, agent[UNKNOWN_BROWSER]}, NULL}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (record_field_is(name, known[i].name)) {
            history->section = known[i].section;
            return true;
        }
    }
    return false;
}

static bool starts_with(struct field *field, const char *prefix)
{
    size_t size = strlen(prefix);
    if (field->size <= size || memcmp(field->text, prefix, size) != 0)
        return false;
    field->text += size;
    field->size -= size;
    return true;
}

/* SIDER_404: error pages, for a code of TrapInfosForHTTPErrorCodes */
static bool find_error_section(pTHX_ struct history *history, struct field name)
{
    HV *trapped = variables_hash(&history->loop->variables, AWSTATS_TrapInfosForHTTPErrorCodes);
    if (!starts_with(&name, "SIDER_"))
        return false;
    if (!hv_exists(trapped, name.text, (I32)name.size))
        return false;
    sv_setpvn(history->code, name.text, name.size);
    history->section = (struct history_section){.take = take_error_page};
    return true;
}

static bool find_extra_section(struct history *history, struct field name)
{
    uint64_t number;
    if (!starts_with(&name, "EXTRA_") || !history_number(&name, &number) || number == 0 ||
        number > history->loop->sections)
        return false;
    history->section =
        (struct history_section){.take = take_row, .extra = &history->loop->section[number - 1]};
    return true;
}

void history_begin(pTHX_ struct history *history)
{
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

/* Returns whether it is uncertain how AWStats reads the lines after this one, which is outside of
 * the sections that are added here: the line continues with XML, it has a CR (AWStats removes one
 * anywhere), or it begins a section inside another one, which AWStats may not take for a
 * section. */
static bool is_doubtful(const struct history *history, const char *line, size_t size)
{
    static const char xml[] = "<xml";
    return (size >= sizeof xml && memcmp(line, xml, sizeof xml - 1) == 0) ||
           memchr(line, '\r', size) || (history->place == IN_OTHER_SECTION && is_begin(line, size));
}

/* BEGIN_NAME ...
 * Begins a section.  AWStats loads the first of two sections of one name. */
static void begin_section(pTHX_ struct history *history, const char *line, size_t size)
{
    struct history_line split;
    if (!is_begin(line, size))
        return;
    struct field name = {"", 0};
    if (history_line_split(&split, line, size))
        name = split.field[0];
    /* AWStats may take a malformed line for a section; after the section of unknown addresses it
     * loads no visitors. */
    if (!starts_with(&name, "BEGIN_") || record_field_is(&name, "UNKNOWNIP")) {
        history->recent = false;
        return;
    }
    sv_setpvf(history->end, "END_%" SVf, SVfARG(sv_2mortal(newSVpvn(name.text, name.size))));
    if (hv_exists_ent(history->seen, history->end, 0)) {
        history->place = IN_OTHER_SECTION;
        return;
    }
    (void)hv_store_ent(history->seen, history->end, newSV(0), 0);
    bool found = find_section(history, &name) || find_error_section(aTHX_ history, name) ||
                 find_extra_section(history, name);
    history->place = found ? IN_SECTION : IN_OTHER_SECTION;
}

/* Whether a line's first field ends the section. */
static bool is_end(pTHX_ const struct history *history, const struct history_line *line)
{
    STRLEN size;
    const char *end = SvPV_const(history->end, size);
    const struct field *first = &line->field[0];
    return first->size == size && memcmp(first->text, end, size) == 0;
}

bool history_take(pTHX_ struct history *history, const char *line, size_t size)
{
    struct history_line split;
    if (!history->begun)
        history->recent = is_recent(line, size);
    history->begun = true;
    if (!history->recent)
        return false;
    if (history->place != IN_SECTION && is_doubtful(history, line, size))
        return history->recent = false;
    if (history->place == OUTSIDE) {
        begin_section(aTHX_ history, line, size);
        return false;
    }
    /* AWStats may take a malformed line for the section's end: all lines from there on are left to
     * it. */
    if (*line == '<' || !history_line_split(&split, line, size)) {
        history->place = IN_OTHER_SECTION;
        return false;
    }
    if (*line == 'E' && is_end(aTHX_ history, &split)) {
        history->place = OUTSIDE;
        return false;
    }
    if (history->place == IN_OTHER_SECTION || record_field_is(&split.field[0], "0"))
        return false;
    history_set_key(aTHX_ history, split.field[0].text, split.field[0].size);
    return history->section.take(aTHX_ history, &split);
}

SV *history_next_line(pTHX_ struct history *history, PerlIO *file)
{
    SV *line = newSVpvs("");
    bool is_found = false;
    ENTER;
    SAVETMPS;
    while (!is_found && sv_gets(line, file, 0)) {
        is_found = !history_take(aTHX_ history, SvPVX_const(line), SvCUR(line));
        FREETMPS;
    }
    LEAVE;
    if (is_found)
        return line;
    SvREFCNT_dec(line);
    return NULL;
}
