#include "feed/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { STANDARD = 3 }; /* descriptors 0, 1 and 2 */

static char shell[] = "/bin/sh";

/* Gives the child the default reaction to signals that this process ignores.  Otherwise the program would
 * ignore them, too: perl ignores SIGFPE, and awstats-cloudfront ignores SIGPIPE and SIGXFSZ. */
static int restore_signals(posix_spawnattr_t *attributes)
{
    static const int ignored[] = {SIGFPE, SIGPIPE, SIGXFSZ};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaddset(&signals, ignored[i]);
    int error = posix_spawnattr_setsigdefault(attributes, &signals);
    return error ? error : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

/* Makes FROM[0], FROM[1] and FROM[2] the descriptors 0, 1 and 2 of the child. */
static int redirect(posix_spawn_file_actions_t *actions, const int from[STANDARD])
{
    int error = 0;
    for (int fd = 0; fd < STANDARD && !error; fd++)
        if (from[fd] != fd)
            error = posix_spawn_file_actions_adddup2(actions, from[fd], fd);
    return error;
}

/* Copies FROM to COPY, with duplicates of descriptors that redirect() could overwrite before their use: those
 * from 0 to 2 at another place.  The duplicates are close-on-exec.  Returns 0 or an errno; the caller calls
 * close_copies() in both cases. */
static int copy_standard(const int from[STANDARD], int copy[STANDARD])
{
    int error = 0;
    for (int fd = 0; fd < STANDARD; fd++) {
        copy[fd] = from[fd];
        if (error || from[fd] == fd || from[fd] < 0 || from[fd] >= STANDARD)
            continue;
        int copied = fcntl(from[fd], F_DUPFD_CLOEXEC, STANDARD);
        if (copied < 0)
            error = errno;
        else
            copy[fd] = copied;
    }
    return error;
}

static void close_copies(const int from[STANDARD], const int copy[STANDARD])
{
    for (int fd = 0; fd < STANDARD; fd++)
        if (copy[fd] != from[fd])
            close(copy[fd]);
}

/* Starts a program.  Returns 0 or an errno. */
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

/* Starts a script without a line "#!" with the shell.  Returns 0 or an errno. */
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
    const int given[STANDARD] = {input, output, errors};
    int from[STANDARD];
    pid_t pid;
    int error = copy_standard(given, from);
    if (!error)
        error = start(&pid, arguments[0], arguments, from);
    if (error == ENOEXEC)
        error = start_script(&pid, arguments, from);
    close_copies(given, from);
    if (!error)
        return pid;
    errno = error;
    return error == EAGAIN || error == ENOMEM ? -1 : 0;
}
