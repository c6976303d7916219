/* An SQLite database as a ledger needs it: every commit is on the disk when it returns, and every
 * error is one line that names the file and says what to do. */
#ifndef LEDGER_DATABASE_H
#define LEDGER_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

struct database {
    sqlite3 *handle;
    char *path;              /* owned */
    struct buffer *error;    /* the caller's: one line about the call that failed last */
    sqlite3_stmt *roll_back; /* prepared early: it has to work when memory has run out */
    /* See ledger/generation.h. */
    int version;                                /* of the schema */
    bool had_log;                               /* when it was opened */
    int log_pages;                              /* of the log, after the last commit */
    int64_t log_begin, generation, generations; /* the oldest row to keep, the newest, how many */
};

/* The schema's history: SCRIPTS[n] migrates version n to version n + 1. */
struct database_schema {
    int application; /* PRAGMA application_id, by which a file of ours is known */
    const char *const *scripts;
    int version; /* number of scripts */
    int (*define)(
        sqlite3 *handle); /* defines functions for the scripts; returns an error of SQLite */
};

enum database_way {
    DATABASE_AS_IT_IS, /* without a migration: DATABASE_IS_OTHER when it needs one */
    DATABASE_MIGRATE,  /* brings the file to the schema's version */
    DATABASE_MAKE      /* the same, and makes a missing file, readable for its owner alone */
};
enum { DATABASE_IS_OTHER = 2 };

/* Opens PATH in this WAY.  ERROR gets the error text of this and all later calls, and must
 * last as long as the database.  Returns 1; 0 when the file is missing and is not made; -1 when it
 * is corrupt, of a newer version, not a ledger, or cannot be written. */
int database_open(struct database *database, const char *path, enum database_way way,
                  const struct database_schema *schema, struct buffer *error);
void database_close(struct database *database);

/* Stores one line as the error text. */
void database_fail(const struct database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Stores as the error text that another process has brought the file to VERSION since it was opened. */
void database_fail_on_version(const struct database *database, int64_t version);

/* Runs SQL without results and parameters.  A change must be inside a transaction.  False:
 * failed. */
bool database_run(struct database *database, const char *sql);

/* Ends the transaction that database_run(database, "BEGIN ...") began: commits when DONE, which
 * says whether its statements succeeded, else rolls back.  Returns whether it was committed. */
bool database_end(struct database *database, bool done);
void database_roll_back(struct database *database);

/* Prepares SQL and binds its parameters, which TYPES describes, a letter each: i, an int64_t; t, a
 * text (const char *, NULL for none); b, a blob (const void *, size_t).  Texts and blobs must live
 * until the next binding or the end of the statement.  NULL: failed. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql, const char *types, ...);

/* Binds other values to a statement, and makes it ready to run again.  False: failed. */
bool database_bind(struct database *database, sqlite3_stmt *statement, const char *types, ...);

/* Binds the parameter called NAME (with its colon) of a prepared statement; does nothing when the
 * statement has none of this name.  TEXT must live until the statement ends. */
void database_bind_number(sqlite3_stmt *statement, const char *name, int64_t number);
void database_bind_text(sqlite3_stmt *statement, const char *name, const char *text);

/* Runs a statement to its next row: 1 there is one, 0 it is done, -1 it failed. */
int database_step(struct database *database, sqlite3_stmt *statement);

/* Prepares, binds and finalizes a statement, and tells whether it has a row: 1, 0, or -1 after an error. */
int database_has_row(struct database *database, const char *sql, const char *types, ...);

/* Reads the number that SQL, which has no parameters, gives in its first row.  False: failed. */
bool database_read_number(struct database *database, const char *sql, int64_t *number);

/* Prepares, binds, runs to the end and finalizes a statement without results; outside a transaction,
 * in one of its own.  False: failed. */
bool database_do(struct database *database, const char *sql, const char *types, ...);

/* Copies the database as of one moment into the new file PATH, without free pages, on the disk when it returns. */
bool database_copy(struct database *database, const char *path);

/* Reads the whole file.  Returns NULL, or why it is corrupt (the caller frees the text). */
char *database_inspect(struct database *database);

#endif
