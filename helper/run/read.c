/* cat: reads all objects of the sources, and writes one normalized log, sorted by time.
 *
 * A thread for each core takes objects from the sources and reads them; the records of download
 * logs meet in one sort, the events of streaming logs in another.  The sorted events give views,
 * whose records join the others.  Nothing is written before everything was read, so a run that
 * fails has written nothing.
 *
 * With a site, the objects are those of its batch (batch/batch.h), and views that are still open
 * are left to the next one. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch.h"
#include "commands/commands.h"
#include "source/duplicates.h"
#include "normalized/columns.h"
#include "normalized/frame.h"
#include "log/reader.h"
#include "sort/sort.h"
#include "source/kind.h"
#include "stream/assemble.h"
#include "text/message.h"
#include "text/output.h"
#include "files/temporary.h"
#include "version.h"

enum {
    THREADS_MAX = 8,
    ARENAS_SIZE = 40 * 1024 * 1024, /* of all threads together, in each of the two sorts */
    FAN_IN = 128,
    PIECE_SIZE = 128 * 1024,
    FAILURES_MAX = 10, /* objects that are named before a run gives up */
};

struct cat {
    const struct options *options;
    struct batch *batch; /* NULL without a site */
    struct source *sources;
    uint32_t *first_object; /* of each source, in the whole run */
    size_t source_count, object_count;
    struct sort *records, *events;
    struct sort_writer *view_writer; /* of records, for the main thread */
    struct assemble_state state;     /* of a site's views */
    uint64_t open_views;             /* left to the next batch */
    pthread_mutex_t lock;            /* of what follows */
    size_t objects_read;
    struct buffer
        batch_lines; /* of a normalized log, to be passed on when it is all that is read */
    uint64_t bad;
    uint64_t aside; /* objects */
    unsigned failures;
    unsigned missing; /* as reader_summary's */
    atomic_bool stop; /* no thread goes on */
};

struct worker {
    struct cat *cat;
    struct reader *reader;
    unsigned char *piece; /* PIECE_SIZE bytes */
    pthread_t thread;
};

/* An object that makes the run fail.  NAME is NULL when its failure has been printed already. */
static void fail_object(struct cat *cat, const char *name, const char *problem)
{
    pthread_mutex_lock(&cat->lock);
    if (cat->failures < FAILURES_MAX && name)
        message_error("%s: %s", name, problem);
    if (++cat->failures == FAILURES_MAX)
        message_error("%d objects failed; the rest is not tried", FAILURES_MAX);
    if (cat->failures >= FAILURES_MAX)
        cat->stop = true;
    pthread_mutex_unlock(&cat->lock);
}

/* An object that cannot be read: a site goes on without it, any other run fails. */
static void leave_out(struct cat *cat, size_t source, size_t number, enum batch_note note,
                      const char *cause)
{
    const char *name = cat->sources[source].names[number];
    uint32_t object = cat->first_object[source] + (uint32_t)number;
    if (!cat->batch || !batch_note(cat->batch, number, note, cause)) {
        fail_object(cat, name, cause);
        cat->stop |= cat->batch != NULL;
    } else if (!sort_drop(cat->records, object) || !sort_drop(cat->events, object)) {
        cat->stop = true;
    }
}

static void leave_out_in_trouble(struct cat *cat, size_t source, const struct body *body)
{
    static const enum batch_note notes[] = {[SOURCE_FINE] = BATCH_UNREADABLE,
                                            [SOURCE_FORBIDDEN] = BATCH_FORBIDDEN,
                                            [SOURCE_UNREADABLE] = BATCH_UNREADABLE,
                                            [SOURCE_GONE] = BATCH_GONE,
                                            [SOURCE_CHANGED] = BATCH_CHANGED};
    leave_out(cat, source, body->object, notes[body->trouble],
              body->cause ? body->cause : "out of memory");
}

/* Notes what was found in an object, and names its bad records. */
static void count_object(struct cat *cat, const char *name, const struct reader_summary *summary)
{
    if (summary->bad)
        message_warning("%s: line %llu: %s%s", name, (unsigned long long)summary->first_bad_line,
                        summary->first_bad_cause,
                        summary->bad > 1 ? " (the first bad record of several; all are left out)"
                                         : " (a bad record, left out)");
    pthread_mutex_lock(&cat->lock);
    cat->bad += summary->bad + summary->inner_bad;
    cat->aside += summary->inner_aside;
    cat->missing |= summary->missing;
    pthread_mutex_unlock(&cat->lock);
}

