#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/environment.h"
#include "awstats/output.h"
#include "batch/messages.h"
#include "config/environment_file.h"
#include "config/options.h"
#include "config/site_file.h"
#include "embedded/embedded.h"
#include "memory/allocate.h"
#include "run/run.h"
#include "text/message.h"
#include "text/standard_output.h"
#include "text/time.h"
#include "threads/error.h"
#include "threads/start.h"
#include "update/channel.h"
#include "update/failure.h"
#include "update/find.h"
#include "update/history.h"
#include "update/owner.h"
#include "update/redirect.h"
#include "update/result.h"
#include "update/sharing.h"
#include "update/update.h"

struct update {
    const struct update_options *options;
    struct site site;
    struct update_awstats found;
    char plugin[PATH_MAX];
    struct batch_error error; /* of the run */
    struct run *run;
    struct channel *channel;
    pthread_t thread;
    pthread_mutex_t lock;                                  /* protects `news` */
    pthread_cond_t known;                                  /* `news` is no longer NOT_KNOWN */
    enum { NOT_KNOWN, NEW_OBJECTS, NOTHING_TO_READ } news; /* NOTHING_TO_READ also after an error */
    uint64_t records; /* that the log has at most; set before the first block is in the channel */
    bool has_thread, is_abandoned;
    bool is_open;      /* the batch was taken, and no error has come since */
    bool is_read;      /* run_read() has succeeded */
    bool is_written;   /* the whole log is in the channel */
    bool is_committed; /* with dry_run: the batch is counted, and not committed */
    struct figures figures;
    char *periods;
    size_t objects;
    unsigned wait;      /* seconds to wait for another run that uses the ledger */
    int lost_output;    /* 0, or the errno of messages that were not printed */
    struct buffer told; /* messages of the plugin, each with LF */
    int64_t began;      /* milliseconds */
};

/* Prints an error of the site.  Returns the exit status. */
static int fail(const struct update *update, const char *error)
{
    message_error("[%s]: %s", update->site.name, error);
    return EXIT_FAILED;
}

/* ---- the thread that reads the batch -------------------------------------------------------- */

static bool put(void *user, const char *data, size_t size)
{
    return channel_put(user, data, size);
}

/* Stores NEWS, unless some are stored already, and lets the main thread go on. */
static void tell_news(struct update *update, int news)
{
    pthread_mutex_lock(&update->lock);
    if (update->news == NOT_KNOWN)
        update->news = news;
    pthread_cond_signal(&update->known);
    pthread_mutex_unlock(&update->lock);
}

static int wait_for_news(struct update *update)
{
    pthread_mutex_lock(&update->lock);
    while (update->news == NOT_KNOWN)
        pthread_cond_wait(&update->known, &update->lock);
    int news = update->news;
    pthread_mutex_unlock(&update->lock);
    return news;
}

static void tell_new_objects(void *user)
{
    tell_news(user, NEW_OBJECTS);
}

/* Whether perl need not start when nothing is new.  It must start to finish a recount that was interrupted, or to
 * report what is wrong with the history. */
static bool has_right_history(const struct update *update)
{
    struct history_wanted wanted = {.batch = run_batch(update->run),
                                    .site = update->site.name,
                                    .dirdata = update->found.dirdata,
                                    .config = awstats_config_history(&update->found.config),
                                    .ignores_recount = update->options->dry_run};
    return history_is_right(&wanted);
}

static bool open_run(struct update *update)
{
    struct run_options options = {
        .site = &update->site,
        .has_batch = true,
        .config = update->options->config,
        .batch = {.transfers = update->options->transfers,
                  .wait = update->wait,
                  .end = update->options->dry_run ? BATCH_STAYS : BATCH_PREPARE,
                  .has_objects = tell_new_objects,
                  .user = update}};
    return run_open(&update->run, &options, &update->error);
}

/* Whether a failed update has left an open batch without objects that the history does not have. */
static bool has_empty_batch(const struct update *update)
{
    return !run_object_count(update->run) && !run_has_nothing_new(update->run) &&
           has_right_history(update);
}

/* Takes the batch.  An open batch without objects has nothing to count: commits it at once and takes the next
 * one, so new objects do not wait for the next update. */
