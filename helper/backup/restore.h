/* Replaces a site's ledger and history by those of a backup. */
#ifndef BACKUP_RESTORE_H
#define BACKUP_RESTORE_H

#include "backup/manifest.h"

/* Restores the backup in FOLDER, with its MANIFEST, to the ledger at PATH and the history folder
 * HISTORY.  The caller has locked both.  Checks the digest of each file, and that ledger and history
 * belong together, before anything changes.  If HISTORY is another folder than the
 * ledger of the backup knows, the restored ledger knows HISTORY as the folder of its history.  The replaced files stay beside the new ones,
 * with *KEPT (the caller frees it) at the end of their names; NULL: there were none.  False after
 * adding to ERROR: nothing has changed, or replacement_finish() goes on. */
bool restore_files(const struct manifest *manifest, const char *folder, const char *path,
                   const char *history, char **kept, struct buffer *error);

#endif
