/* reduce: counts the records of a shard into its history. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "awstats/started_run.h"
#include "config/site_command.h"
#include "memory/allocate.h"
#include "normalized/frame.h"
#include "shards/awstats_settings.h"
#include "shards/complete.h"
#include "shards/counted.h"
#include "shards/generation.h"
#include "shards/merged_log.h"
#include "shards/newest.h"
#include "shards/prepared.h"
#include "shards/settings.h"
#include "shards/work.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/output.h"
#include "text/time.h"
#include "version.h"

enum { CLOCK_TOLERANCE = 3600 }; /* seconds, as in the plugin's Outcome.pm */

struct reduction {
    struct task *task;
    struct prepared prepared;
    struct merged_log *log;
    const char *record; /* the next record of the log */
    size_t size;
    char *folder; /* of the new history */
    struct counted counted;
    uint64_t records;
    bool is_corrupt; /* a log of the plan cannot be read */
};

/* Whether the shard's history of the generation before, in FOLDER, has all its files.  When the plan was collected
 * meanwhile, that generation is removed. */
static bool check_before(struct task *task, const char *folder)
{
    char *lost = NULL;
    int is = complete_is(task, folder, &lost);
    if (is == 0 && !task->store && current_is(task)) {
        task_fail_plan_over(task);
    } else if (is == 0) {
        char *objects =
            path_of("%s/%s/before/%u", task->work, task->plan.id, task->options->number);
        task_fail_to_abandon(task,
                             "%s/%s " COMPLETE_LOST ", and this shard goes on from it; give the "
                             "plan up, and plan again: ",
                             task->store ? objects : folder, lost);
        free(objects);
    }
    free(lost);
    return is > 0;
}

/* Makes the folder of the new history, with links to the shard's files of the generation before. */
static bool make_history(struct reduction *reduction, const char *path)
{
    struct task *task = reduction->task;
    reduction->folder = task_make_folder(task, path);
    if (!reduction->folder || !task->plan.before)
        return reduction->folder;
    char *before = path_of("%s/%u", task->plan.before, task->options->number);
    bool done = check_before(task, before) && link_histories(task, before, reduction->folder) &&
                newest_records_end_visits(task, reduction->folder);
    free(before);
    return done;
}

/* Writes the whole log. */
static bool write_records(struct reduction *reduction, struct output *output)
{
    struct task *task = reduction->task;
    const struct prepared *prepared = &reduction->prepared;
    const struct frame_batch batch = {.id = prepared->batch,
                                      .site = task->site.name,
                                      .configuration = task->plan.config,
                                      .former = prepared->former,
                                      .previous = "",
                                      .replaces = ""};
    char header[FRAME_HEADER_SIZE], trailer[FRAME_END_SIZE];
    struct buffer lines = {0};
    frame_add_batch(&lines, &batch);
    bool done = output_put(output, header, frame_put_header(header, VERSION)) &&
                output_put(output, lines.data, lines.size);
    buffer_free(&lines);
    int more = 1;
    for (; done && more > 0;
         more = merged_log_next(reduction->log, &reduction->record, &reduction->size)) {
        done = output_put(output, reduction->record, reduction->size);
        reduction->records++;
    }
    reduction->is_corrupt = more < 0;
    const struct frame_end end = {.records = reduction->records};
    return done && more == 0 && output_put(output, trailer, frame_put_end(trailer, &end)) &&
           output_flush(output);
}

static bool write_log(struct reduction *reduction, struct started_run *program)
{
    int fd = program->log;
    program->log = -1; /* output_close() closes it */
    struct output *output = output_open(fd, "awstats.pl", &reduction->task->error.text);
    bool done = write_records(reduction, output);
    return output_close(output) && done;
}

