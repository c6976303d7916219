#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/options.h"
#include "config/site_command.h"
#include "files/temporary.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/progress.h"
#include "threads/processors.h"
#include "update/failure.h"
#include "update/sharing.h"
#include "update/update.h"

/* A child's messages to its parent, in memory that they share. */
struct report {
    volatile bool is_printed;   /* the child has printed its result */
    volatile bool lacks_memory; /* the child has run out of memory, and has printed nothing */
    volatile uint64_t waiting;  /* as in struct update_options */
};

struct child {
    const char *config; /* the configuration file */
    const char *name;   /* of the site */
    pid_t pid;          /* 0: no child runs */
    struct report *report;
    size_t number; /* of the site */
};

static int stopped_by; /* the signal that ends all updates; 0: none */

/* The signals that take_signal() takes, and what was blocked before.  They are blocked while updates run, so that none is
 * missed that comes between a look and a wait. */
static sigset_t awaited, blocked_before;

static void block_signals(void)
{
    /* By these signals users and the system end the program.  Some may be ignored, as SIGHUP by nohup. */
    static const int end_signals[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action;
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    for (size_t i = 0; i < sizeof end_signals / sizeof *end_signals; i++)
        if (sigaction(end_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&awaited, end_signals[i]);
    pthread_sigmask(SIG_BLOCK, &awaited, &blocked_before);
}

static void unblock_signals(void)
{
    pthread_sigmask(SIG_SETMASK, &blocked_before, NULL);
}

/* Runs the update of the site in the child, and exits with its status. */
__attribute__((noreturn)) static void work(const struct update_options *options,
                                           const struct child *child, pid_t parent)
{
    const char *name = child->name;
    memory_flag_exhausted(&child->report->lacks_memory);
    progress_be_part(child->number);
    unblock_signals();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        raise(SIGTERM);
    struct update_output output = {temporary_open(temporary_directory()),
                                   temporary_open(temporary_directory())};
    if (output.out < 0 || output.error < 0) {
        message_error("[%s]: no temporary file can be made in %s: %s; free space there, or set "
                      "TMPDIR to another folder",
                      name, temporary_directory(), strerrordesc_np(errno));
        child->report->is_printed = true;
        _exit(EXIT_FAILED);
    }
    struct update_options own = *options;
    own.number = child->number;
    own.waiting = &child->report->waiting;
    int status = update_site(&own, name, &output);
    fflush(NULL);
    child->report->is_printed = true;
    _exit(status);
}

/* Starts the child; returns false when the system has no process for it. */
static bool start(struct child *child, const struct update_options *options, const char *name)
{
    pid_t parent = getpid();
    fflush(NULL);
    child->config = options->config;
    child->name = name;
    *child->report = (struct report){0};
    child->pid = fork();
    if (child->pid == 0)
        work(options, child, parent);
    if (child->pid > 0)
        return true;
    message_error("[%s]: no process can be started for this update: %s; run the update again "
                  "later, or raise the limit of processes (ulimit -u)",
                  name, strerrordesc_np(errno));
    child->pid = 0;
    return false;
}

/* Returns what may have sent the signal, for a message; "" if a user or the system has asked for the end. */
static const char *explain_signal(int number)
{
    if (number == stopped_by || number == SIGINT || number == SIGTERM || number == SIGHUP)
        return "";
    if (number == SIGKILL)
        return ", often for lack of memory (see the system's log)";
    return ", which happens when memory runs out; otherwise it is an error of this program, of "
           "perl or of a plugin of AWStats: please report it";
}

/* Prints that a signal has ended the child. */
static void print_signal(const struct child *child, int number)
{
    uint64_t waiting = child->report->waiting;
    if (waiting)
        message_error(
            "[%s]: all records are counted, but the clean-up was ended by signal %d (%s)%s; "
            "%llu counted %s to be deleted or moved: the next update does this",
            child->name, number, sigdescr_np(number), explain_signal(number),
            (unsigned long long)waiting,
            by_number(waiting, "object still has", "objects still have"));
    else
        message_error("[%s]: the update was ended by signal %d (%s)%s; run it again: no record is "
                      "lost or counted twice",
                      child->name, number, sigdescr_np(number), explain_signal(number));
}

/* Returns the exit status of a child.  Prints an error for a child that has not printed its result. */
static int status_of(const struct child *child, int status)
{
    if (WIFEXITED(status) && child->report->is_printed)
        return WEXITSTATUS(status);
    if (WIFEXITED(status) && child->report->lacks_memory) {
        failure_print_memory(child->name);
        return EXIT_FAILED;
    }
    if (WIFEXITED(status)) {
        struct buffer update = {0};
        site_command_add_named(&update, child->config, child->name, "-v update");
        message_error("[%s]: awstats.pl or one of its plugins ended the update with exit status %d "
                      "before it was done; to see what it printed, run: %s",
                      child->name, WEXITSTATUS(status), update.data);
        buffer_free(&update);
        return EXIT_FAILED;
    }
    print_signal(child, WTERMSIG(status));
    return EXIT_FAILED;
}

/* Whether an exit status is worse than another. */
static bool is_worse(int status, int than)
{
    static const int order[] = {EXIT_DONE, EXIT_RUNNING, EXIT_USAGE};
    size_t a = 0, b = 0;
    while (a < sizeof order / sizeof *order && order[a] != status)
        a++;
    while (b < sizeof order / sizeof *order && order[b] != than)
        b++;
    return a > b; /* EXIT_FAILED and any other are the worst */
}

/* Takes a signal that has come, or, if WAITS, that comes.  Passes it on to the children if it ends the program. */
static void take_signal(const struct child *children, size_t most, bool waits)
{
    static const struct timespec at_once;
    int number = waits ? sigwaitinfo(&awaited, NULL) : sigtimedwait(&awaited, NULL, &at_once);
    if (number <= 0 || number == SIGCHLD)
        return;
    stopped_by = number;
    for (size_t i = 0; i < most; i++)
        if (children[i].pid)
            kill(children[i].pid, number);
}

/* Waits until a child has ended.  Returns its exit status. */
static int collect(struct child *children, size_t most, struct sharing *sharing)
{
    for (;;) {
        int status;
        take_signal(children, most, false);
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno != EINTR)
            return EXIT_FAILED;
        for (size_t i = 0; pid > 0 && i < most; i++)
            if (children[i].pid == pid) {
                children[i].pid = 0;
                sharing_leave(sharing, children[i].number, pid);
                progress_end_part(children[i].number);
                return status_of(&children[i], status);
            }
        if (pid == 0)
            take_signal(children, most, true);
    }
}

int update_sites(const struct update_options *options, const char *const *names, size_t count)
{
    size_t most = processors_count(), running = 0, next = 0;
    struct update_options shared = *options;
    shared.processes = count && count < most ? most / count : 1;
    shared.sites = count < most ? count : most;
    shared.sharing = sharing_new(options->config, names, count);
    int worst = EXIT_DONE;
    struct child *children = memory_allocate(most, sizeof *children);
    struct report *reports = mmap(NULL, most * sizeof *reports, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (reports == MAP_FAILED)
        memory_exhausted();
    for (size_t i = 0; i < most; i++)
        children[i].report = &reports[i];
    block_signals();
    progress_share(count);
    while (running || (next < count && !stopped_by)) {
        int status = EXIT_DONE;
        size_t free_place = 0;
        while (free_place < most && children[free_place].pid)
            free_place++;
        if (next < count && !stopped_by && free_place < most) {
            children[free_place].number = next;
            bool started = start(&children[free_place], &shared, names[next++]);
            running += started;
            if (!started)
                sharing_leave(shared.sharing, children[free_place].number, 0);
            status = started ? EXIT_DONE : EXIT_FAILED;
        } else {
            status = collect(children, most, shared.sharing);
            running--;
        }
        worst = is_worse(status, worst) ? status : worst;
    }
    unblock_signals();
    munmap(reports, most * sizeof *reports);
    free(children);
    sharing_free(shared.sharing);
    return stopped_by && worst == EXIT_DONE ? EXIT_FAILED : worst;
}
