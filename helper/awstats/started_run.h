/* Runs awstats.pl for a purpose of this program: a recount, or a shard.  The half of the plugin is
 * AWStats::CloudFront::StartedRun; its classes Recount and Shard describe the lines that both exchange. */
#ifndef AWSTATS_STARTED_RUN_H
#define AWSTATS_STARTED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "awstats/config.h"

struct started_run {
    pid_t pid;
    int log;    /* takes the normalized log; -1 once it was given away */
    FILE *tell; /* what the plugin tells */
    int answer; /* what it is answered */
    int output; /* a file with what awstats.pl prints */
    bool is_started;
};

/* What the plugin is to do, by the environment variable that tells it: a recount, or to count the batch of a shard
 * (AWStats::CloudFront::Shard). */
#define STARTED_RUN_RECOUNT "AWSTATS_CLOUDFRONT_RECOUNT"
#define STARTED_RUN_SHARD   "AWSTATS_CLOUDFRONT_SHARD"

/* The variable that says how much memory the counters may take, bytes (AWStats::CloudFront::StartedRun). */
#define STARTED_RUN_MEMORY "AWSTATS_CLOUDFRONT_SITE_MEMORY"

/* Starts awstats.pl.  TASK: STARTED_RUN_RECOUNT or STARTED_RUN_SHARD.  WORDS: of a recount, months, "YYYYMM", with a
 * comma before each, "" for all; of a shard, a comma and the folder of its history.  MEMORY: the setting memory of the
 * site, bytes; 0: not set.  Returns false with one line in ERROR; then there is nothing to end. */
bool started_run_begin(struct started_run *run, const char *program,
                       const struct awstats_config *config, const char *task, const char *words,
                       uint64_t memory, struct buffer *error);

/* Returns the plugin's next line without LF, valid until the next call, in *LINE, which the caller
 * frees at the end; false when there is none. */
bool started_run_line(struct started_run *run, char **line, size_t *capacity);

/* Closes the log, if it is still open, and the answer, and waits for awstats.pl.  Returns its exit
 * status, or 128 and a signal; unless it is 0, adds the messages of awstats.pl to ERROR.  May be called
 * again; then it returns 0. */
int started_run_end(struct started_run *run, struct buffer *error);

#endif
