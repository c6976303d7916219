/* The lines of sections, as AWStats' Save_History writes them. */
#include <string.h>

#include "history/internal.h"
#include "history/text.h"

/* ---- fields ---- */

void history_put(pTHX_ struct history *history, const char *text, size_t size)
{
    sv_catpvn_flags(history->out, text, size, SV_CATBYTES);
}

void history_put_number(pTHX_ struct history *history, UV number)
{
    char digits[HISTORY_TEXT_NUMBER_SIZE];
    history_put(aTHX_ history, digits, history_text_number(digits, number));
}

/* "$sv" */
static void put_value(pTHX_ struct history *history, SV *sv)
{
    if (sv && counters_is_plain(sv))
        history_put_number(aTHX_ history, SvUVX(sv));
    else if (sv && SvOK(sv))
        sv_catsv(history->out, sv);
}

/* " $sv" */
static void put_field(pTHX_ struct history *history, SV *sv)
{
    history_put(aTHX_ history, " ", 1);
    put_value(aTHX_ history, sv);
}

/* " $sv", and " 0" for NULL */
static void put_count(pTHX_ struct history *history, SV *sv)
{
    if (sv)
        put_field(aTHX_ history, sv);
    else
        history_put(aTHX_ history, " 0", 2);
}

/* Returns int($sv), mortal. */
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

/* int($sv), as put_count() writes it */
static void put_whole(pTHX_ struct history *history, SV *sv)
{
    put_count(aTHX_ history, sv && !counters_is_plain(sv) ? whole(aTHX_ sv) : sv);
}

/* Adds what one of text.h's functions writes of some bytes. */
static void put_as(pTHX_ struct history *history, size_t (*encode)(char *, const char *, size_t),
                   const char *text, size_t size)
{
    SV *out = history->out;
    if (SvUTF8(out)) {
        SV *part = sv_2mortal(newSV(size * HISTORY_TEXT_GROWTH + 1));
        history_put(aTHX_ history, SvPVX_const(part), encode(SvPVX(part), text, size));
        return;
    }
    STRLEN used = SvCUR(out);
    char *to = SvGROW(out, used + size * HISTORY_TEXT_GROWTH + 1);
    used += encode(to + used, text, size);
    to[used] = '\0';
    SvCUR_set(out, used);
}

/* Adds the current key as one of text.h's functions writes it. */
static void put_key(pTHX_ struct history *history, size_t (*encode)(char *, const char *, size_t))
{
    STRLEN size;
    const char *text = SvPV_const(history->key, size);
    put_as(aTHX_ history, encode, text, size);
}

/* XMLEncodeForHisto($sv); nothing for NULL */
static void put_encoded(pTHX_ struct history *history, SV *sv)
{
    STRLEN size;
    if (!sv)
        return;
    const char *text = SvPV_const(sv, size);
    if (!SvUTF8(sv)) {
        put_as(aTHX_ history, history_text_encode, text, size);
        return;
    }
    CV *encode = variables_function(&history->loop->variables, AWSTATS_XMLEncodeForHisto);
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    XPUSHs(sv);
    PUTBACK;
    SSize_t count = call_sv((SV *)encode, G_SCALAR);
    SPAGAIN;
    if (count > 0)
        sv_catsv(history->out, POPs);
    PUTBACK;
    FREETMPS;
    LEAVE;
}

void history_end_line(pTHX_ struct history *history)
{
    SV *out = history->out;
    history_put(aTHX_ history, "\n", 1);
    if (SvUTF8(out))
        sv_utf8_downgrade(out, TRUE);
    PerlIO_write(history->file, SvPVX_const(out), SvCUR(out)); /* closing reports a failure */
    SvCUR_set(out, 0);
    SvFLAGS(out) &= ~(U32)SVf_UTF8;
}

/* ---- lines ---- */

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

/* Counts a visit that is over: its length, and the page that it ended with. */
static void end_visit(pTHX_ struct history *history, SV *start, SV *last, SV *page)
{
    struct counters *counters = history->loop->counters;
    HV *const *visit = counters->hash[GROUP_VISIT];
    HV *exits = counters->hash[GROUP_URL][URL_EXIT];
    struct counter_key *range = &values_session(aTHX_ history->loop->values, start, last)->counter;
    counters_increment(aTHX_ counters_number(aTHX_ counters, range, GROUP_SESSION, HITS));
    counters_increment(aTHX_ HeVAL(hv_fetch_ent(exits, page, 1, 0)));
    (void)hv_delete_ent(visit[VISIT_START], history->key, G_DISCARD, history->hash);
    (void)hv_delete_ent(visit[VISIT_URL], history->key, G_DISCARD, history->hash);
}

void history_put_visitor(pTHX_ struct history *history)
{
    HV *const *host = history->loop->counters->hash[GROUP_HOST];
    HV *const *visit = history->loop->counters->hash[GROUP_VISIT];
    SV *last = history_true_in(aTHX_ history, visit[VISIT_LAST]);
    SV *start = last ? history_true_in(aTHX_ history, visit[VISIT_START]) : NULL;
    SV *page = start ? history_true_in(aTHX_ history, visit[VISIT_URL]) : NULL;
    STRLEN size;
    const char *name = SvPV_const(history->key, size);
    history->known_hosts += !history_text_is_address(name, size);
    history_put(aTHX_ history, name, size);
    put_counts(aTHX_ history, host, last);
    if (page && is_over(aTHX_ history, last)) {
        end_visit(aTHX_ history, start, last, page);
    } else if (page) {
        put_count(aTHX_ history, start);
        put_count(aTHX_ history, page);
    }
    history_end_line(aTHX_ history);
}

void history_put_page(pTHX_ struct history *history)
{
    HV *const *url = history->loop->counters->hash[GROUP_URL];
    put_key(aTHX_ history, history_text_page);
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[PAGES]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[BYTES]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[URL_ENTRY]));
    put_whole(aTHX_ history, history_true_in(aTHX_ history, url[URL_EXIT]));
    history_end_line(aTHX_ history);
}

void history_put_referer(pTHX_ struct history *history)
{
    HV *const *referer = history->loop->counters->hash[GROUP_PAGE_REFERER];
    put_key(aTHX_ history, history_text_referer);
    put_whole(aTHX_ history, history_true_in(aTHX_ history, referer[PAGES]));
    put_field(aTHX_ history, history_number_in(aTHX_ history, referer[HITS]));
    history_end_line(aTHX_ history);
}

void history_put_extra_row(pTHX_ struct history *history)
{
    HV *const *hash = history->extra->hash;
    put_key(aTHX_ history, history_text_encode);
    put_counts(aTHX_ history, hash, history_true_in(aTHX_ history, hash[LAST]));
    history_end_line(aTHX_ history);
}

/* An error page, with what ShowHTTPErrorsPageDetail names. */
void history_put_error_page(pTHX_ struct history *history)
{
    put_key(aTHX_ history, history_text_encode);
    put_field(aTHX_ history, history_number_in(aTHX_ history, history->error_pages[ERROR_HITS]));
    for (unsigned i = ERROR_REFERER; i < ERROR_HASHES; i++) {
        HV *hash = history->error_pages[i];
        if (i == ERROR_REFERER ? !history->loop->error_referers : !history->loop->error_hosts)
            continue;
        history_put(aTHX_ history, " ", 1);
        if (hash)
            put_encoded(aTHX_ history, history_true_in(aTHX_ history, hash));
    }
    history_end_line(aTHX_ history);
}
