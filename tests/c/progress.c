/* Progress: its texts, and the sums over several processes. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/progress_text.h"

static void test_line(const struct progress_state *state, size_t width, const char *expected)
{
    char text[PROGRESS_TEXT_SIZE];
    size_t size = progress_put_text(text, state, width);
    is_text(text, size, expected, expected);
}

static void test_json(const struct progress_state *state, const char *expected)
{
    char text[PROGRESS_TEXT_SIZE];
    size_t size = progress_put_json(text, state);
    is_text(text, size, expected, "JSON");
}

static void test_texts(void)
{
    struct progress_state state = {.stage = PROGRESS_LIST, .objects = 12000, .rate = 999.9};
    test_line(&state, 80, "listing, 12000 objects, 999 objects/s");
    state = (struct progress_state){.stage = PROGRESS_READ,
                                    .objects = 120,
                                    .objects_total = 4300,
                                    .bytes = 31250000,
                                    .bytes_total = 112000000,
                                    .rate = 8250000};
    test_line(&state, 80, "reading, 120 of 4300 objects, 31 MB of 112 MB, 8.2 MB/s, 0:09 left");
    test_line(&state, 10, "reading, 1");
    state.rate = 0;
    test_line(&state, 80, "reading, 120 of 4300 objects, 31 MB of 112 MB");
    state.bytes = state.bytes_total + 5;
    state.rate = 1000;
    test_line(&state, 90, "reading, 120 of 4300 objects, 112 MB of 112 MB, 1.0 kB/s, 0:00 left");
    state.bytes = 0;
    state.bytes_total = UINT64_MAX;
    test_line(&state, 99, "reading, 120 of 4300 objects, 0 B of 18 EB, 1.0 kB/s, 9999:00:00 left");
    state = (struct progress_state){
        .stage = PROGRESS_WRITE, .records = 999, .records_total = 8000999, .rate = 1000};
    test_line(&state, 80, "writing, 999 of 8000999 records, 1000 records/s, 2:13:20 left");
    state = (struct progress_state){.stage = PROGRESS_COUNT, .records = 5};
    test_line(&state, 80, "AWStats is counting, 5 records");
    state = (struct progress_state){.stage = PROGRESS_REPORT, .objects = 12, .objects_total = 60};
    test_line(&state, 80, "writing the report, 12 of 60 pages");
    state = (struct progress_state){.stage = PROGRESS_CLEAN_UP, .objects = 1000};
    test_line(&state, 80, "deleting or moving, 1000 objects");
    state = (struct progress_state){.stage = PROGRESS_READ,
                                    .objects = 3,
                                    .objects_total = 4,
                                    .records = 7,
                                    .parts = 3,
                                    .parts_ended = 1};
    test_line(&state, 80, "reading, 1 of 3 sites done, 3 of 4 objects, 7 records");
    test_json(&state,
              "{\"schema\": 1, \"stage\": \"read\", \"objects\": 3, \"objects_total\": 4, "
              "\"bytes\": 0, \"bytes_total\": null, \"records\": 7, \"records_total\": "
              "null, \"seconds\": 0.0, \"rate\": 0.0, \"rate_unit\": \"bytes\", "
              "\"seconds_left\": null, \"sites\": 3, \"sites_done\": 1, \"done\": false}\n");
    state = (struct progress_state){.stage = PROGRESS_WRITE,
                                    .objects = UINT64_MAX,
                                    .objects_total = UINT64_MAX,
                                    .bytes = UINT64_MAX,
                                    .bytes_total = UINT64_MAX,
                                    .records = UINT64_MAX - 25,
                                    .records_total = UINT64_MAX,
                                    .seconds = 1e15,
                                    .rate = 1e16,
                                    .parts = SIZE_MAX,
                                    .parts_ended = SIZE_MAX,
                                    .is_last = true};
    char text[PROGRESS_TEXT_SIZE];
    size_t size = progress_put_json(text, &state);
    ok(size < sizeof text - 1 && text[size - 1] == '\n', "JSON: the greatest numbers fit");
}

/* Adds from several threads. */
static void *add(void *unused)
{
    for (int i = 0; i < 10000; i++)
        progress_add_records(1);
    return unused;
}

/* The work of the child with this number. */
static void work(size_t part)
{
    pthread_t threads[4];
    progress_be_part(part);
    progress_begin(PROGRESS_READ, 10, 1000);
    progress_add_objects(part + 1);
    progress_expect(-1, 0);
    progress_add_bytes(500);
    progress_add_bytes(-100);
    progress_begin(PROGRESS_WRITE, 40000, 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, add, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    message_warning("part %zu", part);
    progress_end();
    if (part == 2)
        raise(SIGKILL);
    _exit(0);
}

/* Not run under AddressSanitizer, where a child of fork() hangs if another thread was allocating memory.  glibc's
 * malloc() has no such problem. */
static void test_processes(void)
{
    enum { PARTS = 3 };
    pid_t children[PARTS];
    char text[2048];
    int ends[2], before = dup(STDERR_FILENO);
    if (pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
        exit(1);
    progress_set_mode(PROGRESS_JSON);
    progress_share(PARTS);
    for (size_t i = 0; i < PARTS; i++)
        if (!(children[i] = fork()))
            work(i);
    for (size_t i = 0; i < PARTS; i++) {
        waitpid(children[i], NULL, 0);
        progress_end_part(i);
    }
    progress_end();
    dup2(before, STDERR_FILENO);
    close(ends[1]);
    ssize_t size = read(ends[0], text, sizeof text - 1);
    text[size < 0 ? 0 : size] = '\0';
    close(ends[0]);
    close(before);
    char *last = strrchr(text, '{');
    ok(last && strstr(last, "\"objects\": 6, \"objects_total\": 27, \"bytes\": 1200, "
                            "\"bytes_total\": 3000, \"records\": 120000, \"records_total\": "
                            "120000,"),
       "the sums of three processes, one of which was killed");
    ok(last && strstr(last, "\"sites\": 3, \"sites_done\": 3, \"done\": true"), "all have ended");
    ok(strstr(text, "part 0\n") && strstr(text, "part 2\n"), "messages of the processes");
    ok(!strchr(text, '\033'), "no line for a terminal");
}

int main(void)
{
    test_texts();
#ifndef __SANITIZE_ADDRESS__
    test_processes();
#else
    (void)test_processes;
#endif
    return done_testing();
}
