/* Decides where the files of a site belong, and which user owns them. */
#ifndef SETUP_PLACE_H
#define SETUP_PLACE_H

#include <stdbool.h>

#include "setup/account.h"
#include "text/buffer.h"

/* All paths are absolute, and owned. */
struct place {
    char *config;           /* the program's configuration */
    bool is_own;            /* not the default one: a set-up that has all its files in one folder */
    char *folder;           /* of the AWStats configuration */
    char *report;           /* the AWStats configuration, awstats.NAME.conf */
    char *ledger;           /* the file */
    char *history;          /* the folder, DirData */
    char *pages;            /* the folder of the report; NULL: none */
    struct account account; /* who runs the updates */
};

/* What the command line says; NULL: nothing. */
struct place_given {
    const char *name; /* of the site; never NULL */
    const char *config;
    const char *report_folder;
    const char *ledger;
    const char *history;
    const char *pages;
};

/* Decides.  The default configuration has its ledger in /var/lib/awstats-cloudfront, and its history
 * in /var/lib/awstats, or beside the ledger where the user of the updates may not write to
 * /var/lib/awstats.  With another configuration, all is in the folder of this file.  Returns false
 * with one line in ERROR. */
bool place_decide(struct place *place, const struct place_given *given, struct buffer *error);

/* Decides again who runs the updates, once it is known that the history is in another folder. */
bool place_set_history(struct place *place, const char *history, struct buffer *error);

/* Adds the folders of the files that are missing, those above them first, a LF after each. */
void place_add_missing(const struct place *place, struct buffer *out);

/* Checks that this user may make and write the files.  Returns false with one line in ERROR. */
bool place_is_writable(const struct place *place, struct buffer *error);

/* Locks the folder of the configuration, which is there, against another setup.  Returns the
 * descriptor whose closing ends the lock; -1 with one line in ERROR, and IS_LOCKED when another one
 * has the lock. */
int place_lock(const struct place *place, bool *is_locked, struct buffer *error);

void place_free(struct place *place);

/* Returns PATH as an absolute path; the caller frees it. */
char *place_absolute(const char *path);

#endif