static bool take_batch(struct update *update)
{
    if (!open_run(update))
        return false;
    if (update->options->dry_run || !has_empty_batch(update))
        return true;
    if (!run_commit_nothing(update->run))
        return false;
    run_close(update->run);
    return open_run(update);
}

/* Reads the objects, and prints which of them are left out. */
static bool read_objects(struct update *update)
{
    bool is_read = run_read(update->run);
    sharing_tell(&update->site);
    if (!is_read)
        return false;
    size_t left_out;
    batch_get_left_out(run_batch(update->run), &left_out);
    update->objects =
        run_object_count(update->run) - left_out - batch_count_dropped(run_batch(update->run));
    print_left_out(&update->site, run_batch(update->run));
    update->is_read = true;
    return true;
}

/* Whether the batch has nothing to count: it has no objects, or only quarantined ones that still cannot be read.  Tries
 * to read these.  Without this function, each update would write the history and the pages of the report again. */
static bool has_nothing_to_count(struct update *update)
{
    if (run_has_nothing_new(update->run))
        return has_right_history(update);
    if (!run_has_only_quarantined(update->run) || !has_right_history(update))
        return false;
    update->is_open = read_objects(update);
    return !update->is_open || !update->objects;
}

/* Takes the batch.  Returns whether perl must start: the batch has objects to count, or the listing found one that
 * turned out to be a copy, or the history is not right. */
static bool open_batch(struct update *update)
{
    update->is_open = take_batch(update);
    bool has_nothing = !update->is_open || (update->options->dry_run && has_empty_batch(update)) ||
                       has_nothing_to_count(update);
    tell_news(update, has_nothing ? NOTHING_TO_READ : NEW_OBJECTS);
    return update->is_open && wait_for_news(update) == NEW_OBJECTS;
}

/* Reads the objects, unless they are read, and puts the whole log into the channel. */
static bool write_batch(struct update *update)
{
    struct output_sink sink = {put, update->channel};
    if (!update->is_read && !read_objects(update))
        return false;
    update->records = run_sorted_records(update->run);
    return run_write_sink(update->run, &sink, "AWStats");
}

static void *read_batch(void *argument)
{
    struct update *update = argument;
    update->is_written = open_batch(update) && write_batch(update);
    channel_end(update->channel);
    return NULL;
}

/* Starts the thread.  thread_start() blocks signals there: perl handles them in the main thread. */
static bool start_thread(struct update *update)
{
    update->channel = channel_new();
    int number = thread_start(&update->thread, read_batch, update);
    update->has_thread = number == 0;
    return number == 0 || batch_error_set(&update->error, BATCH_ERROR, "%s", thread_error(number));
}

static void join_thread(struct update *update)
{
    if (update->has_thread)
        pthread_join(update->thread, NULL);
    update->has_thread = false;
}

/* ---- callbacks of the plugin ---------------------------------------------------------------- */

static int take(void *user, struct normalized_block *block, int wait_ms)
{
    struct update *update = user;
    return channel_take(update->channel, block, wait_ms);
}

/* Needs no lock: a block that came through the channel was put after the number was set. */
static uint64_t count_records(void *user)
{
    const struct update *update = user;
    return update->records;
}

static void take_lines(void *user)
{
    struct update *update = user;
    channel_take_lines(update->channel);
}

/* Waits for the whole log.  The plugin stops with this error; print_batch_error() says more. */
static const char *wait_for_log(void *user)
{
    struct update *update = user;
    join_thread(update);
    return update->is_written ? NULL : "the logs cannot be read";
}

/* Lets the thread end soon.  It may still read an object. */
static void abandon(void *user)
{
    struct update *update = user;
    if (!update->has_thread)
        return;
    update->is_abandoned = true;
    run_stop(update->run);
    channel_abandon(update->channel);
}

/* Marks the batch as counted, once the history has all records. */
static const char *commit(void *user, const struct embedded_counted *counted)
{
    struct update *update = user;
    struct batch_history history = {counted->history, counted->previous, counted->files,
                                    counted->figures};
    figures_read(&update->figures, counted->figures);
    update->periods = memory_copy_text(counted->periods);
    update->is_committed = update->options->dry_run || run_commit(update->run, &history);
    return update->is_committed ? NULL : "see the error message of awstats-cloudfront update";
}

