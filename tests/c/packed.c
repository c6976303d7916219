/* Packed objects of a ledger: they take the space that block.h promises; each query has its result or an error,
 * whichever allocation fails; a corrupt block is an error; an older program cannot begin a batch.  If packing fails,
 * or the program ends during a commit, each object is known exactly once. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_memory.h"
#include "faulty_vfs.h"
#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "ledger_file.h"
#include "scratch.h"
#include "stride.h"
#include "tap.h"
#include "text/buffer.h"

enum {
    OBJECTS = 2600,
    HOURS = 20,
    RECENT_HOURS = 12,
    ROWS_LEFT_MAX = 500 /* that would not fill a block */
};
static const int64_t first_hour = 1767225600; /* 2026-01-01 00:00 */

static struct buffer error;
static unsigned long long seed = 4101842887655102017ULL;

struct made {
    char key[64], tag[33];
    uint64_t size;
    struct digest digest;
};
static struct made objects[OBJECTS];

static void make_objects(void)
{
    for (int i = 0; i < OBJECTS; i++) {
        struct made *made = &objects[i];
        snprintf(made->key, sizeof made->key, "cdn/E1PACKED.2026-01-01-%02d.%08x.gz",
                 i * HOURS / OBJECTS, (unsigned)next_random(&seed));
        snprintf(made->tag, sizeof made->tag, "%016llx%016llx", next_random(&seed),
                 next_random(&seed));
        made->size = 2000 + next_random(&seed) % 60000;
        made->digest = (struct digest){made->size * 7 + next_random(&seed) % 10000,
                                       next_random(&seed), (uint32_t)next_random(&seed)};
    }
}

static struct ledger_object as_object(const struct made *made)
{
    return (struct ledger_object){.key = made->key,
                                  .tag = made->tag,
                                  .size = made->size,
                                  .modified = first_hour,
                                  .time = first_hour};
}

static bool commit(struct ledger *ledger, const char *id)
{
    return ledger_commit(ledger, id, false, false, id, NULL, NULL);
}

/* Counts all objects in one batch; none is old then. */
static bool count_all(struct ledger *ledger)
{
    static struct ledger_read read[OBJECTS];
    struct ledger_batch batch = {.id = "first", .begun = 1};
    const struct ledger_revision revision = {0};
    bool done = ledger_begin(ledger, &batch);
    for (int i = 0; done && i < OBJECTS; i++) {
        const struct ledger_object object = as_object(&objects[i]);
        read[i] = (struct ledger_read){.key = objects[i].key, .digest = objects[i].digest};
        done = ledger_add(ledger, &object, NULL);
    }
    return done && ledger_begun(ledger, true) &&
           ledger_prepare(ledger, NULL, 0, read, OBJECTS, &revision) && commit(ledger, batch.id);
}

/* Prepares a batch with one object. */
static bool prepare(struct ledger *ledger, const struct ledger_object *object)
{
    struct ledger_batch batch = {.id = "second", .begun = 2};
    const struct ledger_revision revision = {0};
    return ledger_begin(ledger, &batch) && ledger_add(ledger, object, NULL) &&
           ledger_begun(ledger, true) && ledger_prepare(ledger, NULL, 0, NULL, 0, &revision);
}

/* Prepares a batch with one object of a later month: its commit packs the others. */
static bool prepare_late(struct ledger *ledger)
{
    const struct ledger_object late = {
        .key = "cdn/late.gz", .tag = "t", .size = 1, .time = first_hour + 40 * INT64_C(86400)};
    return prepare(ledger, &late);
}

static int run(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    int result = sqlite3_open(path, &db);
    if (result == SQLITE_OK)
        result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return result;
}

static bool copy_file(const char *from, const char *to)
{
    char command[400];
    snprintf(command, sizeof command, "rm -f %s-wal %s-shm && cp %s %s", to, to, from, to);
    return system(command) == 0;
}

/* ---- questions ---- */

static bool count_object(void *user, const struct ledger_object *object)
{
    *(unsigned *)user += *object->key != '\0';
    return true;
}

static bool show_namesake(void *user, const struct ledger_object *object, bool in_batch)
{
    buffer_printf(user, "%s %s %d ", object->key, object->digest, in_batch);
    return true;
}

