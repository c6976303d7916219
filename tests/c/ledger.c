/* The ledger: many batches, while one call to the disk fails, or the program ends at it.  Each step is done as a
 * whole or not at all.  A soak tries every call; a check tries one of three, since a step makes many calls. */
#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_memory.h"
#include "faulty_vfs.h"
#include "scratch.h"
#include "stride.h"
#include "tap.h"
#include "text/buffer.h"

/* ---- the content of a ledger, as a text ---- */

static bool show_object(void *user, const struct ledger_object *object, const char *twin,
                        enum ledger_outcome outcome, bool was_quarantined)
{
    (void)twin;
    buffer_printf(user, " %s/%s=%d%d", object->key, object->tag, (int)outcome, was_quarantined);
    return true;
}

static bool show_quarantined(void *user, const struct ledger_object *object, int64_t since,
                             const char *error)
{
    (void)since;
    buffer_printf(user, " quarantined %s/%s %s", object->key, object->tag, error);
    return true;
}

static bool show_cleaning(void *user, const struct ledger_object *object)
{
    buffer_printf(user, " clean %s", object->key);
    return true;
}

static void show(struct ledger *ledger, struct buffer *out)
{
    struct ledger_batch batch = {0};
    struct ledger_status status = {0};
    struct buffer replaced = {0};
    char previous[BATCH_ID_SIZE];
    void *views = NULL;
    size_t size;
    buffer_clear(out);
    bool read = ledger_get_batch(ledger, &batch) >= 0 && ledger_get_status(ledger, &status) &&
                ledger_get_views(ledger, &views, &size) && ledger_get_previous(ledger, previous) &&
                ledger_get_replaced(ledger, &replaced);
    if (read)
        buffer_printf(out, "%s%d%s%s after %s last %s objects %d bad %d views %.*s", batch.id,
                      batch.prepared != 0, replaced.size ? " for " : "",
                      replaced.size ? replaced.data : "", previous, status.last_id,
                      (int)status.objects, (int)status.bad, (int)size, views ? (char *)views : "");
    buffer_free(&replaced);
    ledger_status_free(&status);
    free(views);
    if (!read || !ledger_visit_batch(ledger, show_object, out) ||
        !ledger_visit_quarantined(ledger, show_quarantined, out) ||
        !ledger_visit_cleaning(ledger, "", NULL, 100, show_cleaning, out))
        buffer_printf(out, "UNREADABLE");
}

/* The error of all ledgers. */
static struct buffer error;

/* ---- a ledger's life, in steps ---- */

static bool add_again(void *user, const struct ledger_object *object)
{
    return ledger_add(user, object, NULL);
}

static bool begin(struct ledger *ledger, const char *id, const char *keys)
{
    struct ledger_batch batch = {.begun = 1000};
    snprintf(batch.id, sizeof batch.id, "%s", id);
    if (!ledger_begin(ledger, &batch))
        return false;
    for (; *keys; keys++) {
        char key[2] = {*keys, '\0'};
        struct ledger_object object = {.key = key, .tag = "v1", .size = 7, .time = *keys};
        bool has_content;
        int known = ledger_knows(ledger, &object, &has_content);
        if (known < 0 || (!known && !ledger_add(ledger, &object, NULL))) {
            ledger_undo(ledger);
            return false;
        }
    }
    if (ledger_visit_unlisted(ledger, add_again, ledger) && ledger_drop_quarantined(ledger, false))
        return ledger_begun(ledger, false);
    ledger_undo(ledger);
    return false;
}

static bool prepare(struct ledger *ledger, const char *quarantined, const char *views)
{
    struct ledger_left_out left_out = {quarantined, LEDGER_QUARANTINED, "broken", NULL};
    struct ledger_revision revision = {
        .views = views, .views_size = strlen(views), .open_views = 1, .bad = 2};
    return ledger_prepare(ledger, &left_out, quarantined != NULL, NULL, 0, &revision);
}

