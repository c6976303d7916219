#include <string.h>
#include <strings.h>

#include "history/internal.h"

/* ---- a line's numbers in AWStats' hashes ---- */

/* A line's numbers, up to the last one wanted; what it lacks is 0, as to Perl.  False when a field
 * is none. */
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
            count_add(aTHX_ history_number_in(aTHX_ history, hash[i]), (UV)number[i]);
    }
}

/* ---- the sections ---- */

static bool take_numbers(pTHX_ struct history *history, const struct history_line *line)
{
    uint64_t number[HISTORY_FIELDS];
    if (!numbers_of(line, HISTORY_FIELDS - 1, number))
        return false;
    add(aTHX_ history, history->section.hash, number, HISTORY_FIELDS - 1);
    return true;
}

/* The time that an unknown user agent came last, which is not older than the file's. */
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

/* Hosts that came again wait for this line: whether that was a new visit is AWStats' to find out.
 */
static bool take_visitor(pTHX_ struct history *history, const struct history_line *line)
{
    enum { BYTES_FIELD = 3, LAST_FIELD, START_FIELD, PAGE_FIELD };
    HV *const *waiting = history->loop->counters->hash[TALLY_WAITING];
    HV *const *visit = history->loop->counters->hash[TALLY_VISIT];
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
    if (line->fields > PAGE_FIELD && !field_is(&line->field[PAGE_FIELD], "0") &&
        !history_true_in(aTHX_ history, visit[VISIT_URL]))
        sv_setpvn(history_number_in(aTHX_ history, visit[VISIT_URL]), line->field[PAGE_FIELD].text,
                  line->field[PAGE_FIELD].size);
    return true;
}

/* Error pages: hits, and of the last one what ShowHTTPErrorsPageDetail names. */
static bool take_error_page(pTHX_ struct history *history, const struct history_line *line)
{
    const struct counters *counters = history->loop->counters;
    SV *code = history->code;
    uint64_t hits;
    if (line->fields < 2 || !history_number(&line->field[1], &hits))
        return false;
    if (hits)
        count_add(aTHX_ counter_below(aTHX_ counters->error_url, code, history->key), (UV)hits);
    STRLEN details;
    const char *detail = SvPV_const(history->error_details, details);
    for (unsigned i = 0; i < details; i++) {
        unsigned at = 2 + i;
        if (at >= line->fields || field_is(&line->field[at], "0"))
            break;
        HV *hash = NULL;
        if (detail[i] == 'R' || detail[i] == 'r') {
            hash = counters->error_referer;
            at = 2; /* AWStats takes the first, wherever the letter stands */
        } else if (detail[i] == 'H' || detail[i] == 'h') {
            hash = counters->error_host;
        }
        if (hash)
            sv_setpvn(counter_below(aTHX_ hash, code, history->key), line->field[at].text,
                      line->field[at].size);
    }
    return true;
}

static bool take_row(pTHX_ struct history *history, const struct history_line *line)
{
    enum { PAGES_FIELD = 1, HITS_FIELD, BYTES_FIELD, LAST_FIELD };
    const struct section *extra = history->section.extra;
    uint64_t number[HISTORY_FIELDS];
    if (line->fields <= HITS_FIELD || !numbers_of(line, LAST_FIELD, number))
        return false;
    if (extra->pages && number[PAGES_FIELD])
        count_add(aTHX_ history_number_in(aTHX_ history, extra->hash[PAGES]),
                  (UV)number[PAGES_FIELD]);
    count_add(aTHX_ history_number_in(aTHX_ history, extra->hash[HITS]), (UV)number[HITS_FIELD]);
    if (extra->bytes && number[BYTES_FIELD])
        count_add(aTHX_ history_number_in(aTHX_ history, extra->hash[BYTES]),
                  (UV)number[BYTES_FIELD]);
    if (extra->last && number[LAST_FIELD] && !history_true_in(aTHX_ history, extra->hash[LAST]))
        set_time(aTHX_ history_number_in(aTHX_ history, extra->hash[LAST]), (UV)number[LAST_FIELD]);
    return true;
}

