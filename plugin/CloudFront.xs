/* Connects Perl with the plugin's C: the feed, the dispatcher, the update loop and history files. */
#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <stdbool.h>

#include "feed/feed.h"
#include "normalized/columns.h"
#include "history/history.h"
#include "awstats/lexicals.h"
#include "awstats/variables.h"
#include "loop/delegated.h"
#include "loop/loop.h"
#include "loop/tally.h"
#include "normalized/figures.h"
#include "feed/process.h"
#include "awstats/pattern_list.h"
#include "dispatch/dispatcher.h"
#include "threads/processors.h"

typedef struct feed *AWStats__CloudFront__Feed;
typedef struct dispatcher *AWStats__CloudFront__Dispatcher;
typedef struct update_loop *AWStats__CloudFront__Loop;
typedef struct delegated *AWStats__CloudFront__Delegated;
typedef struct tally *AWStats__CloudFront__Tally;
typedef struct history *AWStats__CloudFront__HistoryFile;
typedef struct pattern_list *AWStats__CloudFront__SearchList;

/* Returns the C object below SV, which must be of CLASS; NULL when SV is undefined. */
static void *
object_of(pTHX_ SV *sv, const char *class)
{
    if (!sv || !SvOK(sv))
        return NULL;
    if (!SvROK(sv) || !sv_derived_from(sv, class))
        croak("internal error: not an object of %s; install the plugin cloudfront again", class);
    return INT2PTR(void *, SvIV(SvRV(sv)));
}

/* Returns the value of a name in a tied handle, which is a blessed hash; NULL when the handle lacks the name. */
static SV *
field_of(pTHX_ SV *handle, const char *name)
{
    SV **field;

    if (!SvROK(handle) || SvTYPE(SvRV(handle)) != SVt_PVHV)
        croak("internal error: not a handle of AWStats::CloudFront; install the plugin cloudfront again");
    field = hv_fetch((HV *)SvRV(handle), name, (I32)strlen(name), 0);
    return field ? *field : NULL;
}

/* Calls the handle's method act for an event.  The method may move the stack, and free the dispatcher. */
static void
act(pTHX_ SV *handle, enum dispatch_event event, const char *line, size_t size)
{
    const char *name = dispatcher_event_name(event);
    dSP;

    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    XPUSHs(handle);
    mXPUSHp(name, strlen(name));
    if (size)
        mXPUSHp(line, size);
    PUTBACK;
    call_method("act", G_VOID | G_DISCARD);
    FREETMPS;
    LEAVE;
}

/* Returns the next line for AWStats as a new SV.  NULL at the end, and after a seek, which removes the
 * dispatcher. */
static SV *
next_for_awstats(pTHX_ SV *handle)
{
    struct dispatcher *dispatcher;
    enum dispatch_event event = DISPATCH_END;
    const char *line;
    size_t size;
    SV *sv = NULL;

    ENTER;
    SAVETMPS;
    while ((dispatcher = object_of(aTHX_ field_of(aTHX_ handle, "dispatcher"),
                               "AWStats::CloudFront::Dispatcher")) != NULL) {
        event = dispatcher_next(aTHX_ dispatcher, &line, &size);
        if (event == DISPATCH_LINE)
            sv = newSVpvn(line, size);
        else
            act(aTHX_ handle, event, line, size);
        if (event == DISPATCH_LINE || event == DISPATCH_END)
            break;
    }
    FREETMPS;
    LEAVE;
    return sv;
}

/* Returns the file that a tied handle reads; NULL when it is closed. */
static PerlIO *
file_of(pTHX_ SV *handle)
{
    SV *file = field_of(aTHX_ handle, "file");
    IO *io = file && SvROK(file) ? sv_2io(file) : NULL;

    return io ? IoIFP(io) : NULL;
}

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront

PROTOTYPES: DISABLE

TYPEMAP: <<END
AWStats::CloudFront::Feed T_PTROBJ
AWStats::CloudFront::Dispatcher T_PTROBJ
AWStats::CloudFront::Loop T_PTROBJ
AWStats::CloudFront::Delegated T_PTROBJ
AWStats::CloudFront::Tally T_PTROBJ
AWStats::CloudFront::HistoryFile T_PTROBJ
AWStats::CloudFront::SearchList T_PTROBJ
END