static bool begin_first(struct ledger *ledger)
{
    return begin(ledger, "first", "abcdefgh");
}

static bool prepare_first(struct ledger *ledger)
{
    return prepare(ledger, "c", "one");
}

static bool commit_to_clean(struct ledger *ledger)
{
    return ledger_commit(ledger, "first", true, false, "first", NULL, NULL);
}

static bool clean(struct ledger *ledger)
{
    return ledger_cleaned(ledger, (const char *const[]){"a", "b", "d"}, 3);
}

static bool begin_second(struct ledger *ledger)
{
    return begin(ledger, "second", "ghijk");
}

static bool prepare_second(struct ledger *ledger)
{
    return prepare(ledger, NULL, "two");
}

static bool prepare_less(struct ledger *ledger)
{
    struct ledger_revision revision = {.views = "less", .views_size = 4, .open_views = 1, .bad = 1};
    return ledger_prepare_again(ledger, (const char *const[]){"i", "j"}, 2, "less", &revision);
}

static bool commit_less(struct ledger *ledger)
{
    return ledger_commit(ledger, "less", false, false, "-", NULL, NULL);
}

static bool commit_first(struct ledger *ledger)
{
    return ledger_commit(ledger, "first", false, false, "", NULL, NULL);
}

static bool (*const steps[])(struct ledger *) = {
    begin_first,  prepare_first, commit_to_clean, clean,          begin_second, prepare_second,
    prepare_less, commit_less,   begin_first,     prepare_second, commit_first};
enum { STEPS = sizeof steps / sizeof *steps };

/* Opens the ledger, and does the steps from FIRST on until one fails.  REOPEN: opens the ledger again for each
 * step.  Returns the number of steps that are done. */
static int live(const char *path, int first, bool reopen, int report)
{
    struct ledger *ledger = NULL;
    int done = first;
    while (done < STEPS) {
        if (!ledger && ledger_open(&ledger, path, true, &error) != 1)
            break;
        if (!steps[done](ledger))
            break;
        done++;
        if (report >= 0 && write(report, "", 1) < 0)
            break;
        if (reopen) {
            ledger_close(ledger);
            ledger = NULL;
        }
    }
    ledger_close(ledger);
    return done;
}

/* The content of the ledger after each number of steps. */
static struct buffer want[STEPS + 1];

static bool holds(const char *path, int steps_done, struct buffer *got)
{
    struct ledger *ledger = NULL;
    if (ledger_open(&ledger, path, true, &error) != 1) {
        buffer_clear(got);
        buffer_printf(got, "cannot be opened");
        return false;
    }
    show(ledger, got);
    ledger_close(ledger);
    return !strcmp(got->data, want[steps_done].data);
}

