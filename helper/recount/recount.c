#include "recount/recount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "awstats/find.h"
#include "awstats/started_run.h"
#include "config/options.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "normalized/clock.h"
#include "run/run.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/replaced_name.h"

enum {
    DAY_S = 24 * 3600,
    BEFORE_S = 7 * DAY_S, /* connections of a month may begin so long before the month */
    AROUND_S = DAY_S, /* around a month: for time zones, and requests that end in the next hour */
};

struct recount {
    const struct recount_options *options;
    struct batch_error *error;
    struct awstats awstats;
    struct awstats_config config;
    struct started_run program;
    struct run *run;
    struct hours *whole;
    struct recount_month *months;
    size_t month_count, month_capacity;
    struct buffer kept; /* what follows the names of old files that are kept; empty: none */
    char *line;         /* the latest line from the plugin */
    size_t line_capacity;
};

/* ---- AWStats -------------------------------------------------------------------------------- */

static bool fail(struct recount *recount, const char *text)
{
    return batch_error_set(recount->error, BATCH_ERROR, "[%s]: %s", recount->options->site->name,
                           text);
}

static bool find_program(struct recount *recount)
{
    const char *given = recount->options->program;
    if (given)
        snprintf(recount->awstats.program, sizeof recount->awstats.program, "%s", given);
    else if (awstats_find(&recount->awstats) < 0)
        return fail(recount, "awstats.pl was not found; name its path with --awstats=FILE");
    return true;
}

/* Finds the configuration.  It must load the plugin: otherwise, awstats.pl would update the history from
 * the configuration's own LogFile. */
static bool find_config(struct recount *recount)
{
    const struct recount_options *options = recount->options;
    const char *program = recount->awstats.program;
    struct buffer error = {0};
    bool found = awstats_config_choose(&recount->config, program, options->awstats_config,
                                       options->site->name, &error);
    if (found) {
        char *format = awstats_config_get(&recount->config, "LogFormat");
        found = awstats_config_is_plugin_format(format);
        if (!found)
            buffer_printf(&error,
                          "%s has LogFormat=\"%s\", but recount and verify need the AWStats plugin "
                          "cloudfront: write LoadPlugin=\"cloudfront\", LogFormat=\"cloudfront\" "
                          "and LogFile=\"site:%s\" there",
                          recount->config.path, format ? format : "", options->site->name);
        free(format);
    }
    if (!found)
        fail(recount, error.data);
    else
        message_verbose("AWStats configuration: %s", recount->config.path);
    buffer_free(&error);
    return found;
}

/* Ends awstats.pl.  An error of awstats.pl replaces any other error, such as a broken pipe, which follows
 * from it.  Returns false. */
static bool fail_with_awstats(struct recount *recount)
{
    struct buffer text = {0};
    int status = started_run_end(&recount->program, &text);
    if (text.size) {
        buffer_clear(&recount->error->text);
        batch_error_set(recount->error, status == EXIT_RUNNING ? BATCH_HELD : BATCH_ERROR,
                        "[%s]: %s", recount->options->site->name, text.data);
    } else if (!recount->error->text.size) {
        fail(recount, "awstats.pl has not counted the months: its plugin cloudfront is of another "
                      "version than this program; install both from the same version");
    }
    buffer_free(&text);
    return false;
}

static bool next_line(struct recount *recount)
{
    return started_run_line(&recount->program, &recount->line, &recount->line_capacity);
}

