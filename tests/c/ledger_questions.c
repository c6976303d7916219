/* The ledger: each query, and each small change, while one allocation of SQLite after the other fails.  Either the
 * function fails with an error, or its result is complete and the usual one.  The next call has this result, so
 * nothing stays locked or half done.  A check tries one of a few allocations, a soak tries each. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty_memory.h"
#include "ledger/ledger.h"
#include "scratch.h"
#include "stride.h"
#include "tap.h"
#include "text/buffer.h"

static struct buffer error;        /* of the ledger */
static const char *copy_directory; /* for a copy of the ledger */

/* ---- answers, as a text ---- */

static bool add_object(void *user, const struct ledger_object *object)
{
    buffer_printf(user, "%s ", object->key);
    return true;
}

static bool add_equal(void *user, const struct ledger_object *object,
                      const struct ledger_object *counted)
{
    buffer_printf(user, "%s=%s ", object->key, counted->key);
    return true;
}

static bool add_namesake(void *user, const struct ledger_object *object, bool in_batch)
{
    buffer_printf(user, "%s%s ", object->key, in_batch ? "*" : "");
    return true;
}

static bool add_of_batch(void *user, const struct ledger_object *object, const char *twin,
                         enum ledger_outcome outcome, bool was_quarantined)
{
    buffer_printf(user, "%s:%s:%d%d ", object->key, twin ? twin : "", (int)outcome,
                  was_quarantined);
    return true;
}

static bool add_left_out(void *user, const struct ledger_object *object, int64_t since,
                         const char *why)
{
    buffer_printf(user, "%s %d %s ", object->key, since > 0, why);
    return true;
}

static bool add_clean_up(void *user, const struct ledger_object *object)
{
    buffer_printf(user, "%s ", object->key);
    return true;
}

static bool add_reason(void *user, const char *reason, uint64_t count, const char *key)
{
    buffer_printf(user, "%s %d %s ", reason, (int)count, key);
    return true;
}

/* Adds a text, which is freed. */
static bool add_text(struct buffer *answer, bool done, char *text)
{
    if (done)
        buffer_printf(answer, "%s", text ? text : "(none)");
    free(text);
    return done;
}

static bool add_number(struct buffer *answer, int number)
{
    buffer_printf(answer, "%d", number);
    return number >= 0;
}

/* ---- questions ---- */

#define TEXT_A "00112233445566778899aabbccddeeff"

static const struct ledger_object counted = {
    .key = "logs/E1.2026-10-01-00.a.gz", .tag = "ta", .size = 10, .content = "ca"};
static const struct ledger_object in_batch = {
    .key = "logs/E1.2026-10-01-05.f.gz", .tag = "ta", .size = 10, .content = "ca"};

static bool knows(struct ledger *ledger, struct buffer *answer)
{
    bool has_content;
    return add_number(answer, ledger_knows(ledger, &counted, &has_content)) &&
           add_number(answer, ledger_knows(ledger, &in_batch, &has_content)) &&
           add_number(answer, ledger_knows_key(ledger, counted.key)) &&
           add_number(answer, ledger_knows_key(ledger, "x"));
}

static bool has(struct ledger *ledger, struct buffer *answer)
{
    return add_number(answer, ledger_has_counted(ledger)) &&
           add_number(answer, ledger_has_counted_below(ledger, "logs/")) &&
           add_number(answer, ledger_has_counted_below(ledger, "x/")) &&
           add_number(answer, ledger_has_records(ledger)) &&
           add_number(answer, ledger_has_in_batch(ledger, counted.key, TEXT_A)) &&
           add_number(answer, ledger_has_prepared(ledger, "second")) &&
           add_number(answer, ledger_has_prepared(ledger, "x"));
}

static bool has_other_reading(struct ledger *ledger, struct buffer *answer)
{
    ledger_set_reading(ledger, "another");
    bool done = add_number(answer, ledger_has_other_reading(ledger));
    ledger_set_reading(ledger, "reading");
    return done && add_number(answer, ledger_has_other_reading(ledger));
}

static bool last_key(struct ledger *ledger, struct buffer *answer)
{
    char *key = NULL;
    int found = ledger_last_key(ledger, "logs/", &key);
    return add_text(answer, found >= 0, found > 0 ? key : NULL);
}

static bool visits(struct ledger *ledger, struct buffer *answer)
{
    return ledger_visit_counted(ledger, add_object, answer);
}

static bool visits_batch(struct ledger *ledger, struct buffer *answer)
{
    return ledger_visit_batch(ledger, add_of_batch, answer);
}

static bool visits_left_out(struct ledger *ledger, struct buffer *answer)
{
    return ledger_visit_passed_over(ledger, 10, add_left_out, answer) &&
           ledger_visit_quarantined(ledger, add_left_out, answer);
}

