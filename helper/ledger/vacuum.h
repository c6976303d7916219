/* Makes the file of a ledger small again that an older version has made: such a file keeps the pages that packing frees
 * (pack.h), and its rows were several times as large as packed objects.  Newer files give free pages back (pack.c).
 *
 * SQLite's VACUUM writes the whole file anew.  With a write-ahead log, this would break what ledger/generation.h
 * relies on: VACUUM moves the table generation, so a half-copied file could have a token that is none of its own.
 * Therefore the file has a rollback journal, NAME.db-journal, for this time: after a crash, the next program that opens
 * the file puts the old pages back.  Other processes cannot open the file meanwhile; they wait up to ten seconds. */
#ifndef LEDGER_VACUUM_H
#define LEDGER_VACUUM_H

#include "ledger/database.h"

/* Makes the file small, unless the file gives free pages back already, has few free pages, is open in another process,
 * or is on a disk without room for the journal.  Call this after a commit, because no copy of the old file has its
 * token.  The caller holds the lock (ledger/lock.h), and has no running statement.  An error does not matter: the file
 * stays as it was, the next commit tries again, and -v tells why. */
void vacuum_if_useful(struct database *database);

#endif
