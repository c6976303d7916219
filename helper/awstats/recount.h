/* Runs awstats.pl for a recount, or for a shard: the plugin's half is AWStats::CloudFront::Recount or ::Shard, which
 * describe the lines that both exchange. */
#ifndef AWSTATS_RECOUNT_H
#define AWSTATS_RECOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "awstats/config.h"

struct awstats_recount {
    pid_t pid;
    int log;    /* takes the normalized log; -1 once it was given away */
    FILE *tell; /* what the plugin tells */
    int answer; /* what it is answered */
    int output; /* a file with what awstats.pl prints */
    bool is_started;
};

/* What the plugin is to do, by the environment variable that tells it: a recount, or to count the batch of a shard
 * (AWStats::CloudFront::Shard). */
#define AWSTATS_RECOUNT "AWSTATS_CLOUDFRONT_RECOUNT"
#define AWSTATS_SHARD   "AWSTATS_CLOUDFRONT_SHARD"

/* The variable that says how much memory the counters may take, bytes (AWStats::CloudFront::StartedRun). */
#define AWSTATS_SITE_MEMORY "AWSTATS_CLOUDFRONT_SITE_MEMORY"

/* Starts awstats.pl.  TASK: AWSTATS_RECOUNT or AWSTATS_SHARD.  WORDS: of a recount, months, "YYYYMM", with a comma
 * before each, "" for all; of a shard, a comma and the folder of its history.  MEMORY: the setting memory of the site,
 * bytes; 0: not set.  Returns false with one line in ERROR; then there is nothing to end. */
bool awstats_recount_start(struct awstats_recount *recount, const char *program,
                           const struct awstats_config *config, const char *task, const char *words,
                           uint64_t memory, struct buffer *error);

/* Returns the plugin's next line without LF, valid until the next call, in *LINE, which the caller
 * frees at the end; false when there is none. */
bool awstats_recount_line(struct awstats_recount *recount, char **line, size_t *capacity);

/* Closes the log, if it is still open, and the answer, and waits for awstats.pl.  Returns its exit
 * status, or 128 and a signal; unless it is 0, adds the messages of awstats.pl to ERROR.  May be called
 * again; then it returns 0. */
int awstats_recount_end(struct awstats_recount *recount, struct buffer *error);

#endif
