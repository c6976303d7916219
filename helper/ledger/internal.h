/* What the ledger's files share. */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "ledger/database.h"
#include "ledger/ledger.h"

struct ledger {
    struct database database;
    sqlite3_stmt *knows, *add; /* prepared once */
};

/* The columns key, tag, size, modified and time, the first five, of a row. */
struct ledger_object row_read_object(sqlite3_stmt *statement);
void row_copy_id(char id[LEDGER_ID_SIZE], sqlite3_stmt *statement, int column);

/* The table state: values by name. */
bool state_set_number(struct ledger *ledger, const char *name, int64_t value);
bool state_set_text(struct ledger *ledger, const char *name, const char *value);

#endif
