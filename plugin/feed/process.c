#include "feed/process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum { STANDARD = 3 }; /* descriptors 0, 1 and 2 */

static char shell[] = "/bin/sh";

/* Perl ignores SIGFPE, which would outlast exec; it means that for itself alone. */
static int restore_signals(posix_spawnattr_t *attributes)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGFPE);
    int error = posix_spawnattr_setsigdefault(attributes, &signals);
    return error ? error : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

static int redirect(posix_spawn_file_actions_t *actions, const int from[STANDARD])
{
    int error = 0;
    for (int fd = 0; fd < STANDARD && !error; fd++)
        if (from[fd] != fd)
            error = posix_spawn_file_actions_adddup2(actions, from[fd], fd);
    return error;
}

/* All these return 0, or an error's number. */
static int start(pid_t *pid, const char *program, char *const arguments[], const int from[STANDARD])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = restore_signals(&attributes);
        if (!error)
            error = redirect(&actions, from);
        if (!error)
            error = posix_spawnp(pid, program, &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A script that does not name its interpreter is the shell's. */
static int start_script(pid_t *pid, char *const arguments[], const int from[STANDARD])
{
    size_t count = 0;
    while (arguments[count])
        count++;
    char **with_shell = calloc(count + 2, sizeof *with_shell);
    if (!with_shell)
        return ENOMEM;
    with_shell[0] = shell;
    memcpy(with_shell + 1, arguments, count * sizeof *arguments);
    int error = start(pid, shell, with_shell, from);
    free(with_shell);
    return error;
}

pid_t process_start(char *const arguments[], int input, int output, int errors)
{
    const int from[STANDARD] = {input, output, errors};
    pid_t pid;
    int error = start(&pid, arguments[0], arguments, from);
    if (error == ENOEXEC)
        error = start_script(&pid, arguments, from);
    if (!error)
        return pid;
    errno = error;
    return error == EAGAIN || error == ENOMEM ? -1 : 0;
}
