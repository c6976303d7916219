/* What reading (read.c) and writing (write.c, write_lines.c) of history files share. */
#ifndef PLUGIN_HISTORY_INTERNAL_H
#define PLUGIN_HISTORY_INTERNAL_H

#include "history/history.h"
#include "history/split.h"
#include "loop/internal.h"

/* A section of a file that is being read, whose lines are added here. */
struct history_section {
    bool (*take)(pTHX_ struct history *history, const struct history_line *line);
    HV *hash[HISTORY_FIELDS];    /* that a line's fields are added to; NULL: none */
    struct extra_section *extra; /* of an extra section */
};

enum { ERROR_HITS, ERROR_REFERER, ERROR_HOST, ERROR_HASHES };

struct history {
    struct update_loop *loop;
    SV *error_details; /* ShowHTTPErrorsPageDetail */
    SV *key;           /* of the current line */
    U32 hash;          /* of that key */

    /* The file that is being read: */
    bool begun;  /* its first line was read */
    bool recent; /* its version's sections have the columns of today */
    enum {
        OUTSIDE,
        IN_SECTION,
        IN_OTHER_SECTION
    } place; /* in one that is added here, or another */
    struct history_section section;
    SV *end;  /* first field of the section's last line */
    HV *seen; /* such fields, of sections that have begun */
    SV *code; /* of a section of error pages */

    /* The file that is being written: */
    PerlIO *file;
    SV *out;    /* a line */
    HV *listed; /* keys that have a line already */
    UV known_hosts;
    const struct extra_section *extra;
    HV *error_pages[ERROR_HASHES]; /* of one code */
};

/* ---- lines of a file that is being written (write_lines.c) ---- */

/* Adds text to the line. */
void history_put(pTHX_ struct history *history, const char *text, size_t size);
void history_put_number(pTHX_ struct history *history, UV number);

/* Writes the line, and starts the next one. */
void history_end_line(pTHX_ struct history *history);

/* Write the line of the current key: each is the line of one kind of section in Save_History. */
typedef void history_put_line(pTHX_ struct history *history);
history_put_line history_put_visitor;    /* "visitor" */
history_put_line history_put_page;       /* "sider" */
history_put_line history_put_referer;    /* "pagerefs" */
history_put_line history_put_extra_row;  /* "extra_N" */
history_put_line history_put_error_page; /* "sider_CODE" */

/* ---- the current key ---- */

static inline void history_set_key(pTHX_ struct history *history, const char *text, size_t size)
{
    sv_setpvn(history->key, text, size);
    PERL_HASH(history->hash, text, size);
}

/* Returns $hash{KEY}; makes it if it is missing. */
static inline SV *history_number_in(pTHX_ const struct history *history, HV *hash)
{
    return HeVAL(hv_fetch_ent(hash, history->key, 1, history->hash));
}

/* Returns $hash{KEY}; NULL if it is missing or false. */
static inline SV *history_true_in(pTHX_ const struct history *history, HV *hash)
{
    HE *found = hv_fetch_ent(hash, history->key, 0, history->hash);
    return found && SvTRUE(HeVAL(found)) ? HeVAL(found) : NULL;
}

#endif