/* Starts awstats.pl until it has locked the history, or options->batch.wait seconds have passed. */
static bool start_awstats(struct recount *recount)
{
    const struct recount_options *options = recount->options;
    struct buffer months = {0};
    bool is_locked = false, is_over = false, is_told = false;
    time_t began = time(NULL), until = began + (time_t)options->batch.wait;
    buffer_add_text(&months, "");
    for (size_t i = 0; i < options->month_count; i++)
        buffer_printf(&months, ",%06u", options->months[i]);
    while (!is_locked && !is_over) {
        buffer_clear(&recount->error->text);
        recount->error->reason = BATCH_ERROR;
        is_over = !started_run_begin(&recount->program, recount->awstats.program, &recount->config,
                                     STARTED_RUN_RECOUNT, months.data, options->site->memory,
                                     &recount->error->text);
        is_locked = !is_over && next_line(recount) && !strcmp(recount->line, "locked");
        if (!is_over && !is_locked) {
            fail_with_awstats(recount);
            is_over = recount->error->reason != BATCH_HELD || time(NULL) >= until;
            if (!is_over && !is_told && time(NULL) > began) {
                lock_tell_wait(recount->error->text.data, options->batch.wait);
                is_told = true;
            }
            if (!is_over)
                nanosleep(&(struct timespec){.tv_nsec = 200 * 1000000L}, NULL);
        }
    }
    buffer_free(&months);
    return is_locked;
}

/* ---- the objects ---------------------------------------------------------------------------- */

/* Returns the time at which a month begins, seconds UTC. */
static int64_t begin_of(unsigned month)
{
    char date[32];
    uint32_t days = 0;
    snprintf(date, sizeof date, "%04u-%02u-01", month / 100, month % 100);
    clock_parse_date(date, CLOCK_DATE_SIZE, &days);
    return (int64_t)days * DAY_S;
}

/* Chooses the objects: all, or those from the first month on.  No later hour is left out, since late objects
 * may have records of any earlier month. */
static struct counted_choice choose(struct recount *recount)
{
    const struct recount_options *options = recount->options;
    size_t count = options->month_count ? options->month_count : 1;
    struct hours all = {INT64_MIN, INT64_MAX};
    recount->whole = memory_allocate(count, sizeof *recount->whole);
    recount->whole[0] = all;
    struct counted_choice choice = {.read = all,
                                    .whole = recount->whole,
                                    .whole_count = count,
                                    .is_settled = true,
                                    .why = options->why,
                                    .may_leave_out = options->may_leave_out,
                                    .leave_out_option = options->leave_out_option};
    if (options->month_count)
        choice.read.from = INT64_MAX;
    for (size_t i = 0; i < options->month_count; i++) {
        unsigned month = options->months[i], next = month % 100 == 12 ? month + 89 : month + 1;
        int64_t from = begin_of(month);
        recount->whole[i] = (struct hours){from - AROUND_S, begin_of(next) + AROUND_S};
        if (from - BEFORE_S < choice.read.from)
            choice.read.from = from - BEFORE_S;
    }
    return choice;
}

/* Sends the log to awstats.pl. */
static bool send_log(struct recount *recount)
{
    const struct recount_options *options = recount->options;
    struct counted_choice choice = choose(recount);
    struct run_options run_options = {.site = options->site,
                                      .config = options->config,
                                      .batch = options->batch,
                                      .counted = &choice};
    if (!run_open(&recount->run, &run_options, recount->error) || !run_read(recount->run))
        return false;
    int log = recount->program.log;
    recount->program.log = -1; /* run_write() closes it */
    return run_write(recount->run, log, "awstats.pl");
}

/* ---- the months ----------------------------------------------------------------------------- */

/* Reads a line of the plugin: "month YYYYMM NEW", a TAB, and "OLD"; "-" stands for no file. */
static bool add_month(struct recount *recount, char *line)
{
    unsigned number = 0;
    int size = 0;
    if (sscanf(line, "month %6u %n", &number, &size) != 1 || !size)
        return false;
    char *after = line + size, *before = strchr(after, '\t');
    if (!before)
        return false;
    *before++ = '\0';
    recount->months = array_grow(recount->months, recount->month_count, &recount->month_capacity,
                                 sizeof *recount->months);
    struct recount_month *month = &recount->months[recount->month_count++];
    *month =
        (struct recount_month){.before = strcmp(before, "-") != 0 ? memory_copy_text(before) : NULL,
                               .after = strcmp(after, "-") != 0 ? memory_copy_text(after) : NULL};
    snprintf(month->name, sizeof month->name, "%04u-%02u", number / 100 % 10000, number % 100);
    return true;
}

