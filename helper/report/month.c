#include "report/month.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "awstats/output.h"
#include "embedded/embedded.h"
#include "files/temporary.h"
#include "memory/allocate.h"
#include "report/icons.h"
#include "report/index.h"
#include "report/page.h"
#include "report/web_file.h"
#include "text/progress.h"
#include "text/read_content.h"

enum { PAGES_MAX = 10000 }; /* a month has fewer, so further links are ignored */

/* A process that makes a page. */
struct job {
    pid_t pid;      /* 0: no process runs */
    size_t page;    /* the page's place in the list of the month */
    int out, error; /* files for the output of the process */
};

struct month_maker {
    const struct report_options *options;
    struct embedded_options embedded;
    struct embedded_program *program; /* NULL: not compiled yet */
    struct job *jobs;                 /* options->processes of them */
};

/* A month that is being made. */
struct making {
    struct month_maker *maker;
    struct made_month *month; /* has the pages that were found so far */
    size_t started;           /* pages whose process was started */
    size_t running;           /* processes */
    int folder;
    const char *to_site, *to_all;
    struct buffer *error;
};

struct month_maker *month_maker_new(const struct report_options *options)
{
    struct month_maker *maker = memory_allocate(1, sizeof *maker);
    maker->options = options;
    maker->embedded =
        (struct embedded_options){.program = options->awstats->program, .plugin = options->plugin};
    maker->jobs = memory_allocate(options->processes, sizeof *maker->jobs);
    for (size_t i = 0; i < options->processes; i++)
        maker->jobs[i].out = maker->jobs[i].error = -1;
    return maker;
}

static void close_files(struct job *job)
{
    if (job->out >= 0)
        close(job->out);
    if (job->error >= 0)
        close(job->error);
    job->out = job->error = -1;
}

void month_maker_free(struct month_maker *maker)
{
    embedded_free(maker->program);
    free(maker->jobs);
    free(maker);
}

/* ---- errors --------------------------------------------------------------------------------- */

static bool fail_file(struct making *making, const char *name)
{
    int number = errno;
    buffer_printf(making->error, "the page %s cannot be written into the report in %s: %s%s", name,
                  making->maker->options->folder, strerrordesc_np(number),
                  number == ENOSPC || number == EDQUOT ? "; free space there" : "");
    return false;
}

/* Adds the reason why a process of awstats.pl has failed.  STATUS is from waitpid(). */
static bool fail_page(struct making *making, const struct job *job, int status)
{
    char *out = awstats_output_read(job->out), *error = awstats_output_read(job->error);
    char month[MADE_MONTH_SIZE];
    made_name_month(month, making->month->month);
    buffer_printf(making->error, "awstats.pl did not make the page %s of %s: ",
                  making->month->pages[job->page].name, month);
    if (WIFSIGNALED(status))
        buffer_printf(making->error, "it was ended by signal %d (%s)", WTERMSIG(status),
                      sigdescr_np(WTERMSIG(status)));
    else
        awstats_output_add_reason(making->error,
                                  awstats_output_has_error(out) || !*error ? out : error);
    free(out);
    free(error);
    return false;
}