static void keep_line(void *user, const char *line)
{
    struct update *update = user;
    buffer_printf(&update->told, "%s\n", line);
}

/* ---- perl ----------------------------------------------------------------------------------- */

/* Runs awstats.pl.  Returns its exit status. */
static int run_awstats(struct update *update)
{
    struct buffer name = {0}, folder = {0};
    buffer_printf(&name, "-config=%s", update->found.config.name);
    buffer_printf(&folder, "-configdir=%s", update->found.config.directory);
    char *arguments[] = {name.data, folder.data, (char *)"-update", NULL};
    struct embedded_log log = {.site = update->site.name,
                               .config = update->options->config,
                               .dry_run = update->options->dry_run,
                               .memory = update->site.memory,
                               .sites = update->options->sites,
                               .stream = {.next = take,
                                          .records = count_records,
                                          .take_lines = take_lines,
                                          .user = update},
                               .wait = wait_for_log,
                               .abandon = abandon,
                               .commit = commit,
                               .tell = keep_line,
                               .user = update};
    struct embedded_options options = {.program = update->found.awstats.program,
                                       .plugin = update->plugin,
                                       .arguments = arguments,
                                       .log = &log};
    int status = embedded_run(&options);
    abandon(update);
    join_thread(update);
    buffer_free(&name);
    buffer_free(&folder);
    return status;
}

/* ---- results -------------------------------------------------------------------------------- */

/* Prints lines, with the site's name and KIND before each. */
static void print_lines(const struct update *update, const char *kind, const char *lines)
{
    for (; *lines; lines += strcspn(lines, "\n")) {
        lines += strspn(lines, "\n");
        int size = (int)strcspn(lines, "\n");
        if (size)
            message_note("[%s]: %s%.*s", update->site.name, kind, size, lines);
    }
}

/* Prints the warnings in the output of awstats.pl. */
static void print_warnings(const struct update *update, const char *text)
{
    static const char mark[] = "Warning: ";
    for (const char *warning = text; (warning = strstr(warning, mark));) {
        bool begins_line = warning == text || warning[-1] == '\n';
        warning += sizeof mark - 1;
        if (begins_line)
            message_warning("[%s]: AWStats: %.*s", update->site.name, (int)strcspn(warning, "\n"),
                            warning);
    }
}

static int print_counted(const struct update *update, const char *out)
{
    struct result result = {.figures = update->figures,
                            .objects = update->objects,
                            .seconds = (double)(time_monotonic_ms() - update->began) / 1000,
                            .periods = update->periods,
                            .dry_run = update->options->dry_run};
    result_print(update->site.name, &result);
    if (update->told.size)
        print_lines(update, "", update->told.data);
    print_warnings(update, out);
    return EXIT_DONE;
}

/* Prints why nothing was counted: the error of the logs, which made AWStats fail, or the error of
 * AWStats. */
static int print_failure(struct update *update, int status, const struct failure *failure)
{
    if (update->error.text.size && !update->is_abandoned)
        return print_batch_error(&update->site, &update->error);
    if (!update->is_written && !update->is_abandoned)
        return EXIT_FAILED; /* each object has its message */
    failure_print_awstats(update->site.name, failure);
    return status == EXIT_RUNNING ? EXIT_RUNNING : EXIT_FAILED;
}

/* Returns the errno with which the files for the output of awstats.pl cannot be written; 0 when they can. */
static int find_lack(const struct update_output *output)
{
    return write(output->out, "\n", 1) < 0 || write(output->error, "\n", 1) < 0 ? errno : 0;
}

static int print_result(struct update *update, int status, const struct update_output *output)
{
    char *out = awstats_output_read(output->out), *error = awstats_output_read(output->error);
    const struct failure failure = {out, error, status ? find_lack(output) : 0,
                                    update->is_committed};
    if (message_get_level() >= MESSAGE_VERBOSE) {
        print_lines(update, "AWStats: ", out);
        print_lines(update, "AWStats: ", error);
    }
    status = update->is_committed && (status == 0 || update->options->dry_run)
                 ? print_counted(update, out)
                 : print_failure(update, status, &failure);
    free(out);
    free(error);
    return status;
}

