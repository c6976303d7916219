#include "text/progress.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "memory/allocate.h"
#include "text/message.h"
#include "text/progress_text.h"
#include "threads/condition.h"
#include "threads/start.h"

enum {
    FIRST_MS = 1000,    /* when progress is first shown */
    REWRITE_MS = 200,   /* between two states of the line on a terminal */
    JSON_MS = 1000,     /* between two JSON objects */
    WIDTH_DEFAULT = 80, /* characters of a terminal that does not tell its width */
    SMOOTHING_S = 5     /* the rate is about the mean of so many seconds */
};

/* The counters of one process. */
struct counters {
    atomic_uint stage; /* enum progress_stage */
    atomic_uint begun; /* stages that have begun so far */
    atomic_bool has_ended;
    _Atomic uint64_t objects, objects_total, bytes, bytes_total, records, records_total;
};

static enum progress_mode mode = PROGRESS_AUTO;

static struct counters own, *parts = &own;
static size_t part_count = 1;
static struct counters *mine = &own; /* the counters of this process */
static bool is_shared, is_part, shows_line;

/* The state of the rate's calculation; only the thread uses it. */
struct pace {
    unsigned begun;
    uint64_t done;
    double since, at; /* seconds of the clock */
    double rate;
};

/* The thread, and the data that it shares with the callers, under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static pthread_t thread;
static bool runs, waits, ends, is_hidden, is_json;
static double started; /* seconds of the clock, when the command's first stage began */
static struct pace pace;

