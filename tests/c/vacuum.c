/* A ledger file with many free pages: the next commit makes it small, whether an older version has made the file, so it keeps
 * its free pages, or a large batch has left them.  If that cannot be done, or the program ends meanwhile, each object is
 * known once, and a later commit does it.  A copy of the old file does not belong to the log of the new one. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_memory.h"
#include "faulty_vfs.h"
#include "ledger/ledger.h"
#include "ledger_file.h"
#include "scratch.h"
#include "stride.h"
#include "tap.h"
#include "text/buffer.h"

enum { OBJECTS = 900, SMALL = 1 << 20 };

static struct buffer error;

static bool prepare(struct ledger *ledger, const char *id, int first, int count)
{
    struct ledger_batch batch = {.begun = 1};
    const struct ledger_revision revision = {0};
    snprintf(batch.id, sizeof batch.id, "%s", id);
    bool done = ledger_begin(ledger, &batch);
    for (int i = first; done && i < first + count; i++) {
        char key[64];
        snprintf(key, sizeof key, "cdn/%02x/object-%04d-of-some-length", i * 37 % 256, i);
        done = ledger_add(ledger, &(struct ledger_object){.key = key, .tag = "t", .size = 1}, NULL);
    }
    return done && ledger_begun(ledger, true) &&
           ledger_prepare(ledger, NULL, 0, NULL, 0, &revision);
}

static bool commit(struct ledger *ledger, const char *id)
{
    return ledger_commit(ledger, id, false, false, id, NULL, NULL);
}

static bool run(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    bool done = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    if (!done)
        printf("# %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return done;
}

static bool copy(const char *from, const char *to)
{
    char command[400];
    snprintf(command, sizeof command, "rm -f %s-* && cp %s %s", to, from, to);
    return system(command) == 0;
}

static int64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* Makes a ledger with a prepared batch, and with the tables that FILL makes. */
static bool make(const char *path, const char *fill)
{
    struct ledger *ledger = NULL;
    bool done = ledger_open(&ledger, path, true, &error) == 1 &&
                prepare(ledger, "first", 0, OBJECTS) && commit(ledger, "first") &&
                prepare(ledger, "second", OBJECTS, 1);
    ledger_close(ledger);
    return done && run(path, fill);
}

/* Makes a ledger as an older version left it: the table generation lies behind many free pages. */
static bool make_old(const char *path)
{
    return make(path, "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;"
                      "CREATE TABLE filler (data); INSERT INTO filler VALUES (zeroblob(5000000));"
                      "CREATE TABLE moved (id INTEGER PRIMARY KEY, token INTEGER NOT NULL);"
                      "INSERT INTO moved SELECT * FROM generation; DROP TABLE generation;"
                      "ALTER TABLE moved RENAME TO generation; DROP TABLE filler");
}

/* Makes a ledger from which a large batch has gone, with a row behind the free pages. */
static bool make_left(const char *path)
{
    return make(path, "PRAGMA journal_mode = DELETE;"
                      "CREATE TABLE filler (data); INSERT INTO filler VALUES (zeroblob(5000000));"
                      "CREATE TABLE behind (data); INSERT INTO behind VALUES (zeroblob(9000));"
                      "DROP TABLE filler");
}

static bool count_object(void *user, const struct ledger_object *object)
{
    *(int *)user += *object->key != '\0';
    return true;
}

/* Whether the file is whole, and knows so many objects once, after the batch is committed if it is still open. */
static bool is_right(const char *path, int objects)
{
    struct ledger *ledger = NULL;
    struct ledger_batch batch;
    struct ledger_status status = {0};
    int open = -1, count = 0;
    bool is =
        ledger_open(&ledger, path, false, &error) == 1 &&
        (open = ledger_get_batch(ledger, &batch)) >= 0 && (!open || commit(ledger, batch.id)) &&
        ledger_visit_counted(ledger, count_object, &count) && ledger_get_status(ledger, &status);
    char *corrupt = is ? ledger_inspect(ledger) : NULL;
    is = is && !corrupt && count == objects && status.objects == (uint64_t)objects;
    if (!is)
        printf("# %d objects, %s\n", count, corrupt ? corrupt : error.size ? error.data : "");
    free(corrupt);
    ledger_status_free(&status);
    ledger_close(ledger);
    return is;
}

static bool is_small(const char *path)
{
    return size_of(path) < SMALL && ledger_file_number(path, "PRAGMA freelist_count") == 0 &&
           ledger_file_number(path, "PRAGMA auto_vacuum") == 2;
}

/* Whether the ledger is opened, commits the prepared batch, and is closed. */
static bool commit_second(const char *path)
{
    struct ledger *ledger = NULL;
    bool done = ledger_open(&ledger, path, false, &error) == 1 && commit(ledger, "second");
    ledger_close(ledger);
    return done;
}

static void test_usual(const char *old, const char *path, const char *name)
{
    char journal[128];
    snprintf(journal, sizeof journal, "%s-journal", path);
    ok(copy(old, path) && size_of(path) > 5000000, "%s: a large file", name);
    ok(commit_second(path), "a batch is committed");
    ok(is_small(path), "the file is small: %d bytes", (int)size_of(path));
    ok(access(journal, F_OK) < 0, "no journal is left");
    ok(is_right(path, OBJECTS + 1), "each object is known once");
}

