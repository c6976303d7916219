/* The functions of AWStats::CloudFront::Embedded that are written in C.  The comment above each has its call in Perl
 * and its result. */
#define PERL_NO_GET_CONTEXT
#include "embedded/calls.h"

#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include "embedded/source_text.h"

/* Returns the options that calls_define() has stored in a function. */
static const struct embedded_options *options_of(const CV *cv)
{
    return CvXSUBANY(cv).any_ptr;
}

/* Returns the log of these options, for a function that needs one. */
static const struct embedded_log *log_of(pTHX_ const CV *cv)
{
    const struct embedded_log *log = options_of(cv)->log;
    if (!log)
        Perl_croak(aTHX_ "internal error: awstats.pl was started without a log; please report it");
    return log;
}

/* folder(): the folder that has plugins/cloudfront.pm. */
XS_INTERNAL(xs_folder)
{
    dXSARGS;
    PERL_UNUSED_VAR(items);
    EXTEND(SP, 1);
    ST(0) = sv_2mortal(newSVpv(options_of(cv)->plugin, 0));
    XSRETURN(1);
}

/* leave_out_pages(): see embedded/source_text.h. */
XS_INTERNAL(xs_leave_out_pages)
{
    dXSARGS;
    PERL_UNUSED_VAR(items);
    source_text_leave_out_pages(aTHX);
    XSRETURN_EMPTY;
}

/* batch_log(): the site, the configuration file, whether this is a dry run, the memory, and how many sites are
 * updated at once; an empty list without a log. */
XS_INTERNAL(xs_batch_log)
{
    dXSARGS;
    const struct embedded_log *log = options_of(cv)->log;
    PERL_UNUSED_VAR(items);
    if (!log)
        XSRETURN_EMPTY;
    EXTEND(SP, 5);
    ST(0) = sv_2mortal(newSVpv(log->site, 0));
    ST(1) = sv_2mortal(newSVpv(log->config, 0));
    ST(2) = boolSV(log->dry_run);
    ST(3) = sv_2mortal(newSVuv((UV)log->memory));
    ST(4) = sv_2mortal(newSVuv((UV)log->sites));
    XSRETURN(5);
}

/* stream(): an AWStats::CloudFront::Stream, for AWStats::CloudFront::Feed. */
XS_INTERNAL(xs_stream)
{
    dXSARGS;
    const struct embedded_log *log = log_of(aTHX_ cv);
    PERL_UNUSED_VAR(items);
    EXTEND(SP, 1);
    ST(0) = sv_newmortal();
    sv_setref_pv(ST(0), "AWStats::CloudFront::Stream", (void *)&log->stream);
    XSRETURN(1);
}

static SV *text_of(pTHX_ const char *text)
{
    return sv_2mortal(newSVpv(text ? text : "", 0));
}

/* wait(): the error of the log, or "". */
XS_INTERNAL(xs_wait)
{
    dXSARGS;
    const struct embedded_log *log = log_of(aTHX_ cv);
    PERL_UNUSED_VAR(items);
    EXTEND(SP, 1);
    ST(0) = text_of(aTHX_ log->wait(log->user));
    XSRETURN(1);
}

/* abandon() */
XS_INTERNAL(xs_abandon)
{
    dXSARGS;
    const struct embedded_log *log = log_of(aTHX_ cv);
    PERL_UNUSED_VAR(items);
    log->abandon(log->user);
    XSRETURN_EMPTY;
}

/* Returns the text NAME of a hash; "" when the hash does not have it. */
static const char *member_of(pTHX_ SV *hash, const char *name)
{
    SV **member = SvROK(hash) && SvTYPE(SvRV(hash)) == SVt_PVHV
                      ? hv_fetch((HV *)SvRV(hash), name, (I32)strlen(name), 0)
                      : NULL;
    return member && SvOK(*member) ? SvPV_nolen(*member) : "";
}

/* commit(\%COUNTED): an error, or "". */
XS_INTERNAL(xs_commit)
{
    dXSARGS;
    const struct embedded_log *log = log_of(aTHX_ cv);
    if (items != 1)
        croak_xs_usage(cv, "counted");
    const struct embedded_counted counted = {.previous = member_of(aTHX_ ST(0), "previous"),
                                             .history = member_of(aTHX_ ST(0), "history"),
                                             .files = member_of(aTHX_ ST(0), "files"),
                                             .figures = member_of(aTHX_ ST(0), "figures"),
                                             .periods = member_of(aTHX_ ST(0), "periods")};
    ST(0) = text_of(aTHX_ log->commit(log->user, &counted));
    XSRETURN(1);
}

/* tell(LINE) */
XS_INTERNAL(xs_tell)
{
    dXSARGS;
    const struct embedded_log *log = log_of(aTHX_ cv);
    if (items != 1)
        croak_xs_usage(cv, "line");
    log->tell(log->user, SvPV_nolen(ST(0)));
    XSRETURN_EMPTY;
}

void calls_define(const struct embedded_options *options)
{
    static const struct {
        const char *name;
        XSUBADDR_t function;
    } calls[] = {
        {"AWStats::CloudFront::Embedded::folder", xs_folder},
        {"AWStats::CloudFront::Embedded::leave_out_pages", xs_leave_out_pages},
        {"AWStats::CloudFront::Embedded::batch_log", xs_batch_log},
        {"AWStats::CloudFront::Embedded::stream", xs_stream},
        {"AWStats::CloudFront::Embedded::wait", xs_wait},
        {"AWStats::CloudFront::Embedded::abandon", xs_abandon},
        {"AWStats::CloudFront::Embedded::commit", xs_commit},
        {"AWStats::CloudFront::Embedded::tell", xs_tell},
    };
    dTHX;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        CV *cv = newXS(calls[i].name, calls[i].function, __FILE__);
        CvXSUBANY(cv).any_ptr = (void *)options;
    }
}