static bool visits_clean_ups(struct ledger *ledger, struct buffer *answer)
{
    return ledger_visit_cleaning(ledger, "", NULL, 10, add_clean_up, answer) &&
           ledger_visit_cleaning(ledger, "denied", "a", 10, add_clean_up, answer) &&
           ledger_visit_reasons(ledger, add_reason, answer);
}

static bool visits_namesakes(struct ledger *ledger, struct buffer *answer)
{
    return ledger_visit_namesakes(ledger, "moved/E1.2026-10-01-00.a", "ca", LEDGER_ANY_SIZE,
                                  add_namesake, answer) &&
           ledger_visit_namesakes(ledger, counted.key, "", 10, add_namesake, answer);
}

static bool visits_texts(struct ledger *ledger, struct buffer *answer)
{
    return ledger_index_contents(ledger, true) &&
           ledger_visit_texts(ledger, "moved/x.gz", TEXT_A, true, add_object, answer) &&
           ledger_visit_texts(ledger, counted.key, TEXT_A, false, add_object, answer);
}

static bool status(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_status now = {0};
    bool done = ledger_get_status(ledger, &now);
    if (done)
        buffer_printf(answer, "%d %d %d %d %d %d %s %s", (int)now.objects, (int)now.quarantined,
                      (int)now.passed_over, (int)now.to_clean_up, (int)now.in_batch,
                      (int)now.figures.sum.number[FIGURE_COUNTED], now.last_id,
                      now.figures.text ? now.figures.text : "");
    ledger_status_free(&now);
    return done;
}

static bool owner(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_owner found = {0};
    bool done = ledger_get_owner(ledger, &found);
    if (done)
        buffer_printf(answer, "%s %s %s", found.site, found.given, found.source);
    if (done)
        ledger_owner_free(&found);
    return done;
}

static bool texts(struct ledger *ledger, struct buffer *answer)
{
    char *text = NULL, id[BATCH_ID_SIZE];
    struct buffer replaced = {0};
    void *views = NULL;
    size_t size;
    bool done = ledger_get_views(ledger, &views, &size) && ledger_get_last_id(ledger, id) &&
                ledger_get_previous(ledger, id) && ledger_get_request_ids(ledger, id) &&
                ledger_get_replaced(ledger, &replaced);
    if (done)
        buffer_printf(answer, "%s %.*s %d", id, (int)size, views ? (char *)views : "",
                      (int)replaced.size);
    free(views);
    buffer_free(&replaced);
    if (!done)
        return false;
    done = ledger_get_files(ledger, &text);
    if (!add_text(answer, done, done ? text : NULL))
        return false;
    done = ledger_get_history(ledger, &text);
    if (!add_text(answer, done, done ? text : NULL))
        return false;
    done = ledger_get_former(ledger, &text);
    if (!add_text(answer, done, done ? text : NULL))
        return false;
    done = ledger_get_region(ledger, &text);
    return add_text(answer, done, done ? text : NULL);
}

static bool batch(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_batch open = {0};
    int found = ledger_get_batch(ledger, &open);
    buffer_printf(answer, "%s ", open.id);
    return add_number(answer, found);
}

static bool copy(struct ledger *ledger, struct buffer *answer)
{
    char path[128];
    struct ledger *copied = NULL;
    snprintf(path, sizeof path, "%s/copy.db", copy_directory);
    unlink(path);
    if (!ledger_copy(ledger, path))
        return false;
    bool done = ledger_open(&copied, path, false, &error) == 1 && visits(copied, answer);
    ledger_close(copied);
    return done;
}

/* ---- small changes; each can be made again ---- */

static bool set_texts(struct ledger *ledger, struct buffer *answer)
{
    return ledger_set_history(ledger, "/data/awstats.site") &&
           ledger_set_region(ledger, "eu-west-1 logs") && ledger_set_has_records(ledger) &&
           ledger_set_names(ledger, LEDGER_NAMES_SOME_OTHER) && texts(ledger, answer);
}

static bool set_content(struct ledger *ledger, struct buffer *answer)
{
    struct ledger_object object = counted;
    object.digest = TEXT_A;
    return ledger_set_content(ledger, &object) && visits_texts(ledger, answer);
}

static bool set_clean_up(struct ledger *ledger, struct buffer *answer)
{
    return ledger_clean_up_failed(ledger, counted.key, "denied") &&
           visits_clean_ups(ledger, answer);
}

static bool add_copy(struct ledger *ledger, struct buffer *answer)
{
    const struct ledger_object object = {
        .key = "moved/E1.2026-10-01-00.a.gz", .tag = "tm", .size = 10, .content = "ca"};
    return ledger_add_copy(ledger, &object, true) && visits(ledger, answer);
}