/* Another process reads the ledger. */
static void test_reader(const char *old, const char *path)
{
    struct ledger *ledger = NULL, *reader = NULL;
    struct ledger_batch batch;
    copy(old, path);
    bool opened = ledger_open(&ledger, path, false, &error) == 1 &&
                  ledger_open(&reader, path, false, &error) == 1 &&
                  ledger_get_batch(reader, &batch) == 1;
    ok(opened && commit(ledger, "second"), "a batch is committed while another process reads");
    ok(ledger_get_batch(reader, &batch) == 0, "the other process reads on");
    ok(size_of(path) > 5000000, "the file stays as it was");
    ledger_close(reader);
    reader = NULL;
    ok(prepare(ledger, "third", OBJECTS + 1, 1) && commit(ledger, "third"), "the next commit");
    ok(size_of(path) < SMALL, "the file is small then");
    ok(ledger_open(&reader, path, false, &error) == 1, "another process opens the ledger");
    ok(prepare(ledger, "fourth", OBJECTS + 2, 1) && commit(ledger, "fourth") &&
           ledger_get_batch(reader, &batch) == 0,
       "one process commits, the other reads");
    ledger_close(reader);
    ledger_close(ledger);
    ok(is_small(path) && is_right(path, OBJECTS + 3), "each object is known once");
}

/* The old file is put beside the log of the new one. */
static void test_old_copy(const char *old, const char *path)
{
    struct ledger *ledger = NULL;
    char command[400];
    copy(old, path);
    bool done = ledger_open(&ledger, path, false, &error) == 1 && commit(ledger, "second") &&
                prepare(ledger, "third", OBJECTS + 1, 1);
    snprintf(command, sizeof command, "cp %1$s-wal %1$s.log", path);
    done = done && size_of(path) < SMALL && system(command) == 0;
    ledger_close(ledger);
    ledger = NULL;
    snprintf(command, sizeof command, "mv %1$s.log %1$s-wal", path);
    ok(done && copy(old, path) && system(command) == 0,
       "a copy of the old file is put beside the log of the new file");
    buffer_clear(&error);
    bool is_refused = ledger_open(&ledger, path, false, &error) == -1;
    ok(is_refused && strstr(error.data, "do not match"), "they are refused: %s",
       is_refused ? error.data : "no error");
    ledger_close(ledger);
}

/* Commits while one call fails, or ends the program. */
static void test_faults(const char *old, const char *path, unsigned long *count,
                        unsigned long *fail, bool ends, unsigned long step, const char *name)
{
    unsigned long wrong = 0, tried = 0, large = 0, at = 1;
    for (bool is_last = false; !is_last && wrong < 5; at += stride(step, 5 * step), tried++) {
        struct ledger *ledger = NULL;
        if (!copy(old, path))
            break;
        pid_t child = ends ? fork() : 0;
        if (child == 0) {
            bool opened = ledger_open(&ledger, path, false, &error) == 1;
            buffer_clear(&error);
            *count = 0;
            *fail = at;
            bool done = opened && commit(ledger, "second");
            is_last = *count < at;
            *fail = 0;
            wrong += !opened || (!done && !error.size);
            ledger_close(ledger);
            if (ends)
                _exit(is_last ? 0 : 1);
        } else {
            int status = 0;
            waitpid(child, &status, 0);
            is_last = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        large += size_of(path) > SMALL;
        wrong += !is_right(path, OBJECTS + 1);
    }
    ok(!wrong && large && large < tried,
       "%s: each object is known once (%lu of %lu calls tried, after %lu the file is large)", name,
       tried, at - 1, large);
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64], old[64];
    if (!scratch_make(directory))
        return 1;
    install_memory();
    install_vfs();
    fail_with = SQLITE_FULL;
    snprintf(path, sizeof path, "%s/x.db", directory);
    snprintf(old, sizeof old, "%s/old.db", directory);
    ok(make_old(old), "a ledger of an older version: %s", error.size ? error.data : "");
    test_usual(old, path, "of an older version");
    test_reader(old, path);
    test_old_copy(old, path);
    test_faults(old, path, &calls, &fail_at, false, 7, "a call to the disk fails");
    test_faults(old, path, &memory_calls, &memory_fail_at, false, 97, "an allocation fails");
    test_faults(old, path, &calls, &exit_at, true, 7, "the program ends");
    scratch_remove_ledger(old);
    ok(make_left(old), "a ledger with free pages: %s", error.size ? error.data : "");
    test_usual(old, path, "of a large batch");
    test_faults(old, path, &calls, &fail_at, false, 7, "free pages, a call to the disk fails");
    test_faults(old, path, &memory_calls, &memory_fail_at, false, 97,
                "free pages, an allocation fails");
    test_faults(old, path, &calls, &exit_at, true, 7, "free pages, the program ends");
    buffer_free(&error);
    scratch_remove_ledger(path);
    scratch_remove_ledger(old);
    scratch_end(directory);
    return done_testing();
}
