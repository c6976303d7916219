/* What reading (history_read.c) and writing (history_write.c) of history files share. */
#ifndef PLUGIN_HISTORY_INTERNAL_H
#define PLUGIN_HISTORY_INTERNAL_H

#include "history/history.h"
#include "history/line.h"
#include "loop/internal.h"

/* A section of a file that is being read, whose lines are counted here. */
struct history_section {
    bool (*take)(pTHX_ struct history *history, const struct history_line *line);
    HV *hash[HISTORY_FIELDS]; /* that a line's fields are added to; NULL: none */
    struct section *extra;    /* of an extra section */
};

enum { ERROR_HITS, ERROR_REFERER, ERROR_HOST, ERROR_HASHES };

struct history {
    struct update_loop *loop;
    SV *error_details; /* ShowHTTPErrorsPageDetail */
    SV *key;           /* of the line at hand */
    U32 hash;          /* of that */

    /* The file that is being read: */
    bool begun;  /* its first line was seen */
    bool recent; /* of a version whose sections have the columns of today */
    enum { OUTSIDE, IN_SECTION, IN_OTHER_SECTION } place; /* in one that is counted here, or not */
    struct history_section section;
    SV *end;  /* first field of the section's last line */
    HV *seen; /* such fields, of sections that have begun */
    SV *code; /* of a section of error pages */

    /* The file that is being written: */
    PerlIO *file;
    SV *out;    /* a line */
    HV *listed; /* keys that have a line already */
    UV known_hosts;
    const struct section *extra;
    HV *error_pages[ERROR_HASHES]; /* of one code */
};

static inline void history_set_key(pTHX_ struct history *history, const char *text, size_t size)
{
    sv_setpvn(history->key, text, size);
    PERL_HASH(history->hash, text, size);
}

/* $hash{KEY}, made when it is not there. */
static inline SV *history_number_in(pTHX_ const struct history *history, HV *hash)
{
    return HeVAL(hv_fetch_ent(hash, history->key, 1, history->hash));
}

/* $hash{KEY}; NULL when it is not there, or not true. */
static inline SV *history_true_in(pTHX_ const struct history *history, HV *hash)
{
    HE *found = hv_fetch_ent(hash, history->key, 0, history->hash);
    return found && SvTRUE(HeVAL(found)) ? HeVAL(found) : NULL;
}

#endif