bool
CLONE_SKIP(...)
  ALIAS:
    AWStats::CloudFront::Feed::CLONE_SKIP = 1
    AWStats::CloudFront::Dispatcher::CLONE_SKIP = 2
    AWStats::CloudFront::Loop::CLONE_SKIP = 3
    AWStats::CloudFront::HistoryFile::CLONE_SKIP = 4
    AWStats::CloudFront::SearchList::CLONE_SKIP = 5
    AWStats::CloudFront::Delegated::CLONE_SKIP = 6
    AWStats::CloudFront::Tally::CLONE_SKIP = 7
  CODE:
    /* A thread gets none of these objects: two threads would free the same C structure. */
    PERL_UNUSED_VAR(ix);
    PERL_UNUSED_VAR(items);
    RETVAL = true;
  OUTPUT:
    RETVAL

IV
cores()
  CODE:
    RETVAL = (IV)processors_count();
  OUTPUT:
    RETVAL

IV
start_process(int input, int output, int errors, ...)
  PREINIT:
    char **arguments;
    int i;
  CODE:
    /* Returns the result of process_start(), which sets $! by errno; the program and its arguments are last. */
    if (items < 4)
        croak("internal error: no program to start; install the plugin cloudfront again");
    Newxz(arguments, items - 2, char *);
    SAVEFREEPV(arguments);
    for (i = 3; i < items; i++)
        arguments[i - 3] = SvPV_nolen(ST(i));
    PERL_FLUSHALL_FOR_CHILD;
    RETVAL = (IV)process_start(arguments, input, output, errors);
  OUTPUT:
    RETVAL

void
flush_output()
  CODE:
    PERL_FLUSHALL_FOR_CHILD;

void
lexicals(CV *function, ...)
  PREINIT:
    int i;
  PPCODE:
    /* Returns references to the variables that the other arguments name; undef for each that is missing. */
    for (i = 1; i < items; i++) {
        STRLEN size;
        const char *name = SvPV(ST(i), size);
        SV *variable = lexicals_find(aTHX_ function, name, size);
        ST(i - 1) = variable ? sv_2mortal(newRV_inc(variable)) : &PL_sv_undef;
    }
    XSRETURN(items - 1);

void
missing_variables()
  PREINIT:
    AV *missing;
    SSize_t i;
  PPCODE:
    /* Returns the variables and functions that native counting needs and AWStats lacks, such as "%_host_h". */
    missing = variables_missing(aTHX);
    for (i = 0; i <= av_len(missing); i++)
        mXPUSHs(newSVsv(*av_fetch(missing, i, 0)));

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Feed

AWStats::CloudFront::Feed
new(SV *class, SV *from)
  CODE:
    /* FROM is a descriptor, or an AWStats::CloudFront::Stream if this perl is part of the program. */
    PERL_UNUSED_VAR(class);
    RETVAL = SvROK(from) ? feed_new_stream(object_of(aTHX_ from, "AWStats::CloudFront::Stream"))
                         : feed_new((int)SvIV(from));
    if (!RETVAL)
        croak("out of memory");
  OUTPUT:
    RETVAL

SV *
header()
  CODE:
    RETVAL = newSVpvf("#Version: 1.0\n#Software: awstats-cloudfront plugin\n#Fields: %s\n", columns_names);
  OUTPUT:
    RETVAL

unsigned
threads(AWStats::CloudFront::Feed feed, unsigned processors)
  CODE:
    /* Returns how many threads may count the log on so many PROCESSORS; see loop_threads_for(). */
    RETVAL = loop_threads_for(feed_expected_records(feed), processors);
  OUTPUT:
    RETVAL

void
take_lines(AWStats::CloudFront::Feed feed)
  CODE:
    feed_take_lines(feed);

void
watch(AWStats::CloudFront::Feed feed, UV date_length)
  CODE:
    feed_watch(feed, (size_t)date_length);

