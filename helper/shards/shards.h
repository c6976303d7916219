/* Counts a site's batch by many tasks, on any number of machines that share folders, or a bucket (work.h).
 *
 *   shards_plan()      takes the batch, and writes the lists of its objects in M parts
 *   shards_map()       reads the objects of a part, once, and writes N sorted logs: one a shard, by the
 *                      viewer's address, which AWStats calls the host
 *   shards_prepare()   stores the outcomes of all objects in the ledger, before a record is counted
 *   shards_reduce()    merges the M logs of a shard, and counts them into the history of this shard
 *   shards_collect()   merges the N histories into DirData, and commits the batch
 *   shards_abandon()   gives the plan up
 *
 * A scheduler runs each task, and knows nothing but the command line.  The scheduler may run a task again after the
 * task was killed, twice at once, or on another machine.  So a task makes its result under a name of its own, syncs the
 * result, and renames it to the name that the next tasks read.  A task that finds its result does nothing.  No task
 * changes a result.  There are two locks: plan, prepare and collect take that of the ledger, and collect and abandon
 * that of the shards' histories.
 *
 * The folder of the work (plan.h); work.h has the objects of a bucket in its place:
 *
 *   plan            what all tasks have to know
 *   parts/I         the objects of part I, from 0 (part.h)
 *   maps/I/         result; K.zst, the log of shard K (shard_log.h)
 *   maps/I.prepared/  the same logs without those objects that are copies, where part I has any
 *   prepared        the outcome of the batch (prepare.c)
 *
 * The folder of the shards' histories (generation.h), beside the site's history:
 *
 *   DirData/CONFIG.shards/current       the generation that was collected last, and what DirData was then
 *   DirData/CONFIG.shards/PLAN/K/       the history of shard K after the plan, and result
 *   DirData/CONFIG.shards/PLAN/dirdata  the site's history when the plan was made (unchanged.h)
 *   DirData/CONFIG.shards/PLAN/base/    the site's history before the first batch that shards counted, and `result`
 *
 * A generation has all files of its histories.  Files that its batch has not changed are links to those of the
 * generation before: awstats.pl replaces such a file, and never changes it.  Each `result` names the files beside it, so
 * a file that is lost is noticed before the others are added up (complete.h).  So a task that is late by days can only
 * make a result that is there already, or find that its plan is over.
 *
 * The figures are exact.  A shard counts all records of its hosts, in the order in which `update` would count them: the
 * parts are ranges of the batch's objects, and of records with the same second those of the earlier part come first.
 * So visits are the same as in one count, and all other figures add up (historyfile/merge.h).  A shard may have only
 * partial downloads of a kind of file or from a country; its history has their bytes, without a hit (Saving.pm of the
 * plugin). */
#ifndef SHARDS_SHARDS_H
#define SHARDS_SHARDS_H

#include <stdbool.h>

#include "config/options.h"

struct shards_options {
    const char *config; /* plan, abandon, all tasks of a work in a bucket: the configuration file */
    const char *site;   /* the same */
    const char *work;   /* the folder of the work, or s3://BUCKET/PREFIX; not of abandon */
    const char *awstats; /* plan, reduce: awstats.pl; NULL: the site's */
    unsigned shards, parts;
    unsigned number; /* map: the part; reduce: the shard */
    unsigned transfers, wait;
};

/* Each prints one line that tells the result, and returns the exit status. */
int shards_plan(const struct shards_options *options);
int shards_map(const struct shards_options *options);
int shards_prepare(const struct shards_options *options);
int shards_reduce(const struct shards_options *options);
int shards_collect(const struct shards_options *options);
int shards_abandon(const struct shards_options *options);

#endif
