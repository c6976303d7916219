/* What the ledger's files share. */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "ledger/database.h"
#include "ledger/ledger.h"
#include "ledger/packed.h"

struct ledger {
    struct database database;
    /* prepared once: they run for each object of a listing; [1]: packed_can_have() */
    sqlite3_stmt *knows[2], *knows_key, *add, *namesakes[2], *namesakes_in_batch, *texts[2],
        *texts_of_any_name[2];
    struct packed packed;
    char *reading; /* ledger_set_reading(); NULL: none */
};

/* The rows of a statement, one after another:
 *
 *     struct rows rows = rows_of(ledger, statement);
 *     while (rows_next(&rows))
 *         rows.is_end = !visit(user, ...);
 *     return rows_finish(&rows); */
struct rows {
    struct database *database;
    sqlite3_stmt *statement;
    int result;  /* of the last step, as database_step(); -1 before the first */
    bool is_end; /* the caller sets it when it wants no more rows */
};

/* STATEMENT: NULL if it could not be prepared. */
struct rows rows_of(struct ledger *ledger, sqlite3_stmt *statement);

/* Goes to the next row.  Returns false when there is none, after an error, and when is_end is set. */
bool rows_next(struct rows *rows);

/* End the loop, and reset or finalize the statement.  Return whether all rows were read: false after an error, and when
 * the caller has set is_end. */
bool rows_reset(struct rows *rows);
bool rows_finish(struct rows *rows);

/* Reads the first five columns of a row: key, tag, size, modified, time.  The texts last until the
 * statement's next step. */
struct ledger_object row_read_object(sqlite3_stmt *statement);

/* Visits the objects that a statement selects, as row_read_object() reads them, and finalizes the
 * statement (NULL: failed).  Returns false after an error, and when the visitor returned false. */
bool row_visit_objects(struct ledger *ledger, sqlite3_stmt *statement, ledger_visit_object *visit,
                       void *user);

/* The same for two more columns: since when the object is left out, and why. */
bool row_visit_left_out(struct ledger *ledger, sqlite3_stmt *statement,
                        ledger_visit_left_out *visit, void *user);

/* Copies a column that holds a batch's ID; "" for NULL. */
void row_copy_id(char id[BATCH_ID_SIZE], sqlite3_stmt *statement, int column);

/* Returns the text of ledger_set_reading(); "" without one. */
const char *ledger_reading(const struct ledger *ledger);

/* Stores why an object of the open batch is passed over. */
bool ledger_pass_over(struct ledger *ledger, const char *key, const char *error);

/* The names in the table state. */
enum state {
    STATE_SITE, /* the owner: struct ledger_owner */
    STATE_GIVEN,
    STATE_SOURCE,
    STATE_FORMER,         /* ledger_get_former() */
    STATE_REGION,         /* ledger_get_region() */
    STATE_HISTORY,        /* ledger_get_history() */
    STATE_PREVIOUS,       /* ledger_get_previous() */
    STATE_FILES,          /* ledger_get_files() */
    STATE_REQUEST_IDS,    /* ledger_get_request_ids() */
    STATE_VIEWS,          /* the open views, by views_save() */
    STATE_OPEN_VIEWS,     /* how many */
    STATE_OBJECTS,        /* counted, ever */
    STATE_BYTES,          /* of these objects */
    STATE_BAD,            /* bad rows, ever */
    STATE_NEWEST,         /* the latest time of a counted object */
    STATE_COMMITTED,      /* when the last commit was */
    STATE_STARTED,        /* when the run that works on the open batch began; ms since 1970 */
    STATE_DURATION,       /* ms from there to the last commit; missing: not known */
    STATE_LISTED_IN_FULL, /* ledger_get_full_listing() */
    STATE_NAMES,          /* enum ledger_names */
    STATE_UNREAD,         /* ledger_take_unread() was called */
    STATE_LAST_ID,        /* of the batch committed last */
    STATE_LAST_OBJECTS,   /* counted in the last batch that had objects */
    STATE_LAST_BAD,       /* bad rows of that batch */
    STATE_FIGURES,        /* of the last batch that had objects: struct ledger_figures */
    STATE_FIGURES_SUM,
    STATE_FIGURES_SINCE,
    STATE_FIGURES_UNKNOWN,
    STATE_HAS_RECORDS,  /* ledger_has_records() */
    STATE_PACKED_UP_TO, /* the key up to which rows were looked at; missing: all were (pack.c) */
    STATE_COUNT
};

/* Returns the name as the table has it. */
const char *state_name(enum state name);

bool state_set_number(struct ledger *ledger, enum state name, int64_t value);
bool state_set_text(struct ledger *ledger, enum state name, const char *value);
bool state_remove(struct ledger *ledger, enum state name);

/* Read a value; NULL (else the caller frees the text) and 0 when there is none. */
bool state_get_text(struct ledger *ledger, enum state name, char **text);
bool state_get_number(struct ledger *ledger, enum state name, int64_t *number);
bool state_get_count(struct ledger *ledger, enum state name, uint64_t *count);

/* Stores the figures of the open batch, a text or NULL, unless it has no objects: such a batch,
 * of an hourly run that finds nothing, does not hide the last one that had some. */
bool figures_commit(struct ledger *ledger, const char *text);
bool figures_get(struct ledger *ledger, struct ledger_figures *figures);

/* Stores that the history files of these PERIODS, a space between, have the batch ID; NULL: not known. */
bool files_commit(struct ledger *ledger, const char *periods, const char *id);

#endif
