/* Tells whether a ledger and its write-ahead log belong together.
 *
 * SQLite keeps the latest commits in NAME.db-wal until a checkpoint copies their pages into NAME.db.
 * Neither of the two files refers to the other one.  So when somebody puts an older copy of NAME.db beside
 * the log of a run that crashed, SQLite copies the pages of the log into the older file.  The commits
 * between the copy and the begin of the log are then lost without an error.
 *
 * Therefore each transaction makes a random token.  The table generation has only the latest token.
 * The table log_generation has all tokens from the token that NAME.db had when the log began.  The
 * two files belong together if the token in NAME.db alone is in the list of tokens in NAME.db and log
 * together: then the log has every page that was changed since.  The token 0 stands for a file from
 * before the last change of the schema.
 *
 * Each transaction also writes the first page, which leads to the tables: without this page in the
 * log, an older NAME.db would decide which tables the two have.
 *
 * A power failure during a checkpoint can leave a NAME.db with half-written pages; its log is whole
 * then.  The one row of the table generation always has the same size and place, so a half-written
 * page has the old token, the new one, or zero bytes.  A NAME.db that cannot be read by itself is
 * accepted. */
#ifndef LEDGER_GENERATION_H
#define LEDGER_GENERATION_H

#include "ledger/database.h"

/* Makes the tables, in the script of a schema. */
#define GENERATION_TABLES                                                                          \
    "CREATE TABLE generation (id INTEGER PRIMARY KEY, token INTEGER NOT NULL);"                    \
    "CREATE TABLE log_generation (number INTEGER PRIMARY KEY, token INTEGER NOT NULL);"

enum generation_result { GENERATION_FITS, GENERATION_DIFFERS, GENERATION_FAILED };

/* Compares the ledger file with the file and its log, before anything is changed.  PATH is the real
 * path of the file. */
enum generation_result generation_check(struct database *database, const char *path);

/* Notes that the log begins with the present generation: no page is in the log alone. */
bool generation_begin_log(struct database *database);

/* Adds the generation of the present transaction, which is about to be committed.  CHANGES_SCHEMA:
 * it has changed the tables. */
bool generation_add(struct database *database, bool changes_schema);

/* Copies the log into the ledger file when the log has become long, after a commit.  An error does
 * not matter: the log stays. */
void generation_shorten_log(struct database *database);

#endif
