/* Merges history files of AWStats into one: the figures are the sums of theirs.
 *
 * merge.c reads the files one after another (reader.h) and adds their rows to those of the output (rows.h); collect.h
 * then writes section after section (writer.h).  Any tree of merges gives the same lines, in another order at most.
 *
 * In a section that does not fit into memory, most keys have only one row, such as hosts that were counted in one
 * place.  So once the memory is full, the section's rows stay in the files: threads check them in blocks
 * (block_readers.h), and the merge keeps only a hash of each key (keys.h).  Once all files are read, the merge adds up
 * the rows whose keys are in several rows, as it does with rows in memory.  It copies the other rows from file to file
 * (copies.h), block by block, mostly without another look at them.
 *
 * Visits: a host in two files has the visits of both; if both files have a visit that goes on, the later one goes on.
 * As in an update, a visit ends when the newest record of all files is an hour later; its end adds to SESSION and to
 * the exits of SIDER. */
#ifndef HISTORYFILE_MERGE_H
#define HISTORYFILE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

/* Bytes of rows in memory.  Buffers, the partition that is added up, and what is known of rows that are copied come on
 * top: 100 MB at most, all in all. */
enum { HISTORY_MERGE_MEMORY = 40 * 1024 * 1024 };

struct history_merge_options {
    const char *output;
    char *const *inputs; /* NULL-terminated */
    /* Of so many inputs, from the first one, the greatest number of rows that come first in a section counts, such as
     * that of "# The 10 first Pages must be first".  0: of all. */
    size_t deciding;
    size_t memory;         /* bytes of rows */
    const char *directory; /* for temporary files */
    /* The files have different batches of one site; the sum gets the ID of the latest one.  No record is in two.  The
     * files may be of different versions of AWStats. */
    bool is_of_shards;
    /* The sum gets the ID BATCH as the last one of SITE, whose name is encoded as in the files.  NULL: the sum gets no
     * other ID. */
    const char *site, *batch;
    /* The time of a record that is in no file, YYYYMMDDHHMMSS: it ends visits as if it were in a file.  0: none. */
    uint64_t newest;
};

/* Writes OUTPUT, which may be there and is none of the inputs.  Returns false with one line in ERROR; then OUTPUT is as
 * it was. */
bool history_merge(const struct history_merge_options *options, struct buffer *error);

#endif
