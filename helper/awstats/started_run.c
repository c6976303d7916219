#include "awstats/started_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "awstats/environment.h"
#include "awstats/output.h"
#include "files/temporary.h"
#include "memory/allocate.h"

/* The two ends of the pipes: [0] is read, [1] is written. */
struct pipes {
    int log[2], tell[2], answer[2];
};

static void close_all(int *ends, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* Starts the process, with the default reaction to signals that this program ignores.  Returns 0 or an errno. */
static int spawn(struct started_run *run, const struct pipes *pipes, char *const *words,
                 char *const *environment)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, run->output, 1);
    posix_spawn_file_actions_adddup2(&actions, run->output, 2);
    /* A descriptor that is duplicated to itself stays open in the new program. */
    posix_spawn_file_actions_adddup2(&actions, pipes->log[0], pipes->log[0]);
    posix_spawn_file_actions_adddup2(&actions, pipes->tell[1], pipes->tell[1]);
    posix_spawn_file_actions_adddup2(&actions, pipes->answer[0], pipes->answer[0]);
    int error = posix_spawnp(&run->pid, words[0], &actions, &attributes, words, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Makes the command line and the environment, and starts the process.  Returns 0 or an errno. */
static int start(struct started_run *run, const struct pipes *pipes, const char *program,
                 const struct awstats_config *config, const char *task, const char *words,
                 uint64_t memory)
{
    struct buffer awstats = {0}, name = {0}, directory = {0}, variable = {0}, site_memory = {0};
    buffer_printf(&name, "-config=%s", config->name);
    buffer_printf(&directory, "-configdir=%s", config->directory);
    buffer_printf(&variable, "%s=%d,%d,%d%s", task, pipes->log[0], pipes->tell[1], pipes->answer[0],
                  words);
    buffer_printf(&site_memory, STARTED_RUN_MEMORY "=%" PRIu64, memory);
    buffer_printf(&awstats, "--awstats=%s", program);
    char *command[] = {
        (char *)"/proc/self/exe", awstats.data, (char *)"awstats", name.data, directory.data,
        (char *)"-update",        NULL};
    char **environment = awstats_environment_with(variable.data, site_memory.data);
    int error = spawn(run, pipes, command, environment);
    free(environment);
    buffer_free(&awstats);
    buffer_free(&name);
    buffer_free(&directory);
    buffer_free(&variable);
    buffer_free(&site_memory);
    return error;
}

bool started_run_begin(struct started_run *run, const char *program,
                       const struct awstats_config *config, const char *task, const char *words,
                       uint64_t memory, struct buffer *error)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}, {-1, -1}};
    *run = (struct started_run){.log = -1, .answer = -1};
    run->output = temporary_open(temporary_directory());
    if (run->output < 0) {
        buffer_printf(error, "%s: %s", temporary_directory(), strerror(errno));
        return false;
    }
    int number = 0;
    if (pipe2(pipes.log, O_CLOEXEC) < 0 || pipe2(pipes.tell, O_CLOEXEC) < 0 ||
        pipe2(pipes.answer, O_CLOEXEC) < 0)
        number = errno;
    else
        number = start(run, &pipes, program, config, task, words, memory);
    if (number) {
        buffer_printf(error, "%s: %s", program, strerror(number));
        close_all(pipes.log, 2);
        close_all(pipes.tell, 2);
        close_all(pipes.answer, 2);
        close(run->output);
        return false;
    }
    close_all((int[]){pipes.log[0], pipes.tell[1], pipes.answer[0]}, 3);
    run->log = pipes.log[1];
    run->answer = pipes.answer[1];
    run->tell = fdopen(pipes.tell[0], "r");
    if (!run->tell)
        memory_exhausted();
    run->is_started = true;
    return true;
}

bool started_run_line(struct started_run *run, char **line, size_t *capacity)
{
    ssize_t size = getline(line, capacity, run->tell);
    if (size <= 0 || (*line)[size - 1] != '\n')
        return false;
    (*line)[size - 1] = '\0';
    return true;
}

int started_run_end(struct started_run *run, struct buffer *error)
{
    if (!run->is_started)
        return 0;
    int status = 0;
    close_all((int[]){run->log, run->answer}, 2);
    while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
        ;
    int result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (WIFSIGNALED(status)) {
        buffer_printf(error,
                      "awstats.pl was killed by signal %d; see the system's log for the reason "
                      "(often too little memory), and run the command again",
                      WTERMSIG(status));
    } else if (result) {
        char *text = awstats_output_read(run->output);
        if (!awstats_output_has_error(text)) /* a message of perl */
            buffer_add_text(error, "awstats.pl failed: ");
        awstats_output_add_reason(error, text);
        free(text);
    }
    fclose(run->tell);
    close(run->output);
    run->is_started = false;
    return result;
}
