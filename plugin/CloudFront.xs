/* Glue between Perl and the feed; everything that is worth a test is in feed.c. */
#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include "feed.h"

typedef struct feed *AWStats__CloudFront__Feed;

/* The feed of a tied handle; NULL when it has none, or has been moved away from it by a seek. */
static struct feed *
feed_of(pTHX_ SV *handle)
{
    SV **feed;

    if (!SvROK(handle) || SvTYPE(SvRV(handle)) != SVt_PVHV)
        croak("not a handle of AWStats::CloudFront");
    feed = hv_fetchs((HV *)SvRV(handle), "feed", 0);
    return feed && SvROK(*feed) ? INT2PTR(struct feed *, SvIV(SvRV(*feed))) : NULL;
}

/* The next line as a new SV; NULL when there is none, for whatever reason. */
static SV *
next_line(pTHX_ struct feed *feed)
{
    const char *line;
    size_t size;
    enum feed_result result;

    while ((result = feed_line(feed, &line, &size)) == FEED_INTERRUPTED)
        PERL_ASYNC_CHECK();
    return result == FEED_LINE ? newSVpvn(line, size) : NULL;
}

/* Calls a method of the handle, which may move the stack. */
static void
notify(pTHX_ SV *handle, const char *method)
{
    dSP;

    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    XPUSHs(handle);
    PUTBACK;
    call_method(method, G_VOID | G_DISCARD);
    FREETMPS;
    LEAVE;
}

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront

PROTOTYPES: DISABLE

TYPEMAP: <<END
AWStats::CloudFront::Feed T_PTROBJ
END

void
READLINE(SV *handle)
  PREINIT:
    struct feed *feed;
    enum feed_kind kind;
    SV *line = NULL;
  PPCODE:
    feed = feed_of(aTHX_ handle);
    if (feed) {
        while (kind = feed_kind(feed), (line = next_line(aTHX_ feed))) {
            XPUSHs(sv_2mortal(line));
            if (feed_kind(feed) != kind) {
                PUTBACK;
                notify(aTHX_ handle, "at_first_record");
                SPAGAIN;
            }
            if (GIMME_V != G_LIST)
                break;
        }
        if (!line) {
            PUTBACK;
            notify(aTHX_ handle, "at_end");
            SPAGAIN;
        }
    }
    if (!line && GIMME_V != G_LIST)
        XPUSHs(&PL_sv_undef);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Feed

AWStats::CloudFront::Feed
new(SV *class, int fd)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = feed_new(fd);
    if (!RETVAL)
        croak("out of memory");
  OUTPUT:
    RETVAL

const char *
fault(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_fault(feed);
  OUTPUT:
    RETVAL

bool
is_streaming(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_kind(feed) == FEED_STREAMING;
  OUTPUT:
    RETVAL

bool
at_end(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_at_end(feed);
  OUTPUT:
    RETVAL

UV
offset(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = (UV)feed_offset(feed);
  OUTPUT:
    RETVAL

void
DESTROY(AWStats::CloudFront::Feed feed)
  CODE:
    feed_free(feed);
