/* Ledgers of version 1, which did not have their site and source, nor the history. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/owner.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "tap.h"

static const char version_1[] =
    "CREATE TABLE object (key TEXT NOT NULL, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " PRIMARY KEY (key, tag, size)) WITHOUT ROWID;"
    "CREATE TABLE batch (id TEXT NOT NULL, begun INTEGER NOT NULL, writes_open INTEGER NOT NULL,"
    " is_full INTEGER NOT NULL, is_handed_out INTEGER NOT NULL DEFAULT 0, views BLOB,"
    " open_views INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE batch_object (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, time INTEGER NOT NULL, fate INTEGER NOT NULL DEFAULT 0)"
    " WITHOUT ROWID;"
    "CREATE TABLE aside (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL, time INTEGER NOT NULL, cause TEXT NOT NULL,"
    " since INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE clean_up (key TEXT PRIMARY KEY, tag TEXT NOT NULL, size INTEGER NOT NULL,"
    " modified INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "PRAGMA application_id = 0x41574346; PRAGMA user_version = 1;";

static struct batch_error error;

/* Makes a ledger of version 1 that has CONTENT, and opens it. */
static struct ledger *open_old(const char *path, const char *content)
{
    sqlite3 *db;
    struct ledger *ledger = NULL;
    unlink(path);
    bool made = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_exec(db, version_1, NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_exec(db, content, NULL, NULL, NULL) == SQLITE_OK;
    if (!made)
        printf("# %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    ok(made && ledger_open(&ledger, path, false, &error.text) == 1, "it is opened");
    return ledger;
}

static bool note(void *user, const struct ledger_object *object, bool is_in_batch)
{
    buffer_printf(user, "%s%s ", object->key, is_in_batch ? " in the batch" : "");
    return true;
}

/* The objects of a log are found by its name. */
static void test_names(const char *path)
{
    struct buffer found = {0};
    struct ledger *ledger =
        open_old(path, "INSERT INTO object VALUES ('a/b.gz', 't', 1), ('b', 'u', 2), ('c', 'v', 3);"
                       "INSERT INTO batch VALUES ('two', 1000, 0, 1, 1, NULL, 0, 0);"
                       "INSERT INTO batch_object VALUES ('d/b', 't', 1, 900, 900, 0);");
    ok(ledger_visit_namesakes(ledger, "x/b.zst", "", LEDGER_ANY_SIZE, note, &found),
       "the objects of a name are asked for");
    is_text(found.data, found.size, "a/b.gz b d/b in the batch ", "and found");
    buffer_clear(&found);
    ledger_close(ledger);

    /* A run of version 12 has opened the ledger before the migration, and commits after it. */
    sqlite3 *db;
    bool is_back = sqlite3_open(path, &db) == SQLITE_OK &&
                   sqlite3_exec(db,
                                "INSERT INTO object (key, tag, size) VALUES ('e/b.zst', 'w', 4);"
                                "PRAGMA user_version = 12",
                                NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    ok(is_back && ledger_open(&ledger, path, false, &error.text) == 1, "it is migrated once more");
    ok(ledger_visit_namesakes(ledger, "x/b.zst", "", LEDGER_ANY_SIZE, note, &found),
       "the objects of a name are asked for");
    is_text(found.data, found.size, "a/b.gz b e/b.zst d/b in the batch ", "and all are found");
    buffer_free(&found);
    ledger_close(ledger);
}

static void test_batch(const char *path)
{
    char id[BATCH_ID_SIZE];
    struct ledger_batch batch;
    struct ledger_status status;
    struct ledger *ledger =
        open_old(path, "INSERT INTO object VALUES ('a', 't', 1);"
                       "INSERT INTO state VALUES ('last_id', 'one'), ('objects', 1);"
                       "INSERT INTO batch VALUES ('two', 1000, 0, 1, 1, x'616263', 2, 5);"
                       "INSERT INTO batch_object VALUES ('b', 't', 1, 900, 900, 0);");
    ok(ledger_get_batch(ledger, &batch) == 1 && !strcmp(batch.id, "two"),
       "the batch of an old ledger is open");
    ok(batch.prepared == 1000, "the batch of an old ledger was prepared");
    ok(ledger_has_prepared(ledger, "two") == 1, "the batch of an old ledger has its ID");
    ok(ledger_get_previous(ledger, id) && !*id, "what the history has is not known");
    ok(ledger_commit(ledger, "two", false, false, "two", NULL, NULL), "it is committed");
    void *views;
    size_t size;
    ok(ledger_get_views(ledger, &views, &size) && size == 3 && !memcmp(views, "abc", 3),
       "a committed batch of an old ledger: its views");
    free(views);
    ok(ledger_get_status(ledger, &status) && status.objects == 2 && status.bad == 5 &&
           status.open_views == 2,
       "a committed batch of an old ledger: its numbers");
    ok(status.figures.since > 0 && !status.figures.text && status.figures.unknown == 1,
       "a committed batch of an old ledger: its figures are unknown");
    ledger_status_free(&status);
    ledger_close(ledger);
}

static void test_not_prepared(const char *path)
{
    char id[BATCH_ID_SIZE];
    struct ledger_batch batch;
    struct ledger *ledger =
        open_old(path, "INSERT INTO batch VALUES ('one', 1000, 0, 1, 0, NULL, 0, 0);");
    ok(ledger_get_batch(ledger, &batch) == 1 && !batch.prepared, "a batch not prepared yet");
    ok(ledger_has_prepared(ledger, "one") == 0, "is none that can be committed");
    ok(ledger_get_previous(ledger, id) && !strcmp(id, "-"), "the history has none");
    ledger_close(ledger);
}

/* In version 1, keys begin with the source as the section spelled it. */
static void test_source(const char *path, const char *directory)
{
    char content[1024], given[128], file[128], name[] = "cdn";
    snprintf(given, sizeof given, "%s/./logs/", directory);
    snprintf(file, sizeof file, "%s/logs", directory);
    mkdir(file, 0700);
    snprintf(content, sizeof content,
             "INSERT INTO object VALUES ('%1$sa', 't', 1), ('%1$sb/c', 't', 1);"
             "INSERT INTO batch VALUES ('one', 1000, 0, 1, 1, NULL, 0, 0);"
             "INSERT INTO batch_object VALUES ('%1$sd', 't', 1, 900, 900, 0);",
             given);
    struct ledger *ledger = open_old(path, content);
    struct site site = {.name = name, .source = given};
    struct ledger_batch batch;
    char *source = NULL;
    ok(owner_is(ledger, &site, path, &error), "it is nobody's yet");
    ok(ledger_get_batch(ledger, &batch) == 1 && owner_take(ledger, &site, &batch, &source, &error),
       "a site takes it, with a batch open");
    is_text(source, strlen(source), file, "its source by one name");
    free(source);
    ok(ledger_commit(ledger, "one", false, false, "one", NULL, NULL), "the batch is committed");
    const char *const keys[] = {"a", "b/c", "d", NULL};
    for (int i = 0; keys[i]; i++) {
        snprintf(file, sizeof file, "%s/logs/%s", directory, keys[i]);
        struct ledger_object object = {.key = file, .tag = "t", .size = 1};
        bool has_content;
        ok(ledger_knows(ledger, &object, &has_content) == 1, "%s is known", keys[i]);
    }
    ledger_close(ledger);
    snprintf(file, sizeof file, "%s/logs", directory);
    rmdir(file);
}

/* Returns the version of the form that the file at PATH has; SQL is run before. */
static int form_after(const char *sql, const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    int number = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

/* A command without the lock migrates only while no run holds the lock. */
static void test_lock(const char *path)
{
    int lock;
    char name[80];
    struct ledger *ledger = open_old(path, ""), *second = NULL;
    ok(lock_take(&lock, path, 0, &error.text) == LOCK_HELD, "a run holds the lock");
    ok(ledger_open_without_lock(&second, path, 0, &error.text) == 1,
       "a ledger of the newest form is opened beside it");
    ledger_close(second);
    ledger_close(ledger);
    ok(form_after("PRAGMA user_version = 12", path) == 12, "one of an older form");
    ok(ledger_open_without_lock(&second, path, 0, &error.text) == -1 && !second, "is not");
    ok(error.text.size &&
           strstr(error.text.data, "run the command again when the other run has ended"),
       "the error says what to do");
    ok(form_after("", path) == 12, "during the run the ledger keeps its older form");
    buffer_clear(&error.text);
    close(lock);
    ok(ledger_open_without_lock(&second, path, 0, &error.text) == 1, "after the run it is opened");
    ok(form_after("", path) > 12, "after the run the ledger has the newest form");
    ok(lock_take(&lock, path, 0, &error.text) == LOCK_HELD, "the lock is free again");
    close(lock);
    ledger_close(second);
    snprintf(name, sizeof name, "%s.lock", path);
    unlink(name);
    unlink(path);
    ok(ledger_open_without_lock(&second, path, 0, &error.text) == 0, "a missing one is no error");
}

/* Another version of the program has brought the file to its own FORM, while this one has it open. */
static void test_other_form(const char *path, int form, const char *message)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", form);
    sqlite3 *db;
    struct buffer *text = &error.text;
    struct ledger *ledger =
        open_old(path, "INSERT INTO batch VALUES ('one', 1000, 0, 1, 1, NULL, 0, 0);"
                       "INSERT INTO batch_object VALUES ('a', 't', 1, 900, 900, 0);");
    bool changed = sqlite3_open(path, &db) == SQLITE_OK &&
                   sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    ok(changed, "the file has the form %d", form);
    buffer_clear(text);
    ok(!ledger_commit(ledger, "one", false, false, "one", NULL, NULL), "no batch is committed");
    ok(text->size && strstr(text->data, message), "the error says why: %s",
       text->size ? text->data : "");
    ledger_close(ledger);
    sqlite3_stmt *statement = NULL;
    ok(sqlite3_prepare_v2(
           db, "SELECT count(*), (SELECT user_version FROM pragma_user_version) FROM batch", -1,
           &statement, NULL) == SQLITE_OK &&
           sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1 &&
           sqlite3_column_int(statement, 1) == form,
       "the batch is open, and the form is the other one");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* A newer version has removed a table of this one, while this one has the file open, to read it. */
static void test_other_tables(const char *path)
{
    sqlite3 *db;
    struct ledger_batch batch;
    struct buffer *text = &error.text;
    struct ledger *ledger = open_old(path, "");
    bool changed = sqlite3_open(path, &db) == SQLITE_OK &&
                   sqlite3_exec(db, "ALTER TABLE batch RENAME TO batches; PRAGMA user_version = 99",
                                NULL, NULL, NULL) == SQLITE_OK;
    ok(changed, "the file has other tables");
    buffer_clear(text);
    ok(ledger_get_batch(ledger, &batch) < 0, "a table that is gone cannot be read");
    ok(text->size && strstr(text->data, "a newer version of awstats-cloudfront has changed"),
       "the error says why: %s", text->size ? text->data : "");
    ledger_close(ledger);
    sqlite3_close(db);
}

int main(void)
{
    char directory[] = "/tmp/migration-XXXXXX", path[64], name[80];
    if (!mkdtemp(directory)) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    snprintf(path, sizeof path, "%s/x.db", directory);
    test_names(path);
    test_batch(path);
    test_not_prepared(path);
    test_source(path, directory);
    test_other_form(path, 99, "a newer version of awstats-cloudfront has changed");
    test_other_form(path, 12, "an older version of awstats-cloudfront has changed");
    test_other_tables(path);
    test_lock(path);
    const char *const ends[] = {"", "-wal", "-shm", NULL};
    for (int i = 0; ends[i]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    batch_error_free(&error);
    rmdir(directory);
    return done_testing();
}
