/* An SQLite database as a ledger needs it: every commit is on the disk when it returns, and every
 * error is one printed line that names the file and says what to do. */
#ifndef LEDGER_DATABASE_H
#define LEDGER_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>

struct database {
    sqlite3 *handle;
    char *path; /* owned */
};

/* The schema's history: SCRIPTS[n] leads from version n to n + 1. */
struct database_schema {
    int application; /* PRAGMA application_id, by which a file of ours is known */
    const char *const *scripts;
    int version; /* number of scripts */
};

/* Opens PATH and brings it to the schema's version; makes it, for its owner alone, when it is
 * missing and MAKE is set.  Returns 1; 0 when it is missing and stays so; -1 after printing one
 * line: damaged, of a newer version, not a ledger, not writable. */
int database_open(struct database *database, const char *path, bool make,
                  const struct database_schema *schema);
void database_close(struct database *database);

/* Runs SQL without results.  False after printing one line. */
bool database_run(struct database *database, const char *sql);

/* Ends the transaction that database_run(database, "BEGIN ...") began: commits when DONE, what its
 * statements returned, else rolls back.  Returns whether it was committed; false after a printed
 * line. */
bool database_end(struct database *database, bool done);
void database_roll_back(struct database *database);

/* Prepares SQL and binds its parameters, which TYPES describes, a letter each: i, an int64_t; t, a
 * text (const char *, NULL for none); b, a blob (const void *, size_t).  Texts and blobs must live
 * until the next binding or the end of the statement.  NULL after printing one line. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...);

/* Binds other values to a statement, and makes it ready to run again.  False as above. */
bool database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* 1: the statement has a row, 0: it is done, -1: it failed; one line was printed. */
int database_step(struct database *database, sqlite3_stmt *statement);

/* Prepares, binds, runs to the end and finalizes a statement without results. */
bool database_do(struct database *database, const char *sql, const char *types, ...);

/* Reads the whole file.  NULL, or what is wrong with it (sqlite3_free()). */
char *database_inspect(struct database *database);

#endif
