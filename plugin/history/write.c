#include <string.h>
#include <strings.h>

#include "history/internal.h"

/* ---- a line ---- */

static void put(pTHX_ struct history *history, const char *text, size_t size)
{
    sv_catpvn_flags(history->out, text, size, SV_CATBYTES);
}

static void put_text(pTHX_ struct history *history, const char *text)
{
    put(aTHX_ history, text, strlen(text));
}

static void put_number(pTHX_ struct history *history, UV number)
{
    char digits[24], *start = digits + sizeof digits;
    do {
        *--start = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    put(aTHX_ history, start, (size_t)(digits + sizeof digits - start));
}

/* "$sv" */
static void put_value(pTHX_ struct history *history, SV *sv)
{
    if (sv && is_plain(sv))
        put_number(aTHX_ history, SvUVX(sv));
    else if (sv && SvOK(sv))
        sv_catsv(history->out, sv);
}

/* " $sv" */
static void put_field(pTHX_ struct history *history, SV *sv)
{
    put(aTHX_ history, " ", 1);
    put_value(aTHX_ history, sv);
}

/* The same, but " 0" for NULL. */
static void put_count(pTHX_ struct history *history, SV *sv)
{
    if (sv)
        put_field(aTHX_ history, sv);
    else
        put(aTHX_ history, " 0", 2);
}

/* int($sv) */
static SV *whole(pTHX_ SV *sv)
{
    (void)SvIV(sv);
    if (SvIOK(sv))
        return sv_2mortal(SvIsUV(sv) ? newSVuv(SvUVX(sv)) : newSViv(SvIVX(sv)));
    NV number = SvNV(sv);
    if (number >= 0 && number < (NV)UV_MAX + 0.5)
        return sv_2mortal(newSVuv(U_V(number)));
    if (number < 0 && number > (NV)IV_MIN - 0.5)
        return sv_2mortal(newSViv(I_V(number)));
    return sv_2mortal(newSVnv(number < 0 ? Perl_ceil(number) : Perl_floor(number)));
}

/* int($sv) in the same way as put_count(). */
static void put_whole(pTHX_ struct history *history, SV *sv)
{
    put_count(aTHX_ history, sv && !is_plain(sv) ? whole(aTHX_ sv) : sv);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes as XMLEncodeForHisto has them. */
static void put_encoded(pTHX_ struct history *history, const char *text, size_t size)
{
    size_t start = 0;
    for (size_t at = 0; at < size; at++) {
        if (is_space(text[at])) {
            put(aTHX_ history, text + start, at - start);
            put(aTHX_ history, "%20", 3);
            start = at + 1;
        }
    }
    put(aTHX_ history, text + start, size - start);
}

static void put_encoded_value(pTHX_ struct history *history, SV *sv)
{
    STRLEN size;
    if (!sv)
        return;
    const char *text = SvPV_const(sv, size);
    if (!SvUTF8(sv)) {
        put_encoded(aTHX_ history, text, size);
        return;
    }
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    XPUSHs(sv);
    PUTBACK;
    SSize_t count = call_sv(
        (SV *)variables_function(&history->loop->variables, AWSTATS_XMLEncodeForHisto), G_SCALAR);
    SPAGAIN;
    if (count > 0)
        sv_catsv(history->out, POPs);
    PUTBACK;
    FREETMPS;
    LEAVE;
}

/* Writes the line, and begins the next. */
static void end_line(pTHX_ struct history *history)
{
    SV *out = history->out;
    put(aTHX_ history, "\n", 1);
    if (SvUTF8(out))
        sv_utf8_downgrade(out, TRUE);
    PerlIO_write(history->file, SvPVX_const(out), SvCUR(out)); /* a fault is seen on closing */
    SvCUR_set(out, 0);
    SvUTF8_off(out);
}

/* ---- the lines of each section, for the key at hand ---- */

/* Pages, hits and bytes, and the last time; NULL: there is none. */
static void put_counts(pTHX_ struct history *history, HV *const *hash, SV *last)
{
    put_count(aTHX_ history, history_true_in(aTHX_ history, hash[PAGES]));
    put_field(aTHX_ history, history_number_in(aTHX_ history, hash[HITS]));
    put_count(aTHX_ history, history_true_in(aTHX_ history, hash[BYTES]));
    put_field(aTHX_ history, last);
}

/* ($last + $VISITTIMEOUT) < $LastLine */
static bool is_over(pTHX_ const struct history *history, SV *last)
{
    SV *newest = history->loop->awstats.last_line;
    return SvNV(last) + (NV)history->loop->visit_timeout < SvNV(newest);
}

/* The visit is counted: how long it was, and the page that it ended with. */
static void end_visit(pTHX_ struct history *history, SV *start, SV *last, SV *page)
{
    struct counters *counters = history->loop->counters;
    HV *const *visit = counters->hash[TALLY_VISIT];
    struct item *range = &values_session(aTHX_ history->loop->values, start, last)->item;
    count_one(aTHX_ counter(aTHX_ counters, range, TALLY_SESSION, HITS));
    count_one(aTHX_ HeVAL(hv_fetch_ent(counters->hash[TALLY_URL][URL_EXIT], page, 1, 0)));
    (void)hv_delete_ent(visit[VISIT_START], history->key, G_DISCARD, history->hash);
    (void)hv_delete_ent(visit[VISIT_URL], history->key, G_DISCARD, history->hash);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What AWStats takes for an address that has no name: digits and three points, or hexadecimal
 * digits and a colon. */
static bool is_address(const char *text, size_t size)
{
    size_t end = size > 0 && text[size - 1] == '\n' ? size - 1 : size, points = 0, at = 0;
    for (; at < end && (is_digit(text[at]) || text[at] == '.'); at++) {
        if (text[at] != '.')
            continue;
        points++;
        if (at == 0 || text[at - 1] == '.' || at + 1 == end)
            break;
    }
    if (at == end && points == 3)
        return true;
    at = 0;
    while (at < size && (is_digit(text[at]) || ((text[at] | 32) >= 'a' && (text[at] | 32) <= 'f')))
        at++;
    return at < size && text[at] == ':';
}

static void put_visitor(pTHX_ struct history *history)
{
    HV *const *host = history->loop->counters->hash[TALLY_HOST];
    HV *const *visit = history->loop->counters->hash[TALLY_VISIT];
    SV *last = history_true_in(aTHX_ history, visit[VISIT_LAST]);
    SV *start = last ? history_true_in(aTHX_ history, visit[VISIT_START]) : NULL;
    SV *page = start ? history_true_in(aTHX_ history, visit[VISIT_URL]) : NULL;
    STRLEN size;
    const char *name = SvPV_const(history->key, size);
    history->known_hosts += !is_address(name, size);
    put(aTHX_ history, name, size);
    put_counts(aTHX_ history, host, last);
    if (page && is_over(aTHX_ history, last)) {
        end_visit(aTHX_ history, start, last, page);
    } else if (page) {
        put_count(aTHX_ history, start);
        put_count(aTHX_ history, page);
    }
    end_line(aTHX_ history);
}

/* Without the second of two slashes, but in http:// */
static void put_page(pTHX_ struct history *history)
{
    HV *const *url = history->loop->counters->hash[TALLY_URL];
    STRLEN size;
    const char *text = SvPV_const(history->key, size);
    size_t start = 0;
    for (size_t at = 0; at + 2 < size; at++) {
        if (text[at] != ':' && text[at + 1] == '/' && text[at + 2] == '/') {
            put_encoded(aTHX_ history, text + start, at + 2 - start);
            start = at + 3;
            at += 2;
        }
    }
    put_encoded(aTHX_ history, text + start, size - start);
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[PAGES]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[BYTES]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[URL_ENTRY]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[URL_EXIT]));
    end_line(aTHX_ history);
}

/* Without the slash of a site's first page. */
static void put_referer(pTHX_ struct history *history)
{
    HV *const *referer = history->loop->counters->hash[TALLY_PAGE_REFERER];
    STRLEN size;
    const char *text = SvPV_const(history->key, size);
    size_t start = 4, end = size;
    if (end > 0 && text[end - 1] == '\n')
        end--;
    if (size > start && (text[start] == 's' || text[start] == 'S'))
        start++;
    bool is_site = end > start + 4 && strncasecmp(text, "http", 4) == 0 &&
                   memcmp(text + start, "://", 3) == 0 &&
                   memchr(text + start + 3, '/', end - start - 3) == text + end - 1;
    if (is_site) {
        put_text(aTHX_ history, "http");
        put_encoded(aTHX_ history, text + 4, end - 5);
        put_encoded(aTHX_ history, text + end, size - end);
    } else {
        put_encoded(aTHX_ history, text, size);
    }
    put_whole(aTHX_ history, history_true_in(aTHX_ history, referer[PAGES]));
    put_field(aTHX_ history, history_number_in(aTHX_ history, referer[HITS]));
    end_line(aTHX_ history);
}

static void put_row(pTHX_ struct history *history)
{
    HV *const *hash = history->extra->hash;
    STRLEN size;
    const char *text = SvPV_const(history->key, size);
    put_encoded(aTHX_ history, text, size);
    put_counts(aTHX_ history, hash, history_true_in(aTHX_ history, hash[LAST]));
    end_line(aTHX_ history);
}

/* An error page, with what ShowHTTPErrorsPageDetail names. */
static void put_error_page(pTHX_ struct history *history)
{
    STRLEN size;
    const char *text = SvPV_const(history->key, size);
    put_encoded(aTHX_ history, text, size);
    put_field(aTHX_ history, history_number_in(aTHX_ history, history->error_pages[ERROR_HITS]));
    for (unsigned i = ERROR_REFERER; i < ERROR_HASHES; i++) {
        HV *hash = history->error_pages[i];
        if (i == ERROR_REFERER ? !history->loop->error_referers : !history->loop->error_hosts)
            continue;
        put(aTHX_ history, " ", 1);
        if (hash)
            put_encoded_value(aTHX_ history, history_true_in(aTHX_ history, hash));
    }
    end_line(aTHX_ history);
}

/* ---- whole sections ---- */

/* Comment, and the line that the section begins with, whose place AWStats wants to know. */
static void begin_section(pTHX_ struct history *history, const char *section, SV *comment,
                          const char *name, HV *lines)
{
    HV *places = variables_hash(&history->loop->variables, AWSTATS_ValueInFile);
    PerlIO_write(history->file, SvPVX_const(comment), SvCUR(comment));
    (void)hv_store(places, section, (I32)strlen(section), newSViv((IV)PerlIO_tell(history->file)),
                   0);
    put_text(aTHX_ history, "BEGIN_");
    put_text(aTHX_ history, name);
    put(aTHX_ history, " ", 1);
    put_number(aTHX_ history, lines ? HvUSEDKEYS(lines) : 0);
    end_line(aTHX_ history);
}

static void end_section(pTHX_ struct history *history, const char *name)
{
    put_text(aTHX_ history, "END_");
    put_text(aTHX_ history, name);
    end_line(aTHX_ history);
}

typedef void put_line(pTHX_ struct history *history);

/* A line for each key, in the order that perl has them in, but for those that have one already. */
static void put_others(pTHX_ struct history *history, HV *lines, put_line *put_one)
{
    HE *entry;
    hv_iterinit(lines);
    while ((entry = hv_iternext(lines))) {
        STRLEN size;
        const char *key = HePV(entry, size);
        history_set_key(aTHX_ history, key, size);
        if (!hv_exists_ent(history->listed, history->key, history->hash))
            put_one(aTHX_ history);
    }
}

/* First a line for each key that AWStats lists: those that have most in BY. */
static void put_sorted(pTHX_ struct history *history, HV *lines, HV *by, SV *max, SV *min,
                       put_line *put_one)
{
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    EXTEND(SP, 4);
    PUSHs(max);
    PUSHs(min);
    mPUSHs(newRV_inc((SV *)lines));
    mPUSHs(newRV_inc((SV *)by));
    PUTBACK;
    call_sv((SV *)variables_function(&history->loop->variables, AWSTATS_BuildKeyList),
            G_VOID | G_DISCARD);
    FREETMPS;
    LEAVE;
    AV *list = variables_array(&history->loop->variables, AWSTATS_keylist);
    for (SSize_t i = 0; i <= av_len(list); i++) {
        STRLEN size;
        const char *key = SvPV_const(*av_fetch(list, i, 1), size);
        history_set_key(aTHX_ history, key, size);
        (void)hv_store_ent(history->listed, history->key, newSV(0), history->hash);
        put_one(aTHX_ history);
    }
    put_others(aTHX_ history, lines, put_one);
    hv_clear(history->listed);
}

/* $hash{name}, as perl hands it to a function */
static SV *limit(pTHX_ const struct history *history, enum variable hash, const char *name)
{
    SV **sv = hv_fetch(variables_hash(&history->loop->variables, hash), name, (I32)strlen(name), 0);
    return sv ? *sv : &PL_sv_undef;
}

static void save_visitors(pTHX_ struct history *history, SV *year, SV *month)
{
    HV *const *host = history->loop->counters->hash[TALLY_HOST];
    SV *max = limit(aTHX_ history, AWSTATS_MaxNbOf, "HostsShown");
    begin_section(
        aTHX_ history, "visitor",
        sv_2mortal(newSVpvf(
            "\n# Host - Pages - Hits - Bandwidth - Last visit date - [Start date of last visit] - "
            "[Last page of last visit]\n"
            "# [Start date of last visit] and [Last page of last visit] are saved only if session "
            "is not finished\n"
            "# The %" SVf " first Hits must be first (order not required for others)\n",
            SVfARG(max))),
        "VISITOR", host[HITS]);
    history->known_hosts = 0;
    put_sorted(aTHX_ history, host[HITS], host[PAGES], max,
               limit(aTHX_ history, AWSTATS_MinHit, "Host"), put_visitor);
    const struct {
        enum variable hash;
        UV number;
    } month_numbers[] = {
        {AWSTATS_MonthUnique, HvUSEDKEYS(host[PAGES])},
        {AWSTATS_MonthHostsKnown, history->known_hosts},
        {AWSTATS_MonthHostsUnknown, HvUSEDKEYS(host[HITS]) - history->known_hosts},
    };
    SV *key = sv_2mortal(newSVpvf("%" SVf "%" SVf, SVfARG(year), SVfARG(month)));
    for (size_t i = 0; i < sizeof month_numbers / sizeof month_numbers[0]; i++)
        sv_setuv(HeVAL(hv_fetch_ent(
                     variables_hash(&history->loop->variables, month_numbers[i].hash), key, 1, 0)),
                 month_numbers[i].number);
    end_section(aTHX_ history, "VISITOR");
}

static void save_pages(pTHX_ struct history *history)
{
    HV *pages = history->loop->counters->hash[TALLY_URL][PAGES];
    SV *max = limit(aTHX_ history, AWSTATS_MaxNbOf, "PageShown");
    begin_section(aTHX_ history, "sider",
                  sv_2mortal(newSVpvf(
                      "\n# URL - Pages - Bandwidth - Entry - Exit\n"
                      "# The %" SVf " first Pages must be first (order not required for others)\n",
                      SVfARG(max))),
                  "SIDER", pages);
    put_sorted(aTHX_ history, pages, pages, max, limit(aTHX_ history, AWSTATS_MinHit, "File"),
               put_page);
    end_section(aTHX_ history, "SIDER");
}

static void save_referers(pTHX_ struct history *history)
{
    HV *const *referer = history->loop->counters->hash[TALLY_PAGE_REFERER];
    SV *max = limit(aTHX_ history, AWSTATS_MaxNbOf, "RefererShown");
    begin_section(aTHX_ history, "pagerefs",
                  sv_2mortal(newSVpvf(
                      "\n# External page referers - Pages - Hits\n"
                      "# The %" SVf " first Pages must be first (order not required for others)\n",
                      SVfARG(max))),
                  "PAGEREFS", referer[HITS]);
    put_sorted(aTHX_ history, referer[HITS], referer[PAGES], max,
               limit(aTHX_ history, AWSTATS_MinHit, "Refer"), put_referer);
    end_section(aTHX_ history, "PAGEREFS");
}

static void save_row_section(pTHX_ struct history *history, unsigned number)
{
    char section[32], name[32];
    const struct section *extra = &history->loop->section[number - 1];
    snprintf(section, sizeof section, "extra_%u", number);
    snprintf(name, sizeof name, "EXTRA_%u", number);
    SV *max = *av_fetch(variables_array(&history->loop->variables, AWSTATS_MaxNbOfExtra),
                        (SSize_t)number, 1);
    SV *min = *av_fetch(variables_array(&history->loop->variables, AWSTATS_MinHitExtra),
                        (SSize_t)number, 1);
    begin_section(aTHX_ history, section,
                  sv_2mortal(newSVpvf("\n# Extra key - Pages - Hits - Bandwidth - Last access\n"
                                      "# The %" SVf " first number of hits are first\n",
                                      SVfARG(max))),
                  name, extra->hash[HITS]);
    history->extra = extra;
    put_sorted(aTHX_ history, extra->hash[HITS], extra->hash[PAGES], max, min, put_row);
    end_section(aTHX_ history, name);
}

/* $hash{code}, when that is a hash */
static HV *hash_below(pTHX_ HV *hash, const char *code)
{
    SV **sv = hv_fetch(hash, code, (I32)strlen(code), 0);
    return sv && SvROK(*sv) && SvTYPE(SvRV(*sv)) == SVt_PVHV ? (HV *)SvRV(*sv) : NULL;
}

static void save_error_pages(pTHX_ struct history *history, const char *section, const char *code)
{
    const struct update_loop *loop = history->loop;
    SV *name = sv_2mortal(newSVpvf("SIDER_%s", code));
    HV *pages = history->error_pages[ERROR_HITS];
    begin_section(aTHX_ history, section,
                  sv_2mortal(newSVpvf("\n# URL with %s errors - Hits%s%s\n", code,
                                      loop->error_referers ? " - Last URL referrer" : "",
                                      loop->error_hosts ? " - Host" : "")),
                  SvPVX_const(name), pages);
    if (pages)
        put_others(aTHX_ history, pages, put_error_page);
    end_section(aTHX_ history, SvPVX_const(name));
}

/* Whether a hash has keys that are bytes to perl, all of them. */
static bool has_plain_keys(const HV *hash)
{
    return !HvHASKFLAGS(hash);
}

/* The number behind a section's name; 0 when it is another section, or of no extra section. */
static unsigned extra_number(const struct history *history, const char *section)
{
    static const char extra[] = "extra_";
    uint64_t number;
    if (strncmp(section, extra, sizeof extra - 1) != 0)
        return 0;
    const struct field digits = {section + sizeof extra - 1, strlen(section) - (sizeof extra - 1)};
    return history_number(&digits, &number) && number <= history->loop->sections ? (unsigned)number
                                                                                 : 0;
}

static bool find_error_pages(pTHX_ struct history *history, const char *section)
{
    static const char sider[] = "sider_";
    const struct counters *counters = history->loop->counters;
    HV *trapped = variables_hash(&history->loop->variables, AWSTATS_TrapInfosForHTTPErrorCodes);
    HV *const all[ERROR_HASHES] = {counters->error_url, counters->error_referer,
                                   counters->error_host};
    const char *code = section + sizeof sider - 1;
    if (strncmp(section, sider, sizeof sider - 1) != 0 ||
        !hv_exists(trapped, code, (I32)strlen(code)))
        return false;
    for (unsigned i = 0; i < ERROR_HASHES; i++)
        history->error_pages[i] = hash_below(aTHX_ all[i], code);
    HV *pages = history->error_pages[ERROR_HITS];
    return !pages || has_plain_keys(pages);
}

bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month)
{
    const struct counters *counters = history->loop->counters;
    IO *io = GvIO(variables_glob(&history->loop->variables, AWSTATS_HISTORYTMP));
    history->file = io ? IoOFP(io) : NULL;
    if (!history->file || PerlIO_isutf8(history->file))
        return false;
    unsigned number = extra_number(history, section);
    if (number && has_plain_keys(history->loop->section[number - 1].hash[HITS]))
        save_row_section(aTHX_ history, number);
    else if (find_error_pages(aTHX_ history, section))
        save_error_pages(aTHX_ history, section, strchr(section, '_') + 1);
    else if (strcmp(section, "visitor") == 0 && has_plain_keys(counters->hash[TALLY_HOST][HITS]))
        save_visitors(aTHX_ history, year, month);
    else if (strcmp(section, "sider") == 0 && has_plain_keys(counters->hash[TALLY_URL][PAGES]))
        save_pages(aTHX_ history);
    else if (strcmp(section, "pagerefs") == 0 &&
             has_plain_keys(counters->hash[TALLY_PAGE_REFERER][HITS]))
        save_referers(aTHX_ history);
    else
        return false;
    return true;
}
