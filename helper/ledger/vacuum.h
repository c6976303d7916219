/* Makes the file of a ledger small again, when many of its pages are free.
 *
 * In a file of this version, SQLite moves pages from the end of the file to free places, and cuts the file off
 * (PRAGMA incremental_vacuum).  Packing does so with the pages that it frees (pack.c), and a commit with those of a large
 * batch: while a batch waits, its objects are in the file twice.  A few free pages stay, for the next batches.
 *
 * A file that an older version has made keeps its free pages, and its rows were several times as large as packed
 * objects.  SQLite's VACUUM writes the whole file anew.  With a write-ahead log, this would break what ledger/generation.h
 * relies on: VACUUM moves the table generation, so a half-copied file could have a token that is none of its own.
 * Therefore the file has a rollback journal, NAME.db-journal, for this time: after a crash, the next program that opens
 * the file puts the old pages back.  Other processes cannot open the file meanwhile; they wait up to ten seconds. */
#ifndef LEDGER_VACUUM_H
#define LEDGER_VACUUM_H

#include "ledger/database.h"

/* Gives some free pages back to the disk, in the caller's transaction: so many that this takes less than a second or so.
 * Does nothing in a file of an older version. */
bool vacuum_some(struct database *database);

/* Makes the file smaller, unless it has few free pages; a file of an older version also stays as it is while it is open in
 * another process, or on a disk without room for the journal.  Call this after a commit, because no copy of the old file
 * has its token.  The caller holds the lock (ledger/lock.h), and has no running statement.  An error does not matter: the file
 * stays as it was, the next commit tries again, and -v tells why. */
void vacuum_if_useful(struct database *database);

#endif