const char *
batch(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_batch(feed);
  OUTPUT:
    RETVAL

const char *
site(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_site(feed);
  OUTPUT:
    RETVAL

const char *
formerly(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_formerly(feed);
  OUTPUT:
    RETVAL

const char *
history(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_history(feed);
  OUTPUT:
    RETVAL

const char *
previous(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_previous(feed);
  OUTPUT:
    RETVAL

const char *
files(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_files(feed);
  OUTPUT:
    RETVAL

const char *
replaces(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_replaces(feed);
  OUTPUT:
    RETVAL

UV
records(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = (UV)feed_records(feed);
  OUTPUT:
    RETVAL

const char *
error(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_error(feed);
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

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Dispatcher

AWStats::CloudFront::Dispatcher
new(SV *class, SV *feed)
  PREINIT:
    struct feed *of;
  CODE:
    PERL_UNUSED_VAR(class);
    of = object_of(aTHX_ feed, "AWStats::CloudFront::Feed");
    if (!of)
        croak("no feed");
    RETVAL = dispatcher_new(aTHX_ of, SvRV(feed));
  OUTPUT:
    RETVAL

void
count_with(AWStats::CloudFront::Dispatcher dispatcher, SV *loop)
  CODE:
    /* If LOOP is undefined, AWStats counts all records. */
    dispatcher_count_with(aTHX_ dispatcher, object_of(aTHX_ loop, "AWStats::CloudFront::Loop"),
                      SvROK(loop) ? SvRV(loop) : NULL);

void
divert(AWStats::CloudFront::Dispatcher dispatcher, SV *file)
  CODE:
    /* If FILE is undefined, records go to the loop and to AWStats. */
    dispatcher_divert(aTHX_ dispatcher, SvOK(file) ? sv_2mortal(newSVsv(file)) : NULL);

void
watch(AWStats::CloudFront::Dispatcher dispatcher, AWStats::CloudFront::Delegated delegated)
  CODE:
    dispatcher_watch(aTHX_ dispatcher, delegated, SvRV(ST(1)));

void
tell(AWStats::CloudFront::Dispatcher dispatcher, AWStats::CloudFront::Tally tally)
  CODE:
    dispatcher_tell(aTHX_ dispatcher, tally, SvRV(ST(1)));

void
discard(AWStats::CloudFront::Dispatcher dispatcher)
  CODE:
    dispatcher_discard(aTHX_ dispatcher);

void
DESTROY(AWStats::CloudFront::Dispatcher dispatcher)
  CODE:
    dispatcher_free(aTHX_ dispatcher);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::LogHandle

void
READLINE(SV *handle)
  PREINIT:
    SV *line;
  PPCODE:
    PUTBACK;
    handle = sv_mortalcopy(handle); /* act() may untie the handle */
    while ((line = next_for_awstats(aTHX_ handle)) != NULL) {
        SPAGAIN;
        mXPUSHs(line);
        PUTBACK;
        if (GIMME_V != G_LIST)
            break;
    }
    SPAGAIN;
    if (!line && GIMME_V != G_LIST)
        XPUSHs(&PL_sv_undef);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::SearchList

AWStats::CloudFront::SearchList
new(SV *class, SV *glob)
  CODE:
    PERL_UNUSED_VAR(class);
    if (!SvROK(glob) || !isGV_with_GP(SvRV(glob)))
        croak("internal error: not a reference to a glob; install the plugin cloudfront again");
    RETVAL = pattern_list_new(aTHX_ (GV *)SvRV(glob));
  OUTPUT:
    RETVAL

void
narrow(AWStats::CloudFront::SearchList list, SV *text)
  PREINIT:
    const char *bytes;
    STRLEN size;
  CODE:
    bytes = SvPV_const(text, size);
    if (SvUTF8(text))
        pattern_list_widen(aTHX_ list);
    else
        pattern_list_narrow(aTHX_ list, bytes, size);

void
widen(AWStats::CloudFront::SearchList list)
  CODE:
    pattern_list_widen(aTHX_ list);

void
DESTROY(AWStats::CloudFront::SearchList list)
  CODE:
    pattern_list_free(aTHX_ list);

INCLUDE: xs/counting.xs

INCLUDE: xs/history.xs
