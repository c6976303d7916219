#include "ledger/internal.h"

struct rows rows_of(struct ledger *ledger, sqlite3_stmt *statement)
{
    return (struct rows){.database = &ledger->database, .statement = statement, .result = -1};
}

bool rows_next(struct rows *rows)
{
    if (!rows->is_end && rows->statement)
        rows->result = database_step(rows->database, rows->statement);
    return !rows->is_end && rows->result > 0;
}

bool rows_reset(struct rows *rows)
{
    sqlite3_reset(rows->statement);
    return rows->result == 0;
}

bool rows_finish(struct rows *rows)
{
    sqlite3_finalize(rows->statement);
    return rows->result == 0;
}

struct ledger_object row_read_object(sqlite3_stmt *statement)
{
    return (struct ledger_object){
        .key = (const char *)sqlite3_column_text(statement, 0),
        .tag = (const char *)sqlite3_column_text(statement, 1),
        .size = (uint64_t)sqlite3_column_int64(statement, 2),
        .modified = sqlite3_column_int64(statement, 3),
        .time = sqlite3_column_int64(statement, 4),
    };
}

bool row_visit_objects(struct ledger *ledger, sqlite3_stmt *statement, ledger_visit_object *visit,
                       void *user)
{
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = row_read_object(statement);
        rows.is_end = !visit(user, &object);
    }
    return rows_finish(&rows);
}

bool row_visit_left_out(struct ledger *ledger, sqlite3_stmt *statement,
                        ledger_visit_left_out *visit, void *user)
{
    struct rows rows = rows_of(ledger, statement);
    while (rows_next(&rows)) {
        struct ledger_object object = row_read_object(statement);
        rows.is_end = !visit(user, &object, sqlite3_column_int64(statement, 5),
                             (const char *)sqlite3_column_text(statement, 6));
    }
    return rows_finish(&rows);
}

void row_copy_id(char id[BATCH_ID_SIZE], sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    sqlite3_snprintf(BATCH_ID_SIZE, id, "%s", text ? text : "");
}
