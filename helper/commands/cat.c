/* cat: reads all objects of the sources, and writes one normalized log, sorted by time.
 *
 * A thread for each core takes objects from the sources and reads them; the records of download
 * logs meet in one sort, the events of streaming logs in another.  The sorted events give views,
 * whose records join the others.  Nothing is written before everything was read, so a run that
 * fails has written nothing. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/doubles.h"
#include "log/columns.h"
#include "log/frame.h"
#include "log/reader.h"
#include "log/sort.h"
#include "source/source.h"
#include "stream/assemble.h"
#include "text/message.h"
#include "text/temporary.h"
#include "version.h"

enum {
    THREADS_MAX = 8,
    ARENAS_SIZE = 40 * 1024 * 1024, /* of all threads together, in each of the two sorts */
    FAN_IN = 128,
    PIECE_SIZE = 128 * 1024,
    OUTPUT_SIZE = 256 * 1024,
    PIPE_SIZE = 1024 * 1024,
    FAILURES_MAX = 10, /* objects that are named before a run gives up */
};

struct cat {
    const struct options *options;
    struct source *sources;
    uint32_t *first_object; /* of each source, in the whole run */
    size_t source_count, object_count;
    struct sort *records, *events;
    struct sort_writer *view_writer; /* of records, for the main thread */
    pthread_mutex_t lock;            /* of what follows */
    size_t objects_read;
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
static void leave_out(struct cat *cat, const char *name, uint32_t object, const char *problem)
{
    if (!cat->options->site_given) {
        fail_object(cat, name, problem);
    } else if (sort_drop(cat->records, object) && sort_drop(cat->events, object)) {
        message_error("%s: set aside: %s", name, problem);
        pthread_mutex_lock(&cat->lock);
        cat->aside++;
        pthread_mutex_unlock(&cat->lock);
    } else {
        cat->stop = true;
    }
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
    uint32_t object = cat->first_object[source] + (uint32_t)body->object;
    struct reader_summary summary;
    reader_begin(worker->reader, object);
    bool done = feed(worker, body, &cause);
    if (cause)
        fail_object(cat, name, cause);
    else if (done && reader_end(worker->reader, &summary))
        count_object(cat, name, &summary);
    else if (reader_sort_failed(worker->reader))
        cat->stop = true;
    else
        leave_out(cat, name, object, reader_problem(worker->reader));
    pthread_mutex_lock(&cat->lock);
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
    if (!sort_finish(cat->events) || !assemble_views(cat->events, cat->view_writer, &counts) ||
        !sort_finish(cat->records)) {
        say_sort_failed(cat);
        return -1;
    }
    if (counts.falling)
        message_warning("%llu events have a lower running total than one before them in their "
                        "connection; they add no bytes",
                        (unsigned long long)counts.falling);
    if (counts.views)
        message_verbose("%llu views", (unsigned long long)counts.views);
    return 0;
}

struct output {
    size_t used;
    char buffer[OUTPUT_SIZE];
};

static bool flush_output(struct output *output)
{
    const char *s = output->buffer, *end = s + output->used;
    while (s < end) {
        ssize_t written = write(STDOUT_FILENO, s, (size_t)(end - s));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            message_error("standard output: %s",
                          errno == EPIPE ? "its reader has gone away" : strerror(errno));
            return false;
        }
        s += written;
    }
    output->used = 0;
    return true;
}

static bool put(struct output *output, const char *data, size_t size)
{
    while (size) {
        if (output->used == OUTPUT_SIZE && !flush_output(output))
            return false;
        size_t room = OUTPUT_SIZE - output->used, take = size < room ? size : room;
        memcpy(output->buffer + output->used, data, take);
        output->used += take;
        data += take;
        size -= take;
    }
    return true;
}

static int write_all(struct cat *cat)
{
    struct output *output = calloc(1, sizeof *output);
    if (!output) {
        message_error("out of memory");
        return -1;
    }
    /* A large pipe lets the reader and this program work at the same time. */
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);

    char header[FRAME_HEADER_SIZE], trailer[FRAME_END_SIZE];
    struct frame_end end = {.bad = cat->bad, .aside = cat->aside};
    bool done = put(output, header, frame_put_header(header, VERSION));
    const char *record;
    size_t size;
    uint32_t time;
    int more = 0;
    while (done && (more = sort_next(cat->records, &time, &record, &size)) > 0) {
        done = put(output, record, size);
        end.records++;
    }
    if (more < 0)
        say_sort_failed(cat);
    done = done && more == 0 && put(output, trailer, frame_put_end(trailer, &end)) &&
           flush_output(output);
    if (done)
        message_verbose("%llu records, %llu bad rows, %llu objects aside",
                        (unsigned long long)end.records, (unsigned long long)end.bad,
                        (unsigned long long)end.aside);
    if (done && close(STDOUT_FILENO) < 0) {
        message_error("standard output: %s", strerror(errno));
        done = false;
    }
    free(output);
    return done ? 0 : -1;
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
static int open_sources(struct cat *cat, char **uris, size_t count)
{
    cat->sources = calloc(count, sizeof *cat->sources);
    cat->first_object = calloc(count, sizeof *cat->first_object);
    if (!cat->sources || !cat->first_object) {
        message_error("out of memory");
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (source_open(&cat->sources[i], uris[i], &cat->options->site, cat->options->transfers) <
            0)
            return -1;
        cat->source_count++;
        cat->first_object[i] = (uint32_t)cat->object_count;
        cat->object_count += cat->sources[i].count;
        message_verbose("%s: %zu objects", uris[i], cat->sources[i].count);
    }
    if (cat->object_count > UINT32_MAX) {
        message_error("more than %u objects; read them in parts", UINT32_MAX);
        return -1;
    }
    return doubles_are_none(cat->sources, cat->source_count) ? 0 : -1;
}

int command_cat(const struct options *options)
{
    struct cat cat = {.options = options};
    char *site_source = options->site.source;
    char **uris = options->site_given ? &site_source : options->sources;
    size_t count = options->site_given ? 1 : options->source_count;
    int status = EXIT_FAILED;
    if (!count) {
        message_error("cat: name a SOURCE or --site; see awstats-cloudfront cat --help");
        return EXIT_USAGE;
    }
    pthread_mutex_init(&cat.lock, NULL);
    if (open_sources(&cat, uris, count) == 0 && read_all(&cat) == 0 && assemble_all(&cat) == 0) {
        warn_of_missing(&cat);
        message_progress_end();
        if (write_all(&cat) == 0)
            status = EXIT_DONE;
    }
    for (size_t i = 0; i < cat.source_count; i++)
        source_close(&cat.sources[i]);
    sort_free(cat.records);
    sort_free(cat.events);
    free(cat.sources);
    free(cat.first_object);
    pthread_mutex_destroy(&cat.lock);
    return status;
}
