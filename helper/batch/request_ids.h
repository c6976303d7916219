/* Keeps the request IDs of a batch when the batch is committed; see batch_get_request_ids(). */
#ifndef BATCH_REQUEST_IDS_H
#define BATCH_REQUEST_IDS_H

#include <stdbool.h>

struct batch;

/* Whether the revision ID of the open batch has stored its request IDs. */
bool request_ids_exist(const struct batch *batch, const char *id);

/* Removes the files with request IDs that the ledger does not name: those of earlier batches and of
 * revisions that were not committed. */
void request_ids_remove_old(const struct batch *batch);

#endif