static bool set_owner(struct ledger *ledger, struct buffer *answer)
{
    const struct ledger_owner to = {"site", "/logs", "path /logs"};
    return ledger_set_owner(ledger, &to, "x/", "y/") && owner(ledger, answer);
}

/* Compares a new batch with the counted objects, and gives the batch up. */
static bool begin_and_undo(struct ledger *ledger, struct buffer *answer)
{
    const struct ledger_batch open = {.id = "third", .begun = 3000};
    const struct ledger_object objects[] = {
        {.key = "other/a", .tag = "ta", .size = 10, .content = "ca"},
        {.key = "other/b", .tag = "tz", .size = 9, .content = "cz"},
        {.key = "other/c", .tag = "tz", .size = 9, .content = "cz"},
    };
    bool has_content;
    if (!ledger_begin(ledger, &open))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < sizeof objects / sizeof *objects; i++)
        done = ledger_knows(ledger, &objects[i], &has_content) >= 0 &&
               ledger_add(ledger, &objects[i], NULL);
    done = done && ledger_visit_equals(ledger, true, add_equal, answer) &&
           ledger_visit_batch_equals(ledger, true, add_object, answer) &&
           ledger_set_twin(ledger, "other/c", "other/b") && ledger_pass_twins(ledger) &&
           ledger_visit_unlisted(ledger, add_object, answer) && ledger_remove(ledger, "other/a") &&
           visits_batch(ledger, answer);
    ledger_undo(ledger);
    return done;
}