void progress_set_mode(enum progress_mode new_mode)
{
    mode = new_mode;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- the state of a moment ------------------------------------------------------------------ */

static uint64_t get(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Adds up the counters of all processes.  The stage is the earliest one of the processes that still
 * work. Returns a number that changes when this process begins a stage. */
static unsigned sum_up(struct progress_state *state)
{
    unsigned begun = 0, stage = PROGRESS_STAGES;
    for (size_t i = 0; i < part_count; i++) {
        struct counters *part = &parts[i];
        state->objects += get(&part->objects);
        state->objects_total += get(&part->objects_total);
        state->bytes += get(&part->bytes);
        state->bytes_total += get(&part->bytes_total);
        state->records += get(&part->records);
        state->records_total += get(&part->records_total);
        state->parts_ended += part->has_ended;
        begun += part->begun;
        if (!part->has_ended && part->begun && part->stage < stage)
            stage = part->stage;
    }
    state->parts = is_shared ? part_count : 0;
    state->stage = stage < PROGRESS_STAGES ? (enum progress_stage)stage : PROGRESS_COUNT;
    return is_shared ? 0 : begun;
}

/* Updates the rate: the mean since the stage began, later of about the last SMOOTHING_S seconds. */
static void update_rate(unsigned begun, uint64_t done, double time)
{
    if (begun != pace.begun || done < pace.done || !pace.at) {
        pace = (struct pace){.begun = begun, .done = done, .since = time, .at = time};
        return;
    }
    double passed = time - pace.at, age = time - pace.since;
    if (passed <= 0)
        return;
    double window = age < SMOOTHING_S ? age : SMOOTHING_S;
    double share = passed < window ? passed / window : 1;
    pace.rate += ((double)(done - pace.done) / passed - pace.rate) * share;
    pace.done = done;
    pace.at = time;
}

static struct progress_state state_now(bool is_last)
{
    struct progress_state state = {.is_last = is_last};
    double time = now();
    unsigned begun = sum_up(&state);
    update_rate(begun, progress_done(&state), time);
    state.rate = pace.rate;
    state.seconds = time - started;
    return state;
}

/* ---- the thread ----------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
        return WIDTH_DEFAULT - 1;
    return size.ws_col - 1u; /* a full line would wrap */
}

/* Shows the state.  The caller has the lock. */
static void show(bool is_last)
{
    char text[PROGRESS_TEXT_SIZE];
    struct progress_state state = state_now(is_last);
    if (is_json)
        message_put_line(text, progress_put_json(text, &state));
    else if (!is_hidden && !is_last)
        message_show_progress(text, progress_put_text(text, &state, terminal_width()));
}

/* Waits up to MS milliseconds for the end. */
static void wait_ms(int64_t ms)
{
    const struct timespec until = condition_deadline(ms);
    while (!ends && pthread_cond_timedwait(&wake, &lock, &until) != ETIMEDOUT)
        ;
}

static void *watch(void *unused)
{
    pthread_mutex_lock(&lock);
    waits = true;
    pthread_cond_broadcast(&wake);
    wait_ms(FIRST_MS);
    while (!ends) {
        show(false);
        wait_ms(is_json ? JSON_MS : REWRITE_MS);
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

/* These three functions hold the locks of this module and of the messages during a fork: the child,
 * which does not have the thread, gets both locks free. */
static void before_fork(void)
{
    pthread_mutex_lock(&lock);
    message_lock();
}

static void after_fork(void)
{
    message_unlock();
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    runs = false;
    after_fork();
}

static bool is_terminal(void)
{
    const char *kind = getenv("TERM");
    return kind && *kind && strcmp(kind, "dumb") != 0 && isatty(STDERR_FILENO);
}

/* Starts the thread, if there is something to show.  If the thread cannot start, the command works
 * without progress.  Returns when the thread waits: a new thread allocates memory, and a fork at
 * that moment could leave the allocator locked in the child.  The caller has the lock. */
static void start(void)
{
    static bool is_prepared;
    is_json = mode == PROGRESS_JSON;
    if (!is_json && (mode == PROGRESS_NONE || message_is_quiet() || !is_terminal()))
        return;
    if (!is_prepared) {
        condition_init(&wake);
        is_prepared = pthread_atfork(before_fork, after_fork, in_child) == 0;
    }
    shows_line = !is_json;
    started = now();
    waits = ends = is_hidden = false;
    pace = (struct pace){0};
    runs = is_prepared && thread_start(&thread, watch, NULL) == 0;
    while (runs && !waits)
        pthread_cond_wait(&wake, &lock);
}

/* ---- the callers ---------------------------------------------------------------------------- */

void progress_begin(enum progress_stage stage, uint64_t total, uint64_t bytes)
{
    bool goes_on = stage == PROGRESS_SORT || stage == PROGRESS_WRITE || stage == PROGRESS_COUNT;
    if (!goes_on) {
        mine->objects = mine->bytes = 0;
        mine->objects_total = total;
        mine->bytes_total = bytes;
    }
    if (stage != PROGRESS_COUNT) {
        mine->records = 0;
        mine->records_total = stage == PROGRESS_WRITE ? total : 0;
    }
    mine->stage = stage;
    mine->begun++;
    pthread_mutex_lock(&lock);
    if (!runs && !is_part)
        start();
    pthread_mutex_unlock(&lock);
}

/* COUNT may be a negative number: unsigned additions wrap. */
static void add(_Atomic uint64_t *counter, uint64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

void progress_expect(int64_t objects, int64_t bytes)
{
    add(&mine->objects_total, (uint64_t)objects);
    add(&mine->bytes_total, (uint64_t)bytes);
}

void progress_add_objects(uint64_t count)
{
    add(&mine->objects, count);
}

void progress_add_bytes(int64_t count)
{
    add(&mine->bytes, (uint64_t)count);
}

void progress_add_records(uint64_t count)
{
    add(&mine->records, count);
}

void progress_hide(void)
{
    pthread_mutex_lock(&lock);
    is_hidden = true;
    message_erase_progress();
    pthread_mutex_unlock(&lock);
}

void progress_show(void)
{
    pthread_mutex_lock(&lock);
    is_hidden = false;
    pthread_mutex_unlock(&lock);
}

void progress_leave_terminal(void)
{
    if (mode == PROGRESS_AUTO)
        mode = PROGRESS_NONE;
}

void progress_end(void)
{
    pthread_mutex_lock(&lock);
    bool was_running = runs;
    ends = true;
    runs = false;
    if (was_running)
        pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    if (!was_running)
        return;
    pthread_join(thread, NULL);
    message_erase_progress();
    if (is_json)
        show(true);
}

void progress_share(size_t count)
{
    size_t size = count * sizeof *parts;
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        memory_exhausted();
    pthread_mutex_lock(&lock);
    parts = shared;
    part_count = count;
    is_shared = true;
    if (!runs)
        start();
    pthread_mutex_unlock(&lock);
}

void progress_be_part(size_t part)
{
    mine = &parts[part];
    is_part = true;
    if (shows_line && isatty(STDERR_FILENO))
        message_share_terminal();
}

void progress_end_part(size_t part)
{
    parts[part].has_ended = true;
}