/* Reads the plugin's result: "counted" and five values, with a TAB before each. */
static bool take_counted(struct reduction *reduction, char *line)
{
    char **const texts[] = {&reduction->counted.previous, &reduction->counted.history,
                            &reduction->counted.files, &reduction->counted.figures,
                            &reduction->counted.version};
    char *value = strtok_r(line, "\t", &line);
    bool done = value && !strcmp(value, "counted");
    for (size_t i = 0; done && i < sizeof texts / sizeof *texts; i++) {
        value = strsep(&line, "\t");
        done = value;
        *texts[i] = memory_copy_optional(value);
    }
    return done;
}

/* Runs awstats.pl, which counts the log. */
static bool count(struct reduction *reduction)
{
    struct task *task = reduction->task;
    struct buffer *error = &task->error.text, reason = {0};
    struct started_run program;
    char *words = path_of(",%s", reduction->folder), *line = NULL;
    size_t capacity = 0;
    bool done = started_run_begin(&program, task->awstats.awstats.program, &task->awstats.config,
                                  STARTED_RUN_SHARD, words, task->site.memory, error);
    if (done) {
        done = write_log(reduction, &program) && started_run_line(&program, &line, &capacity) &&
               take_counted(reduction, line);
        if (started_run_end(&program, &reason) != 0 && !reduction->is_corrupt) {
            buffer_clear(error);
            done =
                task_fail(task, "shard %u was not counted: %s", task->options->number, reason.data);
        } else if (!done && !error->size) {
            task_fail(task,
                      "shard %u was not counted: the plugin cloudfront of awstats.pl is of "
                      "another version than this program; install both from the same version",
                      task->options->number);
        }
    }
    free(line);
    free(words);
    buffer_free(&reason);
    return done;
}

/* Whether the settings of AWStats, and the files of its plugins, are still those of the plan; else with the error. */
static bool check_awstats_settings(struct task *task)
{
    const struct awstats_config *config = &task->awstats.config;
    char *name = awstats_settings_find_difference(task->plan.awstats, config, task->plan.dirdata);
    bool is_file = name && !strncmp(name, AWSTATS_SETTINGS_FILE, strlen(AWSTATS_SETTINGS_FILE));
    if (is_file)
        task_fail_to_abandon(
            task,
            "%s/%s, which a plugin of AWStats reads, differs from the file of the plan; give all "
            "machines the file that the plan's machine has, and run reduce again, or give the plan "
            "up, and plan again: ",
            task->plan.dirdata, name + strlen(AWSTATS_SETTINGS_FILE));
    else if (name)
        task_fail_to_abandon(
            task,
            "the AWStats setting \"%s\" in %s differs from that of the plan; use the "
            "configuration of the plan on all machines, and run reduce again, or give the plan up, "
            "and plan again: ",
            name, config->path);
    free(name);
    return !name;
}

/* Finds awstats.pl and the site's configuration, and checks that its history and settings are still the plan's. */
static bool find_configuration(struct task *task)
{
    char real[PATH_MAX] = "";
    if (!find_awstats(&task->awstats, &task->site, task->options->awstats, &task->error.text) ||
        !settings_allow_shards(&task->awstats.config, &task->error.text))
        return false;
    if (realpath(task->awstats.dirdata, real) && !strcmp(real, task->plan.dirdata) &&
        !strcmp(task->awstats.config.name, task->plan.name))
        return check_awstats_settings(task);
    return task_fail_to_abandon(
        task,
        "the plan counts into the history in %s, and %s now names another one; set "
        "DirData back, or give the plan up: ",
        task->plan.dirdata, task->awstats.config.path);
}

/* Adds to the error that the plan must be given up. */
static void add_abandon(struct task *task)
{
    buffer_add_text(&task->error.text, "; give the plan up, and its logs are read again: ");
    site_command_add(&task->error.text, &task->site, "plan --abandon", NULL, NULL);
}

/* Stores an error if the clock of this machine is behind that of prepare: AWStats would leave out records that are more
 * than a day ahead of the clock.  Clocks differ by minutes. */
