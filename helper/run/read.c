/* The first half of a run: objects → sorts → views. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/other_hosts.h"
#include "config/site_command.h"
#include "files/temporary.h"
#include "ledger/corrupt.h"
#include "log/reader.h"
#include "memory/allocate.h"
#include "normalized/columns.h"
#include "run/internal.h"
#include "run/texts.h"
#include "run/visitor_keys.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/progress.h"
#include "threads/error.h"
#include "threads/processors.h"
#include "threads/start.h"

/* The memory of all threads together, MiB, in each of the two sorts.  AddressSanitizer takes time for each allocated
 * byte, so `make check` builds the program to be tested with less. */
#ifndef RUN_ARENAS_MIB
#define RUN_ARENAS_MIB 40
#endif

enum {
    THREADS_MAX = 8,
    FAN_IN = 128,
    PIECE_SIZE = 128 * 1024,
    FAILURES_MAX = 10, /* objects that are named before a run gives up */
};

struct worker {
    struct run *run;
    struct reader *reader;
    unsigned char *piece; /* PIECE_SIZE bytes */
    pthread_t thread;
};

/* Counts an object that makes the run fail, and prints its error and ADVICE unless NAME is NULL. */
static void fail_object(struct run *run, const char *name, const char *error, const char *advice)
{
    pthread_mutex_lock(&run->lock);
    if (run->failures < FAILURES_MAX && name)
        message_error("%s: %s%s", name, error, advice);
    if (++run->failures == FAILURES_MAX)
        message_error("%d objects cannot be read, for the reasons above, so this run ends, and "
                      "reads no others; correct this, and run it again",
                      FAILURES_MAX);
    if (run->failures >= FAILURES_MAX)
        run->stop = true;
    pthread_mutex_unlock(&run->lock);
}

/* Tells the part or the batch that an object is left out.  Returns false in a run without these, which then fails. */
static bool keep_left_out(struct run *run, size_t source, size_t number, enum batch_outcome outcome,
                          const char *error)
{
    const struct run_part *part = run->options.part;
    if (part && outcome == BATCH_UNSENT)
        return false; /* the engine that runs the plan tries the part again */
    if (part) {
        part->left_out(part->user, number, outcome, error);
        return true;
    }
    return (outcome == BATCH_FOREIGN && run_pass_over(run, source, number, error)) ||
           (run->batch && batch_leave_out(run->batch, number, outcome, error));
}

/* Leaves out an object that cannot be read: a batch continues without it, any other run fails. */
static void leave_out(struct run *run, size_t source, size_t number, enum batch_outcome outcome,
                      const char *error)
{
    uint32_t object = run->first_object[source] + (uint32_t)number;
    if (!keep_left_out(run, source, number, outcome, error)) {
        fail_object(run, run->sources[source].names[number], error, run_advice(outcome));
        run->stop |= run->batch || outcome == BATCH_UNSENT;
    } else if (!sort_drop(run->records, object) || !sort_drop(run->events, object)) {
        memory_exhausted();
    }
}

/* Leaves out an object that the source could not read. */
static void leave_out_unread(struct run *run, size_t source, const struct body *body)
{
    static const enum batch_outcome outcomes[] = {
        [SOURCE_READABLE] = BATCH_UNREADABLE, [SOURCE_FORBIDDEN] = BATCH_FORBIDDEN,
        [SOURCE_CORRUPT] = BATCH_CORRUPT,     [SOURCE_UNREADABLE] = BATCH_UNREADABLE,
        [SOURCE_GONE] = BATCH_GONE,           [SOURCE_CHANGED] = BATCH_CHANGED,
        [SOURCE_UNSENT] = BATCH_UNSENT};
    leave_out(run, source, body->object, outcomes[body->reason], body->error);
}

/* Passes an object's bytes to the reader.  Returns false when the reader wants no more.  Sets *ERROR when
 * the bytes could not be read. */