/* Hands an object's bytes to the reader.  False when the reader wants no more; *CAUSE is set when
 * they could not be read. */
static bool feed(struct worker *worker, const struct body *body, const char **cause)
{
    if (body->data)
        return reader_feed(worker->reader, body->data, body->size);
    for (;;) {
        ssize_t size = read(body->fd, worker->piece, PIECE_SIZE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            *cause = strerror(errno);
        if (size <= 0)
            return true;
        if (!reader_feed(worker->reader, worker->piece, (size_t)size))
            return false;
    }
}

static void read_object(struct worker *worker, size_t source, const struct body *body)
{
    struct cat *cat = worker->cat;
    const char *name = cat->sources[source].names[body->object], *cause = NULL;
    struct reader_summary summary;
    reader_begin(worker->reader, cat->first_object[source] + (uint32_t)body->object);
    bool done = feed(worker, body, &cause) && (cause || reader_end(worker->reader, &summary));
    if (!done && reader_sort_failed(worker->reader))
        cat->stop = true;
    else if (!source_is_unchanged(&cat->sources[source], body))
        leave_out(cat, source, body->object, BATCH_CHANGED, "the file changed while it was read");
    else if (cause || !done)
        leave_out(cat, source, body->object, BATCH_UNREADABLE,
                  cause ? cause : reader_problem(worker->reader));
    else if (cat->batch && !batch_note(cat->batch, body->object, BATCH_READ, NULL))
        cat->stop = true;
    else
        count_object(cat, name, &summary);
    pthread_mutex_lock(&cat->lock);
    buffer_add_text(&cat->batch_lines, reader_batch_lines(worker->reader));
    size_t count = ++cat->objects_read;
    pthread_mutex_unlock(&cat->lock);
    message_progress("%zu of %zu objects read", count, cat->object_count);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct cat *cat = worker->cat;
    for (size_t i = 0; i < cat->source_count && !cat->stop;) {
        struct body body;
        int result = source_next(&cat->sources[i], &body);
        if (result == 0) {
            i++;
        } else if (result < 0) {
            fail_object(cat, NULL, NULL);
        } else if (body.trouble != SOURCE_FINE) {
            leave_out_in_trouble(cat, i, &body);
            body_release(&body);
        } else {
            read_object(worker, i, &body);
            body_release(&body);
        }
    }
    return NULL;
}

static size_t count_threads(size_t objects)
{
    cpu_set_t set;
    size_t count = 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = (size_t)CPU_COUNT(&set);
    if (count > THREADS_MAX)
        count = THREADS_MAX;
    return count > objects ? (objects ? objects : 1) : count;
}

static void say_sort_failed(const struct cat *cat)
{
    const char *problem = sort_problem(cat->records);
    if (!*problem)
        problem = sort_problem(cat->events);
    if (*problem)
        message_error("cannot sort: %s; set TMPDIR to a directory with room for all records",
                      problem);
    else
        message_error("out of memory");
}

static bool start_worker(struct cat *cat, struct worker *worker)
{
    const struct site *site = &cat->options->site;
    struct reader_options options = {
        .normalize = {.client_forwarded = site->client == SITE_CLIENT_X_FORWARDED_FOR,
                      .host_cs_host = site->host == SITE_HOST_CS_HOST},
        .kinds = site->type == SITE_DOWNLOAD    ? READER_DOWNLOAD
                 : site->type == SITE_STREAMING ? READER_STREAMING
                                                : READER_ALL,
    };
    struct sort_writer *records = sort_writer_new(cat->records);
    struct sort_writer *events = sort_writer_new(cat->events);
    cat->view_writer = records;
    worker->cat = cat;
    worker->reader = records && events ? reader_new(records, events, &options) : NULL;
    worker->piece = malloc(PIECE_SIZE);
    return worker->reader && worker->piece &&
           pthread_create(&worker->thread, NULL, work, worker) == 0;
}

/* Reads everything into the sorts.  Returns 0, or -1 after a message. */
static int read_all(struct cat *cat)
{
    struct worker workers[THREADS_MAX] = {0};
    size_t count = count_threads(cat->object_count), started = 0;
    struct sort_options sort_options = {temporary_directory(), ARENAS_SIZE / count, FAN_IN};
    cat->records = sort_new(&sort_options);
    cat->events = sort_new(&sort_options);
    while (cat->records && cat->events && started < count && start_worker(cat, &workers[started]))
        started++;
    if (started < count) {
        message_error("out of memory");
        cat->stop = true;
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < count; i++) {
        reader_free(workers[i].reader);
        free(workers[i].piece);
    }
    if (started < count)
        return -1;
    if (*sort_problem(cat->records) || *sort_problem(cat->events)) {
        say_sort_failed(cat);
        return -1;
    }
    return cat->stop || cat->failures ? -1 : 0;
}

/* Makes the views of the events, and prepares the records for reading. */
static int assemble_all(struct cat *cat)
{
    struct assemble_counts counts = {0};
    struct assemble_state *state = NULL;
    if (cat->batch) {
        state = &cat->state;
        state->writes_open = batch_get(cat->batch)->writes_open;
        batch_get_views(cat->batch, &state->before, &state->before_size);
    }
    if (!sort_finish(cat->events) ||
        !assemble_views(cat->events, cat->view_writer, state, &counts) ||
        !sort_finish(cat->records)) {
        say_sort_failed(cat);
        return -1;
    }
    if (counts.falling)
        message_warning("%llu events have a lower running total than one before them in their "
                        "connection; they add no bytes",
                        (unsigned long long)counts.falling);
    cat->open_views = counts.open;
    if (counts.views)
        message_verbose("%llu views", (unsigned long long)counts.views);
    return 0;
}

/* Whether the commit is left to others: to who reads the log, as the plugin does, once AWStats has
 * saved what it counted; and to the next run, when a person looks at the log on a terminal. */
static bool commits_later(void)
{
    const char *commit = getenv("AWSTATS_CLOUDFRONT_COMMIT");
    return (commit && !strcmp(commit, "later")) || isatty(STDOUT_FILENO);
}

/* The lines before the records. */
static bool put_header(const struct cat *cat, struct output *output)
{
    char header[FRAME_HEADER_SIZE];
    if (!output_put(output, header, frame_put_header(header, VERSION)))
        return false;
    if (!cat->batch && cat->object_count == 1)
        return output_put(output, cat->batch_lines.data, cat->batch_lines.size);
    if (!cat->batch)
        return true;
    struct buffer lines = {0};
    char *config = realpath(cat->options->config, NULL);
    struct frame_batch batch = {.id = batch_get(cat->batch)->id,
                                .site = cat->options->site.name,
                                .configuration = config ? config : cat->options->config,
                                .previous = batch_previous(cat->batch),
                                .replaces = batch_replaced(cat->batch)};
    bool made = frame_add_batch(&lines, &batch);
    if (!made)
        message_error("out of memory");
    bool done = made && output_put(output, lines.data, lines.size);
    free(config);
    buffer_free(&lines);
    return done;
}

static int write_all(struct cat *cat)
{
    struct output *output = output_open();
    if (!output)
        return -1;
    char trailer[FRAME_END_SIZE];
    struct frame_end end = {.bad = cat->bad, .aside = cat->aside};
    const char *record;
    size_t size;
    uint32_t time;
    int more = 0;
    bool done = put_header(cat, output);
    while (done && (more = sort_next(cat->records, &time, &record, &size)) > 0) {
        done = output_put(output, record, size);
        end.records++;
    }
    if (more < 0)
        say_sort_failed(cat);
    done = done && more == 0 && output_put(output, trailer, frame_put_end(trailer, &end)) &&
           output_flush(output);
    if (done)
        message_verbose("%llu records, %llu bad rows, %llu objects aside",
                        (unsigned long long)end.records, (unsigned long long)end.bad,
                        (unsigned long long)end.aside);
    if (done && cat->batch && !commits_later())
        done = output_wait_for_reader(output) && batch_commit(cat->batch);
    if (!done) {
        output_free(output);
        return -1;
    }
    bool closed = output_close(output);
    if (closed && cat->batch && !commits_later())
        batch_clean_up(cat->batch);
    return closed ? 0 : -1;
}

/* Writes down what the batch leaves out and leaves behind. */
static int hand_out(struct cat *cat)
{
    uint64_t aside = 0;
    struct ledger_outcome outcome = {.views = cat->state.after.size ? cat->state.after.data : NULL,
                                     .views_size = cat->state.after.size,
                                     .open_views = cat->open_views,
                                     .bad = cat->bad};
    if (!cat->batch)
        return 0;
    if (!batch_hand_out(cat->batch, cat->sources[0].names, &outcome, &aside))
        return -1;
    cat->aside += aside;
    return 0;
}

/* A log without such a column is written all the same; AWStats would silently drop its records. */
static void warn_of_missing(const struct cat *cat)
{
    for (int column = 0; column < COLUMN_COUNT; column++)
        if (cat->missing >> column & 1)
            message_warning("a log has no column %s, without which AWStats does not count a record;"
                            " add it to the fields that CloudFront logs",
                            column_name((enum column)column));
}

/* Opens and lists the sources.  Returns 0, or -1 after a message. */
static int open_sources(struct cat *cat)
{
    const struct options *options = cat->options;
    for (size_t i = 0; i < options->source_count; i++) {
        if (source_open(&cat->sources[i], options->sources[i], &options->site, options->transfers) <
            0)
            return -1;
        cat->source_count++;
        cat->first_object[i] = (uint32_t)cat->object_count;
        cat->object_count += cat->sources[i].count;
        message_verbose("%s: %zu objects", options->sources[i], cat->sources[i].count);
    }
    return doubles_are_none(cat->sources, cat->source_count) ? 0 : -1;
}

/* Opens the site's source with its batch.  Returns an exit status. */
static int open_batch(struct cat *cat)
{
    const struct options *options = cat->options;
    struct batch_options batch_options = {.transfers = options->transfers,
                                          .wait = options->wait,
                                          .lists_fully = options->full,
                                          .commits_later = commits_later()};
    cat->source_count = 1;
    enum batch_result result =
        batch_take(&cat->batch, &cat->sources[0], &options->site, &batch_options);
    if (result != BATCH_DONE)
        return result == BATCH_HELD ? EXIT_RUNNING : EXIT_FAILED;
    cat->object_count = cat->sources[0].count;
    const struct ledger_batch *batch = batch_get(cat->batch);
    if (!batch_options.commits_later && batch->handed_out && !batch->writes_open) {
        message_error("batch %s was handed out to the plugin, which commits it: run that update "
                      "again; if AWStats has counted the batch, commit it by hand",
                      batch->id);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* Returns 0, or -1 after a message. */
static int run(struct cat *cat)
{
    if (cat->object_count > SORT_NO_OBJECT) {
        message_error("more than %u objects; read them in parts", SORT_NO_OBJECT);
        return -1;
    }
    if (read_all(cat) < 0 || assemble_all(cat) < 0 || hand_out(cat) < 0)
        return -1;
    warn_of_missing(cat);
    message_progress_end();
    return write_all(cat);
}

int command_cat(const struct options *options)
{
    struct cat cat = {.options = options};
    size_t count = options->site_given ? 1 : options->source_count;
    int status = EXIT_FAILED;
    if (!count) {
        message_error("cat: name a SOURCE or --site; see awstats-cloudfront cat --help");
        return EXIT_USAGE;
    }
    pthread_mutex_init(&cat.lock, NULL);
    cat.sources = calloc(count, sizeof *cat.sources);
    cat.first_object = calloc(count, sizeof *cat.first_object);
    if (!cat.sources || !cat.first_object)
        message_error("out of memory");
    else if (options->site_given)
        status = open_batch(&cat);
    else
        status = open_sources(&cat) < 0 ? EXIT_FAILED : EXIT_DONE;
    if (status == EXIT_DONE && run(&cat) < 0)
        status = EXIT_FAILED;
    for (size_t i = 0; i < cat.source_count; i++)
        source_close(&cat.sources[i]);
    batch_free(cat.batch);
    sort_free(cat.records);
    sort_free(cat.events);
    buffer_free(&cat.state.after);
    buffer_free(&cat.batch_lines);
    free(cat.sources);
    free(cat.first_object);
    pthread_mutex_destroy(&cat.lock);
    return status;
}
