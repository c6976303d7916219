/* The objects in which this version has found no requests: logs of another kind, texts, logs without a readable
 * line.  The ledger keeps each with the settings that it was read with (ledger_set_reading()).  Under the same
 * settings, no run reads such an object again.  The program never deletes or moves it, and compares no other
 * object with it. */
#include <stdlib.h>
#include <time.h>

#include "ledger/internal.h"
#include "memory/allocate.h"

void ledger_set_reading(struct ledger *ledger, const char *reading)
{
    free(ledger->reading);
    ledger->reading = memory_copy_text(reading);
}

const char *ledger_reading(const struct ledger *ledger)
{
    return ledger->reading ? ledger->reading : "";
}

int ledger_has_other_reading(struct ledger *ledger)
{
    return database_has_row(&ledger->database,
                            "SELECT 1 FROM passed_over WHERE reading <> ? LIMIT 1", "t",
                            ledger_reading(ledger));
}

bool ledger_pass_over(struct ledger *ledger, const char *key, const char *error)
{
    return database_do(&ledger->database,
                       "INSERT OR REPLACE INTO passed_over (key, tag, size, error, since, reading)"
                       " SELECT o.key, o.tag, o.size, ?, ?, b.reading"
                       " FROM batch_object AS o, batch AS b WHERE o.key = ?",
                       "tit", error, (int64_t)time(NULL), key);
}

bool ledger_visit_passed_over(struct ledger *ledger, unsigned limit, ledger_visit_left_out *visit,
                              void *user)
{
    sqlite3_stmt *statement =
        database_prepare(&ledger->database,
                         "SELECT key, tag, size, 0, 0, since, error FROM passed_over"
                         " ORDER BY since DESC, key DESC LIMIT ?",
                         "i", (int64_t)limit);
    return row_visit_left_out(ledger, statement, visit, user);
}
