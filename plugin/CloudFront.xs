/* Glue between Perl, the feed and the update loop. */
#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <stdbool.h>
#include <unistd.h>

#include "feed/feed.h"
#include "normalized/columns.h"
#include "history/history.h"
#include "awstats/lexicals.h"
#include "awstats/variables.h"
#include "loop/loop.h"
#include "feed/process.h"
#include "awstats/pattern_list.h"

typedef struct feed *AWStats__CloudFront__Feed;
typedef struct update_loop *AWStats__CloudFront__Loop;
typedef struct history *AWStats__CloudFront__HistoryFile;
typedef struct pattern_list *AWStats__CloudFront__SearchList;

/* What a tied handle has under a name, an object of ours; NULL when it has none. */
static void *
object_of(pTHX_ SV *handle, const char *name)
{
    SV **object;

    if (!SvROK(handle) || SvTYPE(SvRV(handle)) != SVt_PVHV)
        croak("not a handle of AWStats::CloudFront");
    object = hv_fetch((HV *)SvRV(handle), name, (I32)strlen(name), 0);
    return object && SvROK(*object) ? INT2PTR(void *, SvIV(SvRV(*object))) : NULL;
}

/* The next line, as feed_line() hands it out.  False when there is none, for whatever reason. */
static bool
next_line(pTHX_ struct feed *feed, const char **line, size_t *size)
{
    enum feed_result result;

    while ((result = feed_line(feed, line, size)) == FEED_INTERRUPTED)
        PERL_ASYNC_CHECK();
    return result == FEED_LINE;
}

/* Calls a method of the handle, with LINE unless that is NULL; it may move the stack. */
static void
notify(pTHX_ SV *handle, const char *method, const char *line, size_t size)
{
    dSP;

    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    XPUSHs(handle);
    if (line)
        XPUSHs(sv_2mortal(newSVpvn(line, size)));
    PUTBACK;
    call_method(method, G_VOID | G_DISCARD);
    FREETMPS;
    LEAVE;
}

/* Tells the handle what a record is the first of. */
static void
announce(pTHX_ SV *handle, struct feed *feed, enum feed_kind kind, const char *line, size_t size)
{
    if (feed_kind(feed) != kind)
        notify(aTHX_ handle, "at_first_record", NULL, 0);
    if (feed_new_break(feed))
        notify(aTHX_ handle, "at_break", line, size);
}

/* Whether a line is not AWStats' to count.  $self->{aside} says where records of a batch go instead:
 * into a file, if it is one, else nowhere. */
static bool
goes_aside(pTHX_ SV *handle, struct feed *feed, const char *line, size_t size)
{
    SV **aside;
    IO *io;

    if (!feed_batch(feed) || line[0] == '#')
        return false;
    aside = hv_fetchs((HV *)SvRV(handle), "aside", 0);
    if (!aside || !SvOK(*aside))
        return false;
    if (SvROK(*aside) && (io = sv_2io(*aside)) && IoOFP(io))
        PerlIO_write(IoOFP(io), line, size); /* a failure is seen when the file is closed */
    return true;
}

/* Hands records to the loop until one comes that is AWStats' to count, or a header line.  Returns
 * whether there is one; the loop may be NULL, and is what the handle has from its first record on. */
static bool
next_line_for_awstats(pTHX_ SV *handle, struct feed *feed, const char **line, size_t *size)
{
    struct update_loop *loop = object_of(aTHX_ handle, "loop");
    enum feed_kind kind;
    uint64_t offset;
    unsigned lines = 0;

    if (loop)
        loop_enter(aTHX_ loop);
    while (kind = feed_kind(feed), offset = feed_offset(feed), next_line(aTHX_ feed, line, size)) {
        FREETMPS;
        if (++lines % 1024 == 0)
            PERL_ASYNC_CHECK();
        announce(aTHX_ handle, feed, kind, *line, *size);
        if (kind == FEED_NO_RECORD && feed_kind(feed) != kind) {
            loop = object_of(aTHX_ handle, "loop");
            if (loop)
                loop_enter(aTHX_ loop);
        }
        if (goes_aside(aTHX_ handle, feed, *line, *size))
            continue;
        if (loop && **line != '#' && loop_count(aTHX_ loop, *line, *size) == LOOP_NATIVE)
            continue;
        if (loop)
            loop_leave(aTHX_ loop, offset);
        return true;
    }
    if (loop)
        loop_leave(aTHX_ loop, feed_offset(feed));
    return false;
}

/* The next line that AWStats gets, a new SV; NULL at the end. */
static SV *
next_for_awstats(pTHX_ SV *handle, struct feed *feed)
{
    const char *line;
    size_t size;
    SV *sv = NULL;

    ENTER;
    SAVETMPS;
    if (!next_line_for_awstats(aTHX_ handle, feed, &line, &size)) {
        notify(aTHX_ handle, "at_end", NULL, 0);
    } else {
        if (feed_partial(feed))
            notify(aTHX_ handle, "before_partial", line, size);
        sv = newSVpvn(line, size);
    }
    FREETMPS;
    LEAVE;
    return sv;
}