static bool feed(struct worker *worker, const struct body *body, const char **error)
{
    if (body->data) {
        progress_add_bytes((int64_t)body->size);
        return reader_feed(worker->reader, body->data, body->size);
    }
    for (;;) {
        ssize_t size = read(body->fd, worker->piece, PIECE_SIZE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            *error = strerror(errno);
        if (size <= 0)
            return true;
        progress_add_bytes(size);
        if (!reader_feed(worker->reader, worker->piece, (size_t)size))
            return false;
    }
}

static void read_object(struct worker *worker, size_t source, const struct body *body)
{
    struct run *run = worker->run;
    const char *name = run->sources[source].names[body->object], *error = NULL;
    struct reader_summary summary;
    reader_begin(worker->reader, run->first_object[source] + (uint32_t)body->object);
    bool done = feed(worker, body, &error) && (error || reader_end(worker->reader, &summary));
    if (!done && reader_sort_failed(worker->reader))
        run->stop = true;
    else if (!source_is_unchanged(&run->sources[source], body))
        leave_out(run, source, body->object, BATCH_CHANGED, "the file changed while it was read");
    else if (error || !done)
        leave_out(run, source, body->object,
                  error ? BATCH_UNREADABLE : run_unread_outcome(worker->reader, name),
                  error ? error : reader_error(worker->reader));
    else
        run_count_object(run, source, body->object, &summary);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct run *run = worker->run;
    for (size_t i = 0; i < run->source_count && !run->stop;) {
        struct body body;
        int result = source_next(&run->sources[i], &body);
        if (result == 0) {
            i++;
        } else if (result < 0) {
            fail_object(run, NULL, NULL, NULL);
        } else {
            if (run->is_copy && run->is_copy[run->first_object[i] + body.object])
                ; /* another object with the same records is read */
            else if (body.reason != SOURCE_READABLE)
                leave_out_unread(run, i, &body);
            else
                read_object(worker, i, &body);
            body_release(&body);
            progress_add_objects(1);
        }
    }
    return NULL;
}

static size_t count_threads(size_t objects)
{
    size_t count = processors_count();
    if (count > THREADS_MAX)
        count = THREADS_MAX;
    return count > objects ? (objects ? objects : 1) : count;
}

bool run_fail_on_sort(struct run *run)
{
    const char *error = sort_error(run->records);
    if (!*error)
        error = sort_error(run->events);
    if (!*error)
        memory_exhausted();
    return batch_error_set(
        run->error, BATCH_ERROR,
        "the records cannot be sorted: %s; set TMPDIR to a directory with room for all records",
        error);
}

static bool start_worker(struct run *run, struct worker *worker)
{
    struct reader_options options = site_reader_options(run->options.site);
    options.keeps_places = run->options.keeps_places;
    options.has_digest = run->batch || run->digests || run->options.part;
    options.normalize.client.keys = run->visitor_keys;
    struct sort_writer *records = sort_writer_new(run->records);
    struct sort_writer *events = sort_writer_new(run->events);
    worker->reader = records && events ? reader_new(records, events, &options) : NULL;
    if (!worker->reader)
        memory_exhausted();
    run->view_writer = records;
    worker->run = run;
    worker->piece = memory_resize(NULL, PIECE_SIZE, 1);
    int number = thread_start(&worker->thread, work, worker);
    if (number)
        batch_error_set(run->error, BATCH_ERROR, "%s", thread_error(number));
    return !number;
}

/* Reads everything into the sorts. */
static bool read_all(struct run *run)
{
    struct worker workers[THREADS_MAX] = {0};
    size_t count = count_threads(run->object_count), started = 0;
    /* Small runs of all threads take at most a quarter of FAN_IN (sort.h). */
    struct sort_options sort_options = {.directory = temporary_directory(),
                                        .arena_size = RUN_ARENAS_MIB * (1 << 20) / count,
                                        .fan_in = FAN_IN,
                                        .small_runs = FAN_IN / 4 / count};
    run->records = sort_new(&sort_options);
    run->events = sort_new(&sort_options);
    if (!run->records || !run->events)
        memory_exhausted();
    while (started < count && start_worker(run, &workers[started]))
        started++;
    if (started < count)
        run->stop = true;
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < count; i++) {
        reader_free(workers[i].reader);
        free(workers[i].piece);
    }
    if (started < count)
        return false;
    if (*sort_error(run->records) || *sort_error(run->events))
        return run_fail_on_sort(run);
    return !run->stop && !run->failures;
}

/* Stores the error that stopped the views: an error of a sort, or of the views in the ledger. */
static bool fail_on_views(struct run *run)
{
    if (*sort_error(run->records) || *sort_error(run->events) || !run->state.before)
        return run_fail_on_sort(run);
    char *path = site_state_path(run->options.site);
    batch_error_set(run->error, BATCH_ERROR, "%s: " LEDGER_IS_CORRUPT, path,
                    "its streaming views cannot be read");
    free(path);
    return false;
}

