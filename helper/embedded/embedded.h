/* Runs awstats.pl by a perl inside this process, with this program's own plugin: the compiled part of the
 * plugin is linked into the program, and AWStats::CloudFront::Embedded lets AWStats find the rest.
 * Nothing has to be installed into perl's folders or those of AWStats.
 *
 *   perl.c     the interpreter
 *   many.c     one compilation, and a process for each run
 *   calls.c    the functions of this program that the plugin's Perl calls
 *   source_text.c  what perl reads of awstats.pl for an update
 *   places.c   where the plugin is
 *
 * Only the thread that calls embedded_run() touches perl; other threads must block all signals, so
 * that perl gets them. */
#ifndef EMBEDDED_EMBEDDED_H
#define EMBEDDED_EMBEDDED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "normalized/stream.h"
#include "text/buffer.h"

/* What the plugin has counted. */
struct embedded_counted {
    const char *previous; /* the last batch in the history now, "-": none */
    const char *history;  /* its name */
    const char *files;    /* that have the batch, by their periods, such as "202610 202611" */
    const char *figures;  /* text of normalized/figures.h */
    const char *periods;  /* that have counted records, such as "202610 202611" */
};

/* The batch of a site, which the plugin reads in the place of LogFile="site:NAME".  USER is the first
 * argument of the functions.  Errors are one line, valid until the next call; NULL: none. */
struct embedded_log {
    const char *site;
    const char *config; /* the configuration file of this program */
    bool dry_run;       /* count, and save nothing */
    uint64_t memory;    /* that the counters may take, bytes; 0: a share of the machine's */
    size_t sites;       /* that are counted at once */
    struct normalized_stream stream;
    const char *(*wait)(void *user); /* waits until the log was written; its error */
    void (*abandon)(void *user);     /* nobody reads the log any more */
    const char *(*commit)(void *user, const struct embedded_counted *counted);
    void (*tell)(void *user, const char *line); /* takes a line for people, without LF */
    void *user;
};

struct embedded_options {
    const char *program;            /* awstats.pl */
    const char *plugin;             /* the folder that has plugins/cloudfront.pm */
    char *const *arguments;         /* of awstats.pl, NULL-terminated */
    const struct embedded_log *log; /* NULL: awstats.pl opens its own */
    bool frees_all;                 /* free all memory at the end; else the process frees it */
};

/* Runs awstats.pl.  Returns its exit status. */
int embedded_run(const struct embedded_options *options);

/* An awstats.pl that is compiled once, for many runs without a log. */
struct embedded_program;

/* Compiles the program of the options, whose arguments and log are not used; the options must last as long
 * as the program.  OUT and ERROR, descriptors, get what perl prints.  Returns NULL when it does not compile. */
struct embedded_program *embedded_compile(const struct embedded_options *options, int out,
                                          int error);

/* Starts a run in a process of its own, which has these ARGUMENTS (NULL ends them), prints to OUT and ERROR,
 * and ends with this process.  Returns its process ID, or -1 with errno set. */
pid_t embedded_start(const struct embedded_program *program, char *const *arguments, int out,
                     int error);

void embedded_free(struct embedded_program *program); /* may be NULL */

/* Finds the folder that has plugins/cloudfront.pm of this program.  Returns false, with one line in ERROR,
 * when there is none, or the plugin there is of another version. */
bool embedded_find_plugin(char path[PATH_MAX], struct buffer *error);

#endif
