/* Reads the file of a ledger by SQL, without the ledger's own code. */
#ifndef LEDGER_FILE_H
#define LEDGER_FILE_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

/* Returns the number in the first row of SQL's result; -1 after an error, which is shown. */
static inline int64_t ledger_file_number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    else
        printf("# %s\n", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

#endif