/* The file that a tied handle reads; NULL when it is closed. */
static PerlIO *
file_of(pTHX_ SV *handle)
{
    SV **file = hv_fetchs((HV *)SvRV(handle), "file", 0);
    IO *io = file && SvROK(*file) ? sv_2io(*file) : NULL;

    return io ? IoIFP(io) : NULL;
}

/* The next line of a history file that AWStats gets, a new SV; NULL at the end. */
static SV *
next_history_line(pTHX_ struct history *history, PerlIO *file)
{
    SV *line = newSVpvs("");

    while (sv_gets(line, file, 0)) {
        if (!history_take(aTHX_ history, SvPVX_const(line), SvCUR(line)))
            return line;
        FREETMPS;
    }
    SvREFCNT_dec(line);
    return NULL;
}

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront

PROTOTYPES: DISABLE

TYPEMAP: <<END
AWStats::CloudFront::Feed T_PTROBJ
AWStats::CloudFront::Loop T_PTROBJ
AWStats::CloudFront::HistoryFile T_PTROBJ
AWStats::CloudFront::SearchList T_PTROBJ
END

IV
cores()
  CODE:
    RETVAL = (IV)sysconf(_SC_NPROCESSORS_ONLN);
  OUTPUT:
    RETVAL

IV
start_process(int input, int output, int errors, ...)
  PREINIT:
    char **arguments;
    int i;
  CODE:
    /* What process_start() returns, with $! as it leaves errno; the program and its arguments are last. */
    if (items < 4)
        croak("no program to start");
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
    /* References to the variables called as the other arguments say; undef for each that there is not. */
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
    /* The variables and functions that AWStats lacks for native counting, "%_host_h" for one. */
    missing = variables_missing(aTHX);
    for (i = 0; i <= av_len(missing); i++)
        mXPUSHs(newSVsv(*av_fetch(missing, i, 0)));

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

SV *
header()
  CODE:
    RETVAL = newSVpvf("#Version: 1.0\n#Software: awstats-cloudfront plugin\n#Fields: %s\n", columns_names);
  OUTPUT:
    RETVAL

void
watch(AWStats::CloudFront::Feed feed, UV date_length, bool partial)
  CODE:
    feed_watch(feed, (size_t)date_length, partial);

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
previous(AWStats::CloudFront::Feed feed)
  CODE:
    RETVAL = feed_previous(feed);
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

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::LogHandle

void
READLINE(SV *handle)
  PREINIT:
    struct feed *feed;
    SV *line = NULL;
  PPCODE:
    PUTBACK;
    feed = object_of(aTHX_ handle, "feed"); /* a seek has taken it away */
    if (feed && feed_partial(feed))
        notify(aTHX_ handle, "after_partial", NULL, 0);
    while (feed && (line = next_for_awstats(aTHX_ handle, feed)) != NULL) {
        SPAGAIN;
        XPUSHs(sv_2mortal(line));
        PUTBACK;
        if (GIMME_V != G_LIST)
            break;
    }
    SPAGAIN;
    if (!line && GIMME_V != G_LIST)
        XPUSHs(&PL_sv_undef);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Loop

AWStats::CloudFront::Loop
new(SV *class, HV *setting)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = loop_new(aTHX_ setting);
  OUTPUT:
    RETVAL

void
forget(AWStats::CloudFront::Loop loop)
  CODE:
    loop_forget(loop);

void
lines(AWStats::CloudFront::Loop loop)
  PREINIT:
    int reason;
  PPCODE:
    for (reason = 0; reason < LOOP_REASONS; reason++) {
        if (loop_lines(loop, reason) > 0) {
            mXPUSHp(loop_words(reason), strlen(loop_words(reason)));
            mXPUSHu((UV)loop_lines(loop, reason));
        }
    }

void
DESTROY(AWStats::CloudFront::Loop loop)
  CODE:
    loop_free(aTHX_ loop);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::HistoryFile

AWStats::CloudFront::HistoryFile
new(SV *class, AWStats::CloudFront::Loop loop, SV *error_details)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = history_new(aTHX_ loop, error_details);
  OUTPUT:
    RETVAL

void
begin(AWStats::CloudFront::HistoryFile history)
  CODE:
    history_begin(aTHX_ history);

bool
save(AWStats::CloudFront::HistoryFile history, const char *section, SV *year, SV *month)
  CODE:
    RETVAL = history_save(aTHX_ history, section, year, month);
  OUTPUT:
    RETVAL

void
DESTROY(AWStats::CloudFront::HistoryFile history)
  CODE:
    history_free(aTHX_ history);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::HistoryHandle

void
READLINE(SV *handle)
  PREINIT:
    struct history *history;
    PerlIO *file;
    SV *line = NULL;
  PPCODE:
    history = object_of(aTHX_ handle, "history");
    file = file_of(aTHX_ handle);
    while (history && file && (line = next_history_line(aTHX_ history, file)) != NULL) {
        mXPUSHs(line);
        if (GIMME_V != G_LIST)
            break;
    }
    if (!line && GIMME_V != G_LIST)
        XPUSHs(&PL_sv_undef);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::SearchList

AWStats::CloudFront::SearchList
new(SV *class, SV *glob)
  CODE:
    PERL_UNUSED_VAR(class);
    if (!SvROK(glob) || !isGV_with_GP(SvRV(glob)))
        croak("not a reference to a glob");
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