static void test_life(const char *path)
{
    struct ledger *ledger = NULL;
    scratch_remove_ledger(path);
    ok(ledger_open(&ledger, path, false, &error) == 0, "no ledger is no error");
    ok(ledger_open(&ledger, path, true, &error) == 1, "a new one");
    show(ledger, &want[0]);
    for (int i = 0; i < STEPS; i++) {
        if (!steps[i](ledger))
            ok(false, "step %d", i);
        show(ledger, &want[i + 1]);
    }
    is_text(want[1].data, want[1].size,
            "first0 after - last  objects 0 bad 0 views  a/v1=00 b/v1=00 c/v1=00 d/v1=00 e/v1=00 "
            "f/v1=00 "
            "g/v1=00 h/v1=00",
            "a batch is begun");
    is_text(want[2].data, want[2].size,
            "first1 after - last  objects 0 bad 0 views  a/v1=00 b/v1=00 c/v1=11 d/v1=00 e/v1=00 "
            "f/v1=00 "
            "g/v1=00 h/v1=00 quarantined c/v1 broken",
            "prepared, one object quarantined");
    is_text(want[3].data, want[3].size,
            "0 after first last first objects 7 bad 2 views one quarantined c/v1 broken clean a "
            "clean b "
            "clean d "
            "clean e clean f clean g clean h",
            "committed, to be cleaned up");
    is_text(want[4].data, want[4].size,
            "0 after first last first objects 7 bad 2 views one quarantined c/v1 broken clean e "
            "clean f "
            "clean g "
            "clean h",
            "cleaned up in part");
    is_text(want[5].data, want[5].size,
            "second0 after first last first objects 7 bad 2 views one c/v1=01 i/v1=00 j/v1=00 "
            "k/v1=00 quarantined "
            "c/v1 broken clean e clean f clean g clean h",
            "the next: what is new, and what is quarantined");
    is_text(want[7].data, want[7].size,
            "less1 for second after first last first objects 7 bad 2 views one c/v1=01 i/v1=00 "
            "j/v1=00 k/v1=00 quarantined c/v1 broken clean e clean f clean g clean h",
            "prepared again, with two missing");
    is_text(want[8].data, want[8].size,
            "0 after - last less objects 9 bad 3 views less clean e clean f clean g clean h",
            "committed: nothing is quarantined any more");
    is_text(want[11].data, want[11].size,
            "0 after  last first objects 9 bad 5 views two clean e clean f clean g clean h",
            "an empty batch leaves nothing behind");
    char *key = NULL;
    ok(ledger_last_key(ledger, "", &key) == 1 && !strcmp(key, "k"), "the last key");
    free(key);
    ok(ledger_last_key(ledger, "c", &key) == 1 && !strcmp(key, "c"), "the last key of a stem");
    free(key);
    ok(ledger_last_key(ledger, "x", &key) == 0, "of one that is not there");
    ok(!ledger_inspect(ledger), "it is whole");
    ledger_close(ledger);
}

/* Every call of a kind fails once, in a run of its own.  The ledger has only complete steps, and the next run does
 * the rest.  COUNT counts the calls; the call with the number FAIL fails. */
static void test_failures(const char *path, unsigned long *count, unsigned long *fail,
                          unsigned long steps_at_once, bool reopen, const char *name)
{
    struct buffer got = {0};
    unsigned long at = 1, faults = 0, wrong = 0, silent = 0;
    int done;
    bool is_last;
    do {
        scratch_remove_ledger(path);
        buffer_clear(&error);
        *count = 0;
        *fail = at;
        faults++;
        done = live(path, 0, reopen, -1);
        is_last = *count < at;
        *fail = 0;
        if (done < STEPS && !error.size)
            silent++;
        if (!holds(path, done, &got) && wrong++ < 5)
            printf("# call %lu fails, %d steps: %s\n#   want: %s\n", at, done, got.data,
                   want[done].data);
        if ((live(path, done, false, -1) != STEPS || !holds(path, STEPS, &got)) && wrong++ < 5)
            printf("# call %lu failed: the rest cannot be done: %s\n", at, got.data);
        at += steps_at_once;
    } while (!is_last && faults < 20000);
    ok(!wrong, "%s: %lu calls failed, one at a time: done, or not done", name, faults - 1);
    ok(!silent, "%s: and each failure was reported", name);
    buffer_free(&got);
}

