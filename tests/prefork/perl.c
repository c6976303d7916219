/*
 * Runs awstats.pl as perl would, without compiling it: asks the process of tests/lib/Prefork.pm, which has
 * compiled it, for a child that goes on from there with this process's arguments, environment, folder
 * and descriptors 0 to 2.  Exits as that child does, or dies of the same signal, and hands signals on.
 *
 *   AWSTATS_PREFORK       the Unix socket of that process
 *   AWSTATS_PREFORK_PID   a file that gets the process ID of awstats.pl, be it the child or perl
 *   AWSTATS_PERL          the real perl, which is run instead whenever a child could not be like a
 *                         process of its own
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const int passed_on[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2};
static volatile pid_t child;

static void pass_on(int number)
{
    kill(child, number);
}

/* Whether a child of another process can have what this one has: plain descriptors and no
 * limits. */
static int can_be_passed(void)
{
    const int limits[] = {RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_CPU};
    struct rlimit limit;
    struct stat st;

    for (int fd = 0; fd <= 2; fd++)
        if (fstat(fd, &st) || S_ISSOCK(st.st_mode))
            return 0;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (getrlimit(limits[i], &limit) || limit.rlim_cur != RLIM_INFINITY)
            return 0;
    return 1;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    return connect(fd, (struct sockaddr *)&address, sizeof address) ? -1 : fd;
}

/* Writes the request: process, group, umask, ignored signals, the number of arguments, the
 * arguments, and the environment, with a NUL behind each. */
static void write_request(FILE *out, int argc, char **argv)
{
    struct sigaction action;
    mode_t mask = umask(0);

    umask(mask);
    fprintf(out, "%ld%c%ld%c%lu%c", (long)getpid(), 0, (long)getpgrp(), 0, (unsigned long)mask, 0);
    for (int number = 1; number < 32; number++)
        if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN)
            fprintf(out, "%d ", number);
    fprintf(out, "%c%d%c", 0, argc, 0);
    for (; *argv; argv++)
        fprintf(out, "%s%c", *argv, 0);
    for (char **variable = environ; *variable; variable++)
        fprintf(out, "%s%c", *variable, 0);
}

static int send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        data += sent;
        len -= (size_t)sent;
    }
    return 1;
}

/* Reads a line "LETTER NUMBER" from the socket; returns whether there was one. */
static int read_answer(int fd, char *letter, long *number)
{
    char line[64];
    size_t len = 0;
    ssize_t got;

    while (len < sizeof line - 1) {
        got = read(fd, line + len, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        if (line[len++] == '\n')
            break;
    }
    line[len] = 0;
    return sscanf(line, "%c %ld", letter, number) == 2;
}

/* Asks for the child; returns the descriptor that tells of its end, or -1 when there is none. */
static int start(int argc, char **argv)
{
    const char *path = getenv("AWSTATS_PREFORK");
    char *request = NULL, head[32], letter = 0;
    size_t len = 0;
    long pid;
    int fd, head_len, is_sent;
    FILE *out;

    if (!path || !argc || argv[0][0] == '-' || !can_be_passed() || (fd = connect_to(path)) < 0)
        return -1;
    out = open_memstream(&request, &len);
    write_request(out, argc, argv);
    fclose(out);
    head_len = snprintf(head, sizeof head, "%zu\n", len);
    is_sent = send_all(fd, head, (size_t)head_len) && send_all(fd, request, len);
    free(request);
    if (!is_sent || !read_answer(fd, &letter, &pid) || letter != 'P') {
        close(fd);
        return -1;
    }
    child = (pid_t)pid;
    return fd;
}

/* For tests that kill awstats.pl; runs that it starts itself are not told. */
static void tell(pid_t pid)
{
    const char *path = getenv("AWSTATS_PREFORK_PID");
    FILE *out = path && access(path, F_OK) ? fopen(path, "w") : NULL;

    if (out) {
        fprintf(out, "%ld", (long)pid);
        fclose(out);
    }
}

int main(int argc, char **argv)
{
    const char *perl = getenv("AWSTATS_PERL");
    struct sigaction pass = {.sa_handler = pass_on, .sa_flags = SA_RESTART}, before;
    sigset_t all, old;
    char letter;
    long status;
    int fd;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    fd = start(argc - 1, argv + 1);
    tell(fd < 0 ? getpid() : child);
    if (fd < 0) {
        sigprocmask(SIG_SETMASK, &old, NULL);
        argv[0] = (char *)(perl ? perl : "perl");
        execvp(argv[0], argv);
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        return 127;
    }
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        if (!sigaction(passed_on[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(passed_on[i], &pass, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (!read_answer(fd, &letter, &status) || letter != 'S') {
        fprintf(stderr, "tests/prefork/perl.c: the process at AWSTATS_PREFORK has ended\n");
        return 127;
    }
    if (WIFSIGNALED(status)) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}