static bool show_object(void *user, const struct ledger_object *object)
{
    buffer_printf(user, "%s ", object->tag);
    return true;
}

static bool add_number(struct buffer *answer, int number)
{
    buffer_printf(answer, "%d ", number);
    return number >= 0;
}

static bool ask_knows(struct ledger *ledger, struct buffer *answer)
{
    bool has_content;
    struct ledger_object object = as_object(&objects[OBJECTS / 3]);
    bool done = add_number(answer, ledger_knows(ledger, &object, &has_content)) &&
                add_number(answer, has_content) &&
                add_number(answer, ledger_knows_key(ledger, object.key)) &&
                add_number(answer, ledger_has_counted_below(ledger, "cdn/E1PACKED.2026-01-01-05"));
    object.size++;
    return done && add_number(answer, ledger_knows(ledger, &object, &has_content));
}

static bool ask_last(struct ledger *ledger, struct buffer *answer)
{
    char *key = NULL;
    int found = ledger_last_key(ledger, "cdn/E1PACKED.2026-01-01-07", &key);
    buffer_printf(answer, "%s", key ? key : "");
    free(key);
    return add_number(answer, found);
}

static bool ask_namesakes(struct ledger *ledger, struct buffer *answer)
{
    char key[80], digest[DIGEST_WRITTEN_SIZE];
    snprintf(key, sizeof key, "moved/%s", strchr(objects[7].key, '/') + 1);
    digest_write(&objects[7].digest, digest);
    return ledger_visit_namesakes(ledger, key, "", LEDGER_ANY_SIZE, show_namesake, answer) &&
           ledger_visit_texts(ledger, key, digest, false, show_object, answer);
}

static bool ask_all(struct ledger *ledger, struct buffer *answer)
{
    unsigned count = 0;
    return ledger_visit_counted(ledger, count_object, &count) && add_number(answer, (int)count);
}

static bool show_equal(void *user, const struct ledger_object *object,
                       const struct ledger_object *counted)
{
    buffer_printf(user, "%s %s ", object->key, counted->key);
    return true;
}

/* Looks for packed objects by the ETags, or the digests of the texts, of objects with other names.  One object
 * has both in common with a packed one, one has another size, and one has a new ETag. */
static bool ask_held(struct ledger *ledger, struct buffer *answer)
{
    const struct made *same = &objects[OBJECTS / 5], *longer = &objects[OBJECTS / 6];
    struct ledger_batch batch = {.id = "given up", .begun = 3};
    const struct ledger_object others[] = {
        {.key = "cdn/a.gz", .tag = longer->tag, .size = longer->size + 1},
        {.key = "cdn/b.gz", .tag = same->tag, .size = same->size},
        {.key = "cdn/c.gz", .tag = "00112233445566778899aabbccddeeff", .size = 7},
        {.key = "cdn/d.gz", .tag = "of a multipart upload-2", .size = 7},
    };
    struct digest digests[] = {same->digest, longer->digest, {0}};
    char digest[DIGEST_WRITTEN_SIZE];
    digests[1].low++;
    bool done = ledger_begin(ledger, &batch);
    for (size_t i = 0; done && i < sizeof others / sizeof *others; i++)
        done = ledger_add(ledger, &others[i], NULL);
    done = done && ledger_visit_equals(ledger, true, show_equal, answer);
    ledger_expect_texts(ledger, digests, 3);
    for (size_t i = 0; done && i < 3; i++) {
        digest_write(i < 2 ? &digests[i] : &objects[7].digest,
                     digest); /* the last was not expected */
        done = ledger_visit_texts(ledger, "cdn/b.gz", digest, true, show_object, answer);
    }
    ledger_undo(ledger);
    return done;
}

/* Makes rows of the packed objects, and rolls back.  In the next transaction, the results are the same. */
static bool ask_as_rows(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_batch batch = {.id = "given up", .begun = 3};
    struct buffer again = {0};
    bool done = true;
    for (int i = 0; done && i < 2 && (done = ledger_begin(ledger, &batch)); i++) {
        struct buffer *out = i ? &again : answer;
        done = (i || pack_move_keys(ledger, "none/", "cdn/")) && ask_namesakes(ledger, out) &&
               ask_knows(ledger, out);
        ledger_undo(ledger);
    }
    done = done && !strcmp(answer->data, again.data);
    buffer_free(&again);
    return done;
}