static bool add_sums(struct recount *recount)
{
    struct buffer *error = &recount->error->text;
    for (size_t i = 0; i < recount->month_count; i++) {
        struct recount_month *month = &recount->months[i];
        if (!history_add_sums(&month->old, month->before, error) ||
            !history_add_sums(&month->new, month->after, error))
            return false;
    }
    return true;
}

static bool read_months(struct recount *recount)
{
    progress_begin(PROGRESS_COUNT, 0, 0);
    while (next_line(recount)) {
        if (!strcmp(recount->line, "counted"))
            return true;
        if (!add_month(recount, recount->line))
            return fail(recount, "the plugin cloudfront of awstats.pl is of another version than "
                                 "this program; install both from the same version");
    }
    return false;
}

bool recount_count(struct recount **result, const struct recount_options *options,
                   struct batch_error *error)
{
    struct recount *recount = memory_allocate(1, sizeof *recount);
    *result = recount;
    recount->options = options;
    recount->error = error;
    if (!find_program(recount) || !find_config(recount) || !start_awstats(recount))
        return false;
    if (!send_log(recount)) {
        /* An error of the log makes awstats.pl fail, too; a failed awstats.pl breaks the log's pipe. */
        if (recount->program.log >= 0 || error->reason != BATCH_ERROR)
            return false;
        return fail_with_awstats(recount);
    }
    return read_months(recount) ? add_sums(recount) : fail_with_awstats(recount);
}

const struct recount_month *recount_get(const struct recount *recount, size_t *count)
{
    *count = recount->month_count;
    return recount->months;
}

/* Whether the sums of a month's two files differ. */
static bool has_other_sums(const struct recount_month *month)
{
    const struct history_sums *a = &month->old, *b = &month->new;
    return a->pages != b->pages || a->hits != b->hits || a->bytes != b->bytes ||
           a->visits != b->visits || a->all_hits != b->all_hits || a->all_bytes != b->all_bytes;
}

/* Writes the answer "replace END[,MONTH...]": END follows the names under which the old files of these months are
 * kept. */
static void write_answer(struct recount *recount, struct buffer *answer)
{
    char *end = replaced_name_end();
    buffer_printf(answer, "replace %s", end);
    for (size_t i = 0; i < recount->month_count; i++) {
        const struct recount_month *month = &recount->months[i];
        if (!month->before || !has_other_sums(month))
            continue;
        buffer_printf(answer, ",%.4s%s", month->name, month->name + strlen("YYYY-"));
        buffer_clear(&recount->kept);
        buffer_add_text(&recount->kept, end);
    }
    buffer_add_text(answer, "\n");
    free(end);
}

const char *recount_kept(const struct recount *recount)
{
    return recount->kept.size ? recount->kept.data : NULL;
}

bool recount_replace(struct recount *recount)
{
    struct buffer answer = {0};
    if (!batch_begin_history(run_counted(recount->run)))
        return false;
    write_answer(recount, &answer);
    bool done = write(recount->program.answer, answer.data, answer.size) == (ssize_t)answer.size &&
                next_line(recount) && !strcmp(recount->line, "replaced");
    buffer_free(&answer);
    if (!done) {
        fail_with_awstats(recount);
        buffer_add_text(&recount->error->text,
                        "; each month has all its old or all its new figures; run the AWStats "
                        "update first, which replaces the other history files if some are replaced "
                        "already, and then run this command again");
        return false;
    }
    return started_run_end(&recount->program, &recount->error->text) == 0;
}

void recount_free(struct recount *recount)
{
    if (!recount)
        return;
    struct buffer ignored = {0};
    started_run_end(&recount->program, &ignored);
    buffer_free(&ignored);
    run_close(recount->run);
    for (size_t i = 0; i < recount->month_count; i++) {
        free(recount->months[i].before);
        free(recount->months[i].after);
        history_free_sums(&recount->months[i].old);
        history_free_sums(&recount->months[i].new);
    }
    buffer_free(&recount->kept);
    free(recount->months);
    free(recount->whole);
    free(recount->line);
    free(recount);
}
