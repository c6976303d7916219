/* The batches that the histories to be merged have: the rows of PLUGIN_cloudfront, a site and its last batch.
 *
 * No record may count twice.  So two histories of one site can be merged only if both have the same last batch, and no
 * host is in both: then they have counted different hosts of the same batches, as the shards of a month do. */
#ifndef HISTORYFILE_BATCHES_H
#define HISTORYFILE_BATCHES_H

#include "historyfile/row.h"
#include "memory/table.h"

struct history_batches {
    struct table sites;
    /* The first site whose batches are in two files; NULL: there is none. */
    char *site, *batch;
    const char *paths[2];
    char *host; /* the first one that is in two files; NULL */
};

/* Makes BATCHES empty.  SEED: see memory/table.h. */
void history_batches_init(struct history_batches *batches, uint64_t seed);
void history_batches_free(struct history_batches *batches);

/* Adds the row of a site in the file PATH, which must last.  Returns false with one line in ERROR when another file has
 * another last batch of the site. */
bool history_batches_add(struct history_batches *batches, const struct history_row *row,
                         const char *path, struct buffer *error);

/* Notes that a host is in two files. */
void history_batches_share(struct history_batches *batches, const struct history_row *host);

/* Returns false with one line in ERROR when records may count twice. */
bool history_batches_check(const struct history_batches *batches, struct buffer *error);

#endif