static const struct {
    const char *name;
    bool (*ask)(struct ledger *ledger, struct buffer *answer);
    const char *answer; /* NULL: the result of a call without a failure */
} questions[] = {
    {"knows an object", knows, "1010"},
    {"has something", has, "1100010"},
    {"reading", has_other_reading, "10"},
    {"last key", last_key, "logs/E1.2026-10-01-02.c.gz"},
    {"counted objects", visits,
     "logs/E1.2026-10-01-00.a.gz logs/E1.2026-10-01-01.b.gz logs/E1.2026-10-01-02.c.gz "},
    {"objects of the batch", visits_batch, NULL},
    {"objects left out", visits_left_out,
     "logs/E1.2026-10-01-03.d.gz 1 no log logs/E1.2026-10-01-04.e.gz 1 broken "},
    {"clean-ups", visits_clean_ups, NULL},
    {"namesakes", visits_namesakes, NULL},
    {"texts", visits_texts, NULL},
    {"status", status, NULL},
    {"owner", owner, "site /logs path /logs"},
    {"stored texts", texts, NULL},
    {"open batch", batch, "second 1"},
    {"copy", copy,
     "logs/E1.2026-10-01-00.a.gz logs/E1.2026-10-01-01.b.gz logs/E1.2026-10-01-02.c.gz "},
    {"setting texts", set_texts, NULL},
    {"setting a content", set_content, NULL},
    {"a clean-up that failed", set_clean_up, NULL},
    {"adding a copy", add_copy, NULL},
    {"setting the owner", set_owner, NULL},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

/* ---- the ledger ---- */

static bool add(struct ledger *ledger, char letter)
{
    char key[64], tag[3] = {'t', letter, '\0'}, content[3] = {'c', letter, '\0'};
    snprintf(key, sizeof key, "logs/E1.2026-10-01-%02d.%c.gz", letter - 'a', letter);
    const struct ledger_object object = {
        .key = key, .tag = tag, .size = 10, .time = letter, .content = content};
    return ledger_add(ledger, &object, NULL);
}

/* One batch is counted: a, b and c are in its log, d has no requests, e is broken.  Another one, with f
 * and e again, is prepared. */
static bool fill(struct ledger *ledger)
{
    const struct ledger_owner to = {"site", "/logs", "path /logs"};
    const struct ledger_left_out left_out[] = {
        {"logs/E1.2026-10-01-03.d.gz", LEDGER_NO_REQUESTS, "no log", NULL},
        {"logs/E1.2026-10-01-04.e.gz", LEDGER_QUARANTINED, "broken", NULL},
    };
    const struct ledger_revision revision = {.views = "v", .views_size = 1, .open_views = 1};
    ledger_set_reading(ledger, "reading");
    return ledger_set_owner(ledger, &to, NULL, NULL) &&
           ledger_begin(ledger, &(struct ledger_batch){.id = "first", .begun = 1000}) &&
           add(ledger, 'a') && add(ledger, 'b') && add(ledger, 'c') && add(ledger, 'd') &&
           add(ledger, 'e') && ledger_begun(ledger, true) &&
           ledger_prepare(ledger, left_out, 2, NULL, 0, &revision) &&
           ledger_commit(ledger, "first", true, true, "first", "202610",
                         "records=7 counted=5 host=2 hosts=x.example:2") &&
           ledger_begin(ledger, &(struct ledger_batch){.id = "second", .begun = 2000}) &&
           add(ledger, 'e') && add(ledger, 'f') && ledger_begun(ledger, false) &&
           ledger_prepare(ledger, left_out + 1, 1, NULL, 0, &revision);
}

/* Asks with the N-th allocation failing, for each N. */
static void test_question(struct ledger *ledger, const char *name,
                          bool (*ask)(struct ledger *, struct buffer *), const char *want)
{
    struct buffer answer = {0}, got = {0};
    unsigned long at = 1, failed = 0, wrong = 0, silent = 0;
    bool is_last = false;
    ok(ask(ledger, &answer), "%s: an answer", name);
    buffer_printf(&answer, ".");
    answer.data[--answer.size] = '\0';
    if (want)
        is_text(answer.data, answer.size, want, name);
    while (!is_last && at < 100000) {
        buffer_clear(&error);
        buffer_clear(&got);
        memory_calls = 0;
        memory_fail_at = at;
        bool done = ask(ledger, &got);
        is_last = memory_calls < at;
        memory_fail_at = 0;
        failed += !done;
        silent += !done && !error.size;
        wrong += done && (got.size != answer.size || memcmp(got.data, answer.data, got.size) != 0);
        buffer_clear(&got);
        wrong += !ask(ledger, &got) || got.size != answer.size ||
                 memcmp(got.data, answer.data, got.size) != 0;
        at += stride(5, 29);
    }
    ok(!wrong, "%s: the answer, or none, whichever of %lu allocations fails", name, at - 1);
    ok(!silent, "%s: %lu failures are reported", name, failed);
    buffer_free(&answer);
    buffer_free(&got);
}

/* ---- walks that are ended ---- */

static bool end_object(void *calls, const struct ledger_object *object)
{
    *(unsigned *)calls += object->key != NULL;
    return false;
}

static bool end_namesake(void *calls, const struct ledger_object *object, bool is_in_batch)
{
    (void)is_in_batch;
    return end_object(calls, object);
}

static bool end_of_batch(void *calls, const struct ledger_object *object, const char *twin,
                         enum ledger_outcome outcome, bool was_quarantined)
{
    (void)twin, (void)outcome, (void)was_quarantined;
    return end_object(calls, object);
}

static bool end_left_out(void *calls, const struct ledger_object *object, int64_t since,
                         const char *why)
{
    (void)since, (void)why;
    return end_object(calls, object);
}

static bool end_reason(void *calls, const char *reason, uint64_t count, const char *key)
{
    (void)reason, (void)count;
    *(unsigned *)calls += key != NULL;
    return false;
}

/* A visit ends with the first item for which the visitor returns false.  For some functions this is an error; the
 * search for namesakes has then found one. */
static void test_ends(struct ledger *ledger)
{
    enum { WALKS = 7 };
    unsigned calls[WALKS] = {0}, many = 0;
    buffer_clear(&error);
    const bool done = ledger_visit_counted(ledger, end_object, &calls[0]) ||
                      ledger_visit_batch(ledger, end_of_batch, &calls[1]) ||
                      ledger_visit_passed_over(ledger, 10, end_left_out, &calls[2]) ||
                      ledger_visit_quarantined(ledger, end_left_out, &calls[3]) ||
                      ledger_visit_cleaning(ledger, "", NULL, 10, end_object, &calls[4]) ||
                      ledger_visit_reasons(ledger, end_reason, &calls[5]);
    const bool is_enough = ledger_visit_namesakes(ledger, "moved/E1.2026-10-01-00.a", "ca",
                                                  LEDGER_ANY_SIZE, end_namesake, &calls[6]);
    ok(!done && is_enough, "walks that are ended say so");
    for (int i = 0; i < WALKS; i++)
        many += calls[i] != 1;
    ok(many == 0, "after the first item: %u do not end", many);
    ok(error.size == 0, "without a text: %.*s", (int)error.size, error.size ? error.data : "");
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64];
    struct ledger *ledger = NULL;
    if (!scratch_make(directory))
        return 1;
    copy_directory = directory;
    snprintf(path, sizeof path, "%s/x.db", directory);
    install_memory();
    ok(ledger_open(&ledger, path, true, &error) == 1 && fill(ledger), "a ledger");
    for (int i = 0; i < QUESTIONS; i++)
        test_question(ledger, questions[i].name, questions[i].ask, questions[i].answer);
    test_ends(ledger);
    ok(ledger_commit(ledger, "second", false, false, "second", NULL, NULL), "the batch is counted");
    test_question(ledger, "what a batch has in common", begin_and_undo, NULL);
    ok(!ledger_inspect(ledger), "the ledger is whole");
    ledger_close(ledger);
    buffer_free(&error);
    scratch_remove_ledger(path);
    snprintf(path, sizeof path, "%s/copy.db", directory);
    scratch_remove_ledger(path);
    scratch_end(directory);
    return done_testing();
}