/* The program ends at every call.  The ledger has all steps that were reported as done, and at most one more. */
static void test_crashes(const char *path, bool reopen, const char *name)
{
    struct buffer got = {0};
    unsigned long at = 1, ends = 0, wrong = 0;
    int status;
    do {
        int report[2];
        char byte;
        int done = 0;
        scratch_remove_ledger(path);
        if (pipe(report) < 0)
            break;
        ends++;
        pid_t pid = fork();
        if (pid == 0) {
            calls = 0;
            exit_at = at;
            live(path, 0, reopen, report[1]);
            _exit(0);
        }
        close(report[1]);
        while (read(report[0], &byte, 1) == 1)
            done++;
        close(report[0]);
        waitpid(pid, &status, 0);
        bool is_there = holds(path, done, &got);
        if (!is_there && done < STEPS && !strcmp(got.data, want[done + 1].data)) {
            is_there = true;
            done++;
        }
        if (!is_there && wrong++ < 5)
            printf("# ended at call %lu after %d steps: %s\n", at, done, got.data);
        if ((live(path, done, false, -1) != STEPS || !holds(path, STEPS, &got)) && wrong++ < 5)
            printf("# ended at call %lu: the rest cannot be done: %s\n", at, got.data);
        at += stride(3, 17);
    } while (WEXITSTATUS(status) == 77 && ends < 20000);
    ok(!wrong, "%s: the program ended at each of %lu calls: done, or not done", name, ends - 1);
    buffer_free(&got);
}

static void has_files(struct ledger *ledger, const char *id, const char *files, const char *list,
                      const char *name)
{
    char *got = NULL;
    begin(ledger, id, "a");
    ok(prepare(ledger, NULL, "") && ledger_commit(ledger, id, false, false, id, files, NULL) &&
           ledger_get_files(ledger, &got),
       "(committed)");
    if (name)
        is_text(got ? got : "", got ? strlen(got) : 0, list, name);
    free(got);
}

/* The batch that each history file has. */
static void test_files(const char *path)
{
    struct ledger *ledger = NULL;
    struct buffer days = {0};
    char *list;
    scratch_remove_ledger(path);
    ok(ledger_open(&ledger, path, true, &error) == 1, "a new ledger");
    has_files(ledger, "b1", NULL, "", "no files are known");
    has_files(ledger, "b2", "", "", "no files were written");
    has_files(ledger, "b3", "202610 202611", "202610=b3 202611=b3", "two files");
    has_files(ledger, "b4", NULL, "202610=b3 202611=b3", "not known: they stay");
    has_files(ledger, "b5", "202609 202611", "202609=b5 202610=b3 202611=b5", "one more");
    ok(ledger_forget_files(ledger), "forgotten");
    has_files(ledger, "b6", "202609", "202609=b6", "then known again");
    ok(ledger_set_previous(ledger, ""), "the history is not known any more");
    has_files(ledger, "b6", "202609", "202609=b6", "then known again");
    for (unsigned i = 0; i < 400; i++)
        buffer_printf(&days, "%s2027%04u", i ? " " : "", i);
    has_files(ledger, "b7", days.data, "", NULL);
    if (ledger_get_files(ledger, &list)) {
        ok(list && !strncmp(list, "20270000=b7 20270001=b7 ", 24) && strstr(list, " 20270399=b7") &&
               !strstr(list, "202609="),
           "the newest 400 are kept");
        free(list);
    }
    buffer_free(&days);
    ledger_close(ledger);
    scratch_remove_ledger(path);
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64];
    if (!scratch_make(directory))
        return 1;
    snprintf(path, sizeof path, "%s/x.db", directory);
    install_memory();
    install_vfs();
    test_files(path);
    test_life(path);
    fail_with = SQLITE_IOERR_WRITE;
    test_failures(path, &calls, &fail_at, stride(3, 17), false, "I/O errors");
    fail_with = SQLITE_FULL;
    test_failures(path, &calls, &fail_at, stride(3, 17), true,
                  "full disk, a ledger opened for each step");
    /* There are thousands of allocations, and most are like their neighbours. */
    test_failures(path, &memory_calls, &memory_fail_at, 199 * stride(1, 7), false,
                  "memory has run out");
    test_crashes(path, false, "one ledger");
    test_crashes(path, true, "a ledger opened for each step");
    scratch_remove_ledger(path);
    rmdir(directory);
    for (int i = 0; i <= STEPS; i++)
        buffer_free(&want[i]);
    buffer_free(&error);
    return done_testing();
}