static bool open_files(struct job *job, struct buffer *error)
{
    job->out = temporary_open(temporary_directory());
    job->error = temporary_open(temporary_directory());
    if (job->out >= 0 && job->error >= 0)
        return true;
    buffer_printf(error, "%s: %s; set TMPDIR to a folder that this user may write to",
                  temporary_directory(), strerrordesc_np(errno));
    close_files(job);
    return false;
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Compiles awstats.pl, unless an earlier month has done so. */
static bool compile(struct month_maker *maker, struct buffer *error)
{
    struct job job = {.out = -1, .error = -1};
    if (maker->program)
        return true;
    if (!open_files(&job, error))
        return false;
    maker->program = embedded_compile(&maker->embedded, job.out, job.error);
    if (!maker->program) {
        char *text = awstats_output_read(job.error);
        buffer_add_text(error, "awstats.pl does not start: ");
        awstats_output_add_reason(error, text);
        free(text);
    }
    close_files(&job);
    return maker->program;
}

/* Adds the value of -output that makes a page: nothing for awstats.html, "=OUTPUT" for awstats.OUTPUT.html. */
static void add_output(struct buffer *out, const char *name)
{
    size_t base = strlen(PAGE_BASE "."), end = strlen(name) - strlen(".html");
    if (end > base)
        buffer_printf(out, "=%.*s", (int)(end - base), name + base);
}

/* Starts awstats.pl for the next page. */
static bool start(struct making *making, struct job *job)
{
    const struct awstats_config *config = making->maker->options->config;
    enum { COUNT = 7 };
    struct buffer words[COUNT] = {{0}};
    char *arguments[COUNT + 1] = {NULL};
    if (!open_files(job, making->error))
        return false;
    job->page = making->started;
    buffer_printf(&words[0], "-config=%s", config->name);
    buffer_printf(&words[1], "-configdir=%s", config->directory);
    buffer_add_text(&words[2], "-output");
    add_output(&words[2], making->month->pages[job->page].name);
    buffer_add_text(&words[3], "-staticlinks=" PAGE_BASE);
    buffer_printf(&words[4], "-diricons=%s" ICONS_FOLDER, making->to_all);
    buffer_printf(&words[5], "-month=%02u", making->month->month % 100);
    buffer_printf(&words[6], "-year=%04u", making->month->month / 100);
    for (size_t i = 0; i < COUNT; i++)
        arguments[i] = words[i].data;
    job->pid = embedded_start(making->maker->program, arguments, job->out, job->error);
    for (size_t i = 0; i < COUNT; i++)
        buffer_free(&words[i]);
    if (job->pid > 0) {
        making->started++;
        making->running++;
        return true;
    }
    buffer_printf(making->error,
                  "the system cannot start a process for a page: %s; free memory, or raise the "
                  "limit of processes (ulimit -u)",
                  strerrordesc_np(errno));
    job->pid = 0;
    close_files(job);
    return false;
}

/* ---- ending --------------------------------------------------------------------------------- */

static void add_page(void *user, const char *name)
{
    struct making *making = user;
    if (making->month->count == PAGES_MAX || made_has_page(making->month, name))
        return;
    made_add_page(making->month, name, 0);
    progress_expect(1, 0);
}

/* Takes the page that a process has made, and adds the pages to which it has links. */
static bool take_page(struct making *making, const struct job *job, int status)
{
    struct buffer text = {0}, index = {0};
    if (status != 0 || !read_content(&text, job->out) || !page_is_whole(&text)) {
        buffer_free(&text);
        return fail_page(making, job, status);
    }
    char month[MADE_MONTH_SIZE];
    made_name_month(month, making->month->month);
    buffer_printf(&index, "%s" INDEX_NAME, making->to_all);
    struct buffer page = page_with_links(&text, month, making->to_site, index.data);
    const char *name = making->month->pages[job->page].name;
    bool done = web_file_prepare(making->folder, name, &page) || fail_file(making, name);
    making->month->pages[job->page].size = (int64_t)page.size;
    page_find_links(&text, add_page, making);
    progress_add_objects(1);
    buffer_free(&text);
    buffer_free(&index);
    buffer_free(&page);
    return done;
}

/* Waits until one of the processes has ended, and takes its page, unless the month has FAILED already. */
static bool collect(struct making *making, bool failed)
{
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno != EINTR) {
        buffer_printf(making->error, "waitpid: %s", strerrordesc_np(errno));
        making->running = 0;
        return false;
    }
    for (size_t i = 0; pid > 0 && i < making->maker->options->processes; i++) {
        struct job *job = &making->maker->jobs[i];
        if (job->pid != pid)
            continue;
        bool done = !failed && take_page(making, job, status);
        making->running--;
        job->pid = 0;
        close_files(job);
        return done;
    }
    return true;
}

/* ---- a month -------------------------------------------------------------------------------- */

static struct job *find_place(const struct month_maker *maker)
{
    for (size_t i = 0; i < maker->options->processes; i++)
        if (!maker->jobs[i].pid)
            return &maker->jobs[i];
    return NULL;
}

/* Makes all pages, under hidden names (web_file_prepare()). */
static bool prepare(struct making *making)
{
    bool done = true;
    add_page(making, PAGE_MAIN);
    while (making->running || (done && making->started < making->month->count)) {
        struct job *place = find_place(making->maker);
        if (done && place && making->started < making->month->count)
            done = start(making, place);
        else
            done &= collect(making, !done);
    }
    return done;
}

bool month_make(struct month_maker *maker, struct made_month *month, int folder,
                const char *to_site, const char *to_all, struct buffer *error)
{
    struct making making = {.maker = maker,
                            .month = month,
                            .folder = folder,
                            .to_site = to_site,
                            .to_all = to_all,
                            .error = error};
    size_t shown = 0;
    bool done = compile(maker, error) && prepare(&making);
    while (done && shown < month->count) {
        const char *name = month->pages[shown++].name;
        done = web_file_show(folder, name) || fail_file(&making, name);
    }
    for (size_t i = shown; i < month->count; i++)
        web_file_forget(folder, month->pages[i].name);
    return done;
}