static bool check_clock(struct reduction *reduction)
{
    struct task *task = reduction->task;
    uint64_t now = (uint64_t)time(NULL), prepared = reduction->prepared.time;
    char host[HOST_NAME_MAX + 1] = "", clock[TIME_TEXT_SIZE], other[TIME_TEXT_SIZE];
    if (now + CLOCK_TOLERANCE >= prepared)
        return true;
    gethostname(host, sizeof host - 1);
    time_format(clock, TIME_SECOND, (int64_t)now);
    time_format(other, TIME_SECOND, (int64_t)prepared);
    return task_fail_to_abandon(
        task,
        "shard %u is not counted yet: The clock of this machine (%s) is behind: its time is %s, "
        "and prepare ended at %s; AWStats would leave out records more than a day ahead: set the "
        "clock, then run reduce again; or, if the clock of prepare is ahead, set that one, then "
        "give the plan up, and plan again: ",
        task->options->number, host, clock, other);
}

/* Counts the log.  MORE is the result of reading the first record: 1, 0 for a log without records, or -1. */
static bool count_log(struct reduction *reduction, int more, const char *path)
{
    struct task *task = reduction->task;
    bool done = more >= 0 && make_history(reduction, path) && (more == 0 || count(reduction));
    if (more < 0 || reduction->is_corrupt)
        add_abandon(task);
    return done && counted_write(task, &reduction->counted, reduction->folder) &&
           task_put_in_place(task, reduction->folder, path) &&
           work_publish(task, "shards", task->options->number, path);
}

/* Whether the plan was given up, or is counted: then its parts are gone.  With a work in a bucket, task_begin() finds
 * this out, since the plan is gone there. */
static bool is_over(const struct task *task)
{
    char *parts = path_of("%s/parts", task->folder);
    bool is = !task->store && access(parts, F_OK) < 0;
    free(parts);
    return is;
}

static bool reduce(struct reduction *reduction, const char *path)
{
    struct task *task = reduction->task;
    unsigned number = task->options->number;
    int found = prepared_read(task, &reduction->prepared);
    if (found == 0)
        return task_fail_to_run(task, "prepare",
                                "the outcomes of the objects are not in the ledger yet; run: ");
    if (found < 0)
        return false;
    if (is_over(task))
        return task_fail_plan_over(task);
    if (!task->store && !generations_check(task))
        return false;
    if (!check_clock(reduction) || !find_configuration(task))
        return false;
    if (!work_fetch_logs(task, reduction->prepared.folders, number))
        return false;
    reduction->log = merged_log_new(task->folder, reduction->prepared.folders,
                                    reduction->prepared.parts, number, &task->error.text);
    int more =
        reduction->log ? merged_log_next(reduction->log, &reduction->record, &reduction->size) : -1;
    return count_log(reduction, more, path);
}

int shards_reduce(const struct shards_options *options)
{
    struct task task;
    struct reduction reduction = {.task = &task};
    bool done = task_begin(&task, options);
    if (done && options->number >= task.plan.shards)
        done = task_fail(&task, "there is no shard %u: the plan has the shards 0 to %u",
                         options->number, task.plan.shards - 1);
    bool is = false;
    done = done && work_fetch_before(&task, options->number);
    char *path =
        done ? path_of("%s/%u", task.plan.generation, options->number) : memory_copy_text("");
    done = done && work_has_result(&task, "shards", options->number, path, &is);
    if (done && is) {
        message_result("[%s]: shard %u was counted already", task.site.name, options->number);
    } else if (done) {
        done = reduce(&reduction, path);
        if (done)
            message_result("[%s]: shard %u of %u is counted: %llu %s", task.site.name,
                           options->number, task.plan.shards, (unsigned long long)reduction.records,
                           by_number(reduction.records, "record", "records"));
        else if (reduction.folder)
            remove_tree(reduction.folder);
    }
    merged_log_free(reduction.log);
    counted_free(&reduction.counted);
    prepared_free(&reduction.prepared);
    free(reduction.folder);
    free(path);
    return task_end(&task, done);
}