/* Makes the views of the events, and prepares the records for reading. */
static bool assemble_all(struct run *run)
{
    struct assemble_counts counts = {0};
    struct assemble_state *state = NULL;
    if (run->batch) {
        state = &run->state;
        state->writes_open = batch_get(run->batch)->writes_open;
        batch_get_views(run->batch, &state->before, &state->before_size);
    } else if (run->counted) {
        state = &run->state;
    }
    progress_begin(PROGRESS_SORT, 0, 0);
    if (!sort_finish(run->events))
        return run_fail_on_sort(run);
    if (!assemble_views(run->events, run->view_writer, state, &counts))
        return fail_on_views(run);
    if (!sort_finish(run->records))
        return run_fail_on_sort(run);
    if (counts.falling)
        message_warning(
            "%llu %s a smaller sc-bytes than an earlier event of the same connection, although "
            "sc-bytes is a running total; such an event adds no bytes; no action is needed",
            (unsigned long long)counts.falling,
            by_number(counts.falling, "event has", "events have"));
    run->open_views = counts.open;
    if (counts.views)
        message_verbose("views: %llu", (unsigned long long)counts.views);
    return true;
}

/* Stores which objects the batch leaves out, and which views it leaves to the next batch. */
static bool prepare(struct run *run)
{
    struct ledger_revision revision = {.views =
                                           run->state.after.size ? run->state.after.data : NULL,
                                       .views_size = run->state.after.size,
                                       .open_views = run->open_views,
                                       .bad = run->bad};
    if (!run->batch)
        return true;
    const struct batch_hosts hosts = {run->has_hosts, run->other_hosts, run->other_host};
    if (!batch_check_hosts(run->batch, &hosts) ||
        !visitor_keys_save(run->visitor_keys, run->options.site, &run->error->text) ||
        !batch_prepare(run->batch, &revision))
        return false;
    run->quarantined += batch_count_quarantined(run->batch);
    return true;
}

/* Leaves out the dropped objects of a part.  Returns false when the part has events of a streaming distribution,
 * since other parts may have events of the same views. */
static bool finish_part(struct run *run)
{
    const struct run_part *part = run->options.part;
    for (size_t i = 0; part->is_dropped && i < part->count; i++)
        if (part->is_dropped[i])
            run_drop_copy(run, i);
    if (!sort_count(run->events))
        return true;
    char *abandon = site_command(run->options.site, "plan --abandon");
    char *update = site_command(run->options.site, "update");
    batch_error_set(run->error, BATCH_ERROR,
                    "[%s]: these are logs of a streaming distribution, whose views may have events "
                    "in several parts, so shards cannot count them; give the plan up, and update: "
                    "%s && %s",
                    run->options.site->name, abandon, update);
    free(abandon);
    free(update);
    return false;
}

bool run_read(struct run *run)
{
    if (run->object_count > SORT_NO_OBJECT)
        return batch_error_set(run->error, BATCH_ERROR,
                               "more than %u objects are too many for one run; give each of "
                               "several runs a part of them, such as the logs of one year",
                               SORT_NO_OBJECT);
    uint64_t bytes = 0;
    for (size_t i = 0; i < run->source_count; i++)
        bytes += run->sources[i].size;
    run->notes = memory_allocate(run->object_count + 1, sizeof *run->notes);
    progress_begin(PROGRESS_READ, run->object_count, bytes);
    bool has_ledger = run->batch || run->counted;
    if (!visitor_keys_open(&run->visitor_keys, run->options.site, has_ledger, &run->error->text))
        return false;
    if (!read_all(run)) {
        if (run->batch && run->failures)
            batch_give_up(run->batch);
        return false;
    }
    if (run->options.part && !finish_part(run))
        return false;
    if (run->batch && !batch_drop_copies(run->batch, run_drop_copy, run))
        return false;
    texts_drop_copies(run, run_drop_copy, run);
    if (!assemble_all(run))
        return false;
    run_warn_of_lacking_hosts(run);
    if (!prepare(run))
        return false;
    run_warn_of_more_bad(run);
    run_warn_of_passed_over(run);
    run_warn_of_missing(run);
    run->is_read = true;
    return true;
}
