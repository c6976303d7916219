/* The objects that hold no requests, as far as they could be read: logs of another kind, texts, logs of which
 * no line can be read.  They are known with the way they were read in.  As long as objects are read in the
 * same way they are not read again, never deleted or moved, and no other object is compared with them. */
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