/* ---- where a section begins and ends ---- */

static bool find_section(struct history *history, const struct field *name)
{
    const struct counters *counters = history->loop->counters;
    HV *const *host = counters->hash[TALLY_HOST], *const *url = counters->hash[TALLY_URL];
    HV *const *referer = counters->hash[TALLY_PAGE_REFERER];
    HV *const *agent = counters->hash[TALLY_UNKNOWN_AGENT];
    const struct {
        const char *name;
        struct history_section section;
    } known[] = {
        {"VISITOR", {take_visitor, {NULL, host[PAGES], host[HITS], host[BYTES]}, NULL}},
        {"SIDER",
         {take_numbers, {NULL, url[PAGES], url[BYTES], url[URL_ENTRY], url[URL_EXIT]}, NULL}},
        {"PAGEREFS", {take_numbers, {NULL, referer[PAGES], referer[HITS]}, NULL}},
        {"SEARCHWORDS", {take_numbers, {NULL, counters->hash[TALLY_PHRASE][HITS]}, NULL}},
        {"UNKNOWNREFERER", {take_time, {NULL, agent[UNKNOWN_OS]}, NULL}},
        {"UNKNOWNREFERERBROWSER", {take_time, {NULL, agent[UNKNOWN_BROWSER]}, NULL}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (field_is(name, known[i].name)) {
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

/* SIDER_404: of a code that AWStats keeps error pages of. */
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

/* "AWSTATS DATA FILE 7.8 (build 20200416)": files before 6.0 had other columns, and XML has tags.
 */
static bool is_recent(const char *line, size_t size)
{
    static const char start[] = "AWSTATS DATA FILE ";
    const size_t version = sizeof start - 1;
    return size > version + 2 && memcmp(line, start, version) == 0 && line[version] >= '6' &&
           line[version] <= '9' && line[version + 1] == '.';
}

static bool is_begin(const char *line, size_t size)
{
    return size >= sizeof "BEGIN_" && strncasecmp(line, "BEGIN_", sizeof "BEGIN_" - 1) == 0;
}

/* Outside of a section that is counted here, whether a line leaves it open how AWStats takes those
 * that follow: when it goes on with XML, has a CR, which AWStats removes wherever it stands, or
 * begins a section in another that may be none to AWStats. */
static bool is_doubtful(const struct history *history, const char *line, size_t size)
{
    static const char xml[] = "<xml";
    return (size >= sizeof xml && memcmp(line, xml, sizeof xml - 1) == 0) ||
           memchr(line, '\r', size) || (history->place == IN_OTHER_SECTION && is_begin(line, size));
}

/* "BEGIN_NAME ...".  Of a section that stands twice, AWStats loads the first. */
static void begin_section(pTHX_ struct history *history, const char *line, size_t size)
{
    struct history_line split;
    if (!is_begin(line, size))
        return;
    struct field name = {"", 0};
    if (history_line_split(&split, line, size))
        name = split.field[0];
    /* AWStats may see a section in what is odd; after that of unknown addresses, it loads no
     * visitors. */
    if (!starts_with(&name, "BEGIN_") || field_is(&name, "UNKNOWNIP")) {
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

/* Whether a line's first field is the one that ends the section. */
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
    /* AWStats may take what is odd for the section's end: from there on, it is all its. */
    if (*line == '<' || !history_line_split(&split, line, size)) {
        history->place = IN_OTHER_SECTION;
        return false;
    }
    if (*line == 'E' && is_end(aTHX_ history, &split)) {
        history->place = OUTSIDE;
        return false;
    }
    if (history->place == IN_OTHER_SECTION || field_is(&split.field[0], "0"))
        return false;
    history_set_key(aTHX_ history, split.field[0].text, split.field[0].size);
    return history->section.take(aTHX_ history, &split);
}