/* ---- one site ------------------------------------------------------------------------------- */

/* Deletes or moves the logs that are counted.  Perl has ended, so a signal ends the process at once, and the parent
 * says how many objects are left. */
static void clean_up(struct update *update)
{
    run_clean_up(update->run, update->options->waiting);
    *update->options->waiting = 0;
}

/* Reads the site's section, finds its AWStats, and becomes its user.  Returns -1, or the exit status after an
 * error. */
static int prepare(struct update *update, const char *name)
{
    struct buffer error = {0};
    bool done = site_file_read(&update->site, update->options->config, name, &error) == 0;
    if (!done) {
        message_error("%s", error.data);
    } else {
        environment_file_take(update->options->config, name);
        done = find_awstats(&update->found, &update->site, update->options->awstats, &error) &&
               embedded_find_plugin(update->plugin, &error) &&
               owner_become(&update->site, update->found.dirdata, &error);
        if (!done)
            fail(update, error.data);
        update->site.cache = sharing_join(update->options->sharing, update->options->number);
    }
    buffer_free(&error);
    return done ? -1 : EXIT_FAILED;
}

/* Ends the update of a batch that is empty or could not be taken.  Returns the exit status. */
static int finish_without_awstats(struct update *update)
{
    join_thread(update);
    update->is_committed =
        update->is_open && (update->options->dry_run || run_commit_nothing(update->run));
    if (!update->is_committed)
        return print_batch_error(&update->site, &update->error);
    if (update->options->dry_run && !update->is_read && !run_has_nothing_new(update->run))
        message_result("[%s]: an update that failed has left a batch without logs; no action is "
                       "needed: the next update closes this batch, and then counts the new logs",
                       update->site.name);
    else
        message_result("[%s]: no new logs to count", update->site.name);
    return EXIT_DONE;
}

/* Counts the batch, unless it is empty.  Returns the exit status. */
static int count(struct update *update, const struct update_output *output)
{
    struct redirected standard;
    int status = EXIT_FAILED;
    awstats_environment_set(update->found.config.name);
    if (!redirect_begin(&standard, output))
        message_error("[%s]: the output of awstats.pl cannot be read: %s; raise the limit of open "
                      "files (ulimit -n)",
                      update->site.name, strerrordesc_np(errno));
    else if (!history_wait(update->found.dirdata, awstats_config_history(&update->found.config),
                           &update->wait, &update->error) ||
             !start_thread(update))
        status = print_batch_error(&update->site, &update->error);
    else if (wait_for_news(update) == NOTHING_TO_READ)
        status = finish_without_awstats(update);
    else
        status = print_result(update, run_awstats(update), output);
    update->lost_output = redirect_end(&standard);
    return status;
}

/* Returns STATUS, or EXIT_FAILED if the update is done but some of its messages could not be printed. */
static int check_output(const struct update *update, int status)
{
    int error = standard_output_flush();
    error = update->lost_output ? update->lost_output : error;
    if (error && status == EXIT_DONE)
        message_error("[%s]: the %s is done, but its messages cannot be written to the "
                      "standard output: %s; write them to another place, or leave them out with -q",
                      update->site.name, update->options->dry_run ? "dry run" : "update",
                      strerrordesc_np(error));
    return error && status == EXIT_DONE ? EXIT_FAILED : status;
}

int update_site(const struct update_options *options, const char *name,
                const struct update_output *output)
{
    struct update update = {.options = options,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .known = PTHREAD_COND_INITIALIZER,
                            .wait = options->wait,
                            .began = time_monotonic_ms()};
    int status = prepare(&update, name);
    if (status < 0)
        status = count(&update, output);
    if (status == EXIT_DONE && update.is_committed && !options->dry_run)
        clean_up(&update);
    run_close(update.run);
    channel_free(update.channel);
    const char *report = options->report ? options->report : update.site.report;
    if (status == EXIT_DONE && report && !options->dry_run)
        status =
            update_report(&update.site, &update.found, update.plugin, report, options->processes);
    status = check_output(&update, status);
    batch_error_free(&update.error);
    buffer_free(&update.told);
    free(update.periods);
    free(update.found.dirdata);
    site_free(&update.site);
    return status;
}
