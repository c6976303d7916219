/* Updates: each site's new logs → AWStats' history → ledger, in one process a site.
 *
 *   children.c   starts the processes, as many at once as there are processors, and says which signal has killed one
 *   site.c       one site: takes the batch, runs awstats.pl, commits
 *   sharing.c    the sites that fetch an object once for all of them
 *   owner.c      becomes the user who owns the ledger
 *   find.c       the awstats.pl and the AWStats configuration of a site
 *   history.c    whether the history is the one that the ledger knows, when nothing is new
 *   redirect.c   sends the standard output and error to files while perl runs
 *   report.c     the pages of its report
 *   result.c     the line that tells what was counted
 *   failure.c    the lines that tell why an update has failed
 *   channel.c    lines from one thread to another, with their records split
 *
 * Threads of a site's process.  The main thread runs perl.  A second one reads the batch (run/run.h,
 * which has threads of its own) and puts the log into a channel, from which the plugin's feed takes
 * it.  Perl starts as soon as the first new object is found, so it compiles awstats.pl while the source is
 * listed and the logs are read; when nothing is new, and the history is as the ledger knows it, perl does not
 * start.  The run belongs to the second thread until that has ended, and then to the main thread, which commits.  The
 * lock of the ledger is held from the list of objects to the commit.
 *
 * The second thread has split the records of the blocks and numbered their values; the plugin's feed checks the
 * blocks by the same code as a pipe.  Sites of one update that reach a bucket in the same way share the objects
 * that one of them has fetched (sharing.c, source/object_cache.h). */
#ifndef UPDATE_UPDATE_H
#define UPDATE_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sharing;

struct update_options {
    const char *config;       /* the configuration file */
    const char *awstats;      /* awstats.pl; NULL: the site's */
    bool dry_run;             /* tell what would be counted, and change nothing */
    const char *report;       /* the folder for the reports; NULL: the site's, which may be none */
    unsigned transfers, wait; /* as in struct batch_options */
    size_t processes;         /* that a site may have beside its own; set by update_sites() */
    size_t sites;             /* that are updated at once; the same */
    struct sharing *sharing;  /* of the sites; the same; may be NULL */
    size_t number;            /* of this site among them; the same */
    /* The counted objects that a clean-up has not deleted or moved yet; 0 before and after it; the same. */
    volatile uint64_t *waiting;
};

/* Updates the sites with these names, each in a process of its own.  Returns the worst exit status. */
int update_sites(const struct update_options *options, const char *const *names, size_t count);

/* ---- for the files of this folder ---- */

/* Files for what awstats.pl prints. */
struct update_output {
    int out, error;
};

/* Updates one site in this process, whose standard output and error are redirected to OUTPUT while
 * awstats.pl runs.  Returns the exit status, once a line was printed. */
int update_site(const struct update_options *options, const char *name,
                const struct update_output *output);

struct site;
struct update_awstats;

/* Makes the report of a site, which was updated, in FOLDER, and tells about it.  PLUGIN is the folder that has
 * plugins/cloudfront.pm.  Returns the exit status. */
int update_report(const struct site *site, const struct update_awstats *found, const char *plugin,
                  const char *folder, size_t processes);

#endif