/* The same for blocks whose keys are replaced. */
static bool ask_moved(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_batch batch = {.id = "given up", .begun = 3};
    bool done = ledger_begin(ledger, &batch) && pack_move_keys(ledger, "cdn/", "moved/") &&
                add_number(answer, ledger_has_counted_below(ledger, "moved/E1PACKED."));
    ledger_undo(ledger);
    return done && ask_namesakes(ledger, answer);
}

static const struct {
    const char *name;
    bool (*ask)(struct ledger *ledger, struct buffer *answer);
    unsigned long plain, sanitized; /* strides */
} questions[] = {
    {"known objects", ask_knows, 1, 3},    {"the last key", ask_last, 1, 3},
    {"namesakes", ask_namesakes, 1, 3},    {"all objects", ask_all, 997, 1999},
    {"what objects hold", ask_held, 1, 3}, {"objects that become rows", ask_as_rows, 997, 4999},
    {"moved objects", ask_moved, 97, 997}};

static void test_question(const char *path, size_t question)
{
    struct buffer want = {0}, got = {0};
    struct ledger *ledger = NULL;
    unsigned long at = 1, wrong = 0, silent = 0, tried = 0;
    bool is_last = false;
    bool answered =
        ledger_open(&ledger, path, false, &error) == 1 && questions[question].ask(ledger, &want);
    ok(answered, "%s: %s", questions[question].name, want.size ? want.data : "none");
    ledger_close(ledger);
    for (; !is_last && at < 1000000; tried++) {
        /* Opened anew: no block is in memory. */
        if (ledger_open(&ledger, path, false, &error) != 1)
            break;
        buffer_clear(&got);
        buffer_clear(&error);
        memory_calls = 0;
        memory_fail_at = at;
        bool done = questions[question].ask(ledger, &got);
        is_last = memory_calls < at;
        memory_fail_at = 0;
        silent += !done && !error.size;
        wrong += done && strcmp(got.data, want.data) != 0;
        buffer_clear(&got);
        wrong += !questions[question].ask(ledger, &got) || strcmp(got.data, want.data) != 0;
        ledger_close(ledger);
        at += stride(questions[question].plain, questions[question].sanitized);
    }
    ok(is_last && !wrong, "%s: the answer, or none, when one of %lu allocations fails (%lu tried)",
       questions[question].name, at - 1, tried);
    ok(!silent, "%s: failures are reported", questions[question].name);
    buffer_free(&want);
    buffer_free(&got);
}

/* Looks for several texts that no object has.  Returns how often SQLite allocated memory. */
static unsigned long look_for_texts(struct ledger *ledger, bool is_expected)
{
    enum { TEXTS = 40 };
    struct digest digests[TEXTS];
    struct buffer answer = {0};
    char digest[DIGEST_WRITTEN_SIZE];
    bool done = true;
    for (int i = 0; i < TEXTS; i++)
        digests[i] = (struct digest){1, next_random(&seed), 1};
    if (is_expected)
        ledger_expect_texts(ledger, digests, TEXTS);
    memory_calls = 0;
    for (int i = 0; done && i < TEXTS; i++) {
        digest_write(&digests[i], digest);
        done = ledger_visit_texts(ledger, "cdn/a.gz", digest, true, show_object, &answer);
    }
    unsigned long counted = memory_calls;
    ok(done && !answer.size, "%d texts are looked for", TEXTS);
    buffer_free(&answer);
    return counted;
}

/* One pass over the blocks looks for all texts of a batch. */
static void test_one_pass(const char *path)
{
    struct ledger *ledger = NULL;
    ok(ledger_open(&ledger, path, false, &error) == 1, "a ledger for texts of any name");
    look_for_texts(ledger, true); /* statements are prepared */
    unsigned long one_pass = look_for_texts(ledger, true), passes = look_for_texts(ledger, false);
    ok(one_pass * 4 < passes,
       "expected ones in one pass: SQLite asks for memory %lu times, not %lu", one_pass, passes);
    ledger_close(ledger);
}

/* ---- changes ---- */

/* Whether each object is known once to a listing, with or without packing. */
static bool is_whole(const char *path)
{
    struct ledger *ledger = NULL;
    struct ledger_batch batch = {.id = "given up", .begun = 3};
    unsigned count = 0, known = 0;
    bool has_content;
    if (ledger_open(&ledger, path, false, &error) != 1)
        return false;
    /* The last hour of a block comes first: its other objects are found without SQL. */
    bool is_begun = ledger_begin(ledger, &batch);
    for (int i = OBJECTS; is_begun && i--;) {
        const struct ledger_object object = as_object(&objects[i]);
        known += ledger_knows(ledger, &object, &has_content) == LEDGER_IS_COUNTED;
    }
    ledger_undo(ledger);
    bool done = ledger_visit_counted(ledger, count_object, &count);
    char *corrupt = ledger_inspect(ledger);
    ledger_close(ledger);
    bool is = done && !corrupt && known == OBJECTS && (count == OBJECTS || count == OBJECTS + 1);
    if (!is)
        printf("# known %u, visited %u, %s\n", known, count, corrupt ? corrupt : "not corrupt");
    free(corrupt);
    return is;
}

/* Commits while one call fails, or ends the program. */
static void test_commit(const char *prepared, const char *path, unsigned long *count,
                        unsigned long *fail, bool ends, unsigned long step, const char *name)
{
    unsigned long at = 1, wrong = 0, tried = 0;
    bool is_last = false;
    for (; !is_last && wrong < 5; tried++) {
        struct ledger *ledger = NULL;
        if (!copy_file(prepared, path))
            break;
        pid_t child = ends ? fork() : 0;
        if (child == 0) {
            bool opened = ledger_open(&ledger, path, false, &error) == 1;
            *count = 0;
            *fail = at;
            bool done = opened && commit(ledger, "second");
            is_last = *count < at;
            *fail = 0;
            if (ends)
                _exit(is_last ? 0 : 1);
            wrong += !opened || (!done && !error.size);
            ledger_close(ledger);
        } else {
            int status = 0;
            waitpid(child, &status, 0);
            is_last = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        wrong += !is_whole(path);
        at += stride(step, 5 * step);
    }
    ok(!wrong, "%s: each object is known once (%lu of %lu calls tried)", name, tried, at - 1);
}

/* Objects of the last half day stay rows, and so do those that would not fill a block. */
static void test_recent(const char *path)
{
    const struct ledger_object newest = {.key = "cdn/newest.gz",
                                         .tag = "t",
                                         .size = 1,
                                         .time = first_hour + (RECENT_HOURS + HOURS / 2) * 3600};
    struct ledger *ledger = NULL;
    ok(ledger_open(&ledger, path, true, &error) == 1 && count_all(ledger) &&
           prepare(ledger, &newest) && commit(ledger, "second"),
       "a batch of half a day later is committed");
    ledger_close(ledger);
    int rows = (int)ledger_file_number(path, "SELECT count(*) - 1 FROM object");
    int recent = (int)ledger_file_number(
        path, "SELECT count(*) FROM object WHERE key >= 'cdn/E1PACKED.2026-01-01-10.'"
              " AND key LIKE 'cdn/E1PACKED.%'");
    ok(recent == OBJECTS / 2, "the last half of the objects stay rows: %d of %d", recent, OBJECTS);
    ok(rows < recent + ROWS_LEFT_MAX, "of the others, few do: %d", rows - recent);
    scratch_remove_ledger(path);
}

static void test_packed(const char *path)
{
    int64_t packed = OBJECTS - ledger_file_number(path, "SELECT count(*) - 1 FROM object");
    int64_t bytes = ledger_file_number(path, "SELECT sum(length(objects)) FROM block");
    ok(packed > OBJECTS / 2, "%d of %d objects are packed", (int)packed, OBJECTS);
    ok(packed > 0 && bytes <= 37 * packed, "into %.1f bytes each",
       (double)bytes / (double)(packed ? packed : 1));
    ok(run(path, "INSERT INTO batch (id, begun, writes_open, is_full) VALUES ('old', 1, 0, 0)") ==
           SQLITE_ERROR,
       "a program that does not know blocks begins no batch");
}

/* A ledger of the version before blocks, with the prepared batch, as it is migrated.  Its file keeps the free
 * pages, a copy has none. */
static void test_old(const char *prepared, const char *path)
{
    struct ledger *ledger = NULL;
    char copy[80];
    snprintf(copy, sizeof copy, "%s.copy", path);
    ok(copy_file(prepared, path) &&
           run(path, "DROP TABLE block; DROP TRIGGER batch_begins; PRAGMA user_version = 13;"
                     "UPDATE object SET digest = digest || '01234567' WHERE digest <> '';"
                     "PRAGMA auto_vacuum = NONE; VACUUM") == SQLITE_OK &&
           ledger_open(&ledger, path, false, &error) == 1 && commit(ledger, "second"),
       "a ledger of the version before blocks");
    ok(ledger_copy(ledger, copy), "a packed ledger is copied");
    ledger_close(ledger);
    ok(is_whole(path), "the copied ledger knows each object once");
    ok(ledger_file_number(path, "SELECT count(*) FROM block") > 0, "the copied ledger has blocks");
    ok(ledger_file_number(path, "PRAGMA freelist_count") > 0 &&
           ledger_file_number(copy, "PRAGMA freelist_count") == 0 &&
           ledger_file_number(copy, "PRAGMA auto_vacuum") == 2,
       "the copy has no free pages, and gives back those that it gets");
    ok(is_whole(copy), "the copy knows each object once");
    scratch_remove_ledger(copy);
}

static void test_corrupt(const char *path)
{
    struct ledger *ledger = NULL;
    struct buffer answer = {0};
    ok(run(path, "UPDATE block SET objects = substr(objects, 1, 9000) || x'00' || "
                 "substr(objects, 9002)") == SQLITE_OK &&
           ledger_open(&ledger, path, false, &error) == 1,
       "a byte of each block changes");
    buffer_clear(&error);
    bool answered = ask_knows(ledger, &answer);
    ok(!answered && error.size && strstr(error.data, "is corrupt"), "%s",
       error.size ? error.data : "no error");
    buffer_clear(&error);
    answered = ask_held(ledger, &answer);
    ok(!answered && error.size && strstr(error.data, "is corrupt"), "%s",
       error.size ? error.data : "no error");
    char *corrupt = ledger_inspect(ledger);
    ok(corrupt, "the ledger is not whole: %s", corrupt ? corrupt : "no error");
    free(corrupt);
    ledger_close(ledger);
    buffer_free(&answer);
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64], prepared[64];
    struct ledger *ledger = NULL;
    if (!scratch_make(directory))
        return 1;
    install_memory();
    install_vfs();
    fail_with = SQLITE_IOERR_WRITE;
    snprintf(path, sizeof path, "%s/x.db", directory);
    snprintf(prepared, sizeof prepared, "%s/prepared.db", directory);
    make_objects();
    test_recent(path);
    ok(ledger_open(&ledger, prepared, true, &error) == 1 && count_all(ledger) &&
           prepare_late(ledger),
       "a ledger");
    ledger_close(ledger);
    ledger = NULL;
    ok(copy_file(prepared, path) && ledger_open(&ledger, path, false, &error) == 1 &&
           commit(ledger, "second"),
       "a batch of a later month is committed");
    ledger_close(ledger);
    test_packed(path);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        test_question(path, i);
    test_one_pass(path);
    test_corrupt(path);
    test_old(prepared, path);
    test_commit(prepared, path, &calls, &fail_at, false, 17, "a call to the disk fails");
    test_commit(prepared, path, &memory_calls, &memory_fail_at, false, 397, "an allocation fails");
    test_commit(prepared, path, &calls, &exit_at, true, 17, "the program ends");
    buffer_free(&error);
    scratch_remove_ledger(path);
    scratch_remove_ledger(prepared);
    scratch_end(directory);
    return done_testing();
}
