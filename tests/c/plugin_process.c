/* plugin/feed/process: a program gets its arguments and descriptors, as with fork() and execvp().  If it cannot be
 * started, errno has the reason. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed/process.h"
#include "tap.h"

enum { ROOM = 4096, SCRIPT_STATUS = 7 };

static char folder[] = "/tmp/process.XXXXXX";

/* Returns a new file in the folder with this text, open at its start. */
static int file_with(const char *name, const char *text, char path[ROOM])
{
    snprintf(path, ROOM, "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
        perror(path);
    return fd;
}

/* Returns the exit status of a process, or minus the signal that has ended it. */
static int end_of(pid_t pid)
{
    int status;
    if (pid <= 0 || waitpid(pid, &status, 0) != pid)
        return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Does the same for a command line of the shell. */
static int end_of_line(const char *line)
{
    char text[ROOM];
    snprintf(text, sizeof text, "%s", line);
    char sh[] = "sh", option[] = "-c", *arguments[] = {sh, option, text, NULL};
    return end_of(process_start(arguments, 0, 1, 2));
}

static void test_descriptors(void)
{
    char path[ROOM], got[ROOM],
        line[] = "read line; echo \"$line, $GIVEN\"; echo error >&2; exit 3";
    char sh[] = "/bin/sh", option[] = "-c", *arguments[] = {sh, option, line, NULL};
    int in = file_with("in", "line\n", path), out = file_with("out", "", path);
    setenv("GIVEN", "environment", 1);
    ok(end_of(process_start(arguments, in, out, out)) == 3, "a program's status");
    ssize_t size = pread(out, got, sizeof got, 0);
    is_text(got, size > 0 ? (size_t)size : 0, "line, environment\nerror\n",
            "all that it was given");
    ok(fcntl(in, F_GETFD) >= 0 && fcntl(out, F_GETFD) >= 0,
       "descriptors that a program gets stay open here");
    close(in);
    snprintf(line, sizeof line, "[ ! -e /dev/fd/%d ]", out);
    ok(end_of_line(line) == 0, "a descriptor that closes on exec: the program does not have it");
    fcntl(out, F_SETFD, 0);
    ok(end_of_line(line) == 1, "a descriptor that stays open on exec: the program has it");
    close(out);
}

/* Descriptors 0, 1 and 2 in any order, and one in several places. */
static void test_order(void)
{
    static const int orders[][3] = {{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {1, 2, 0}, {0, 2, 1},
                                    {2, 1, 0}, {1, 1, 0}, {2, 2, 2}, {1, 0, 0}};
    char path[ROOM], name[ROOM];
    char script[] = "exec 3<&0 4<&1 5<&2 >\"$REPORT\"; for fd in 3 4 5; do "
                    "readlink /proc/$$/fd/$fd; done; ls -l /proc/$$/fd | grep -c /descriptor";
    char sh[] = "/bin/sh", option[] = "-c", *arguments[] = {sh, option, script, NULL};
    int saved[3];
    snprintf(path, sizeof path, "%s/report", folder);
    setenv("REPORT", path, 1);
    for (int fd = 0; fd < 3; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        snprintf(name, sizeof name, "descriptor%d", fd);
        char ignored[ROOM];
        int file = file_with(name, "", ignored);
        fflush(stdout);
        dup2(file, fd);
        close(file);
    }
    char got[sizeof orders / sizeof *orders][ROOM];
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const int *order = orders[i];
        int status = end_of(process_start(arguments, order[0], order[1], order[2]));
        int report = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = status == 0 ? read(report, got[i], ROOM - 1) : 0;
        got[i][size > 0 ? size : 0] = '\0';
        close(report);
    }
    for (int fd = 0; fd < 3; fd++) {
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const int *order = orders[i];
        char want[ROOM];
        snprintf(want, sizeof want, "%s/descriptor%d\n%s/descriptor%d\n%s/descriptor%d\n5\n",
                 folder, order[0], folder, order[1], folder, order[2]);
        snprintf(name, sizeof name, "descriptors %d, %d and %d, and no copy of them", order[0],
                 order[1], order[2]);
        is_text(got[i], strlen(got[i]), want, name);
    }
}

static void test_signals(void)
{
    static const struct {
        int number;
        const char *name;
    } signals[] = {{SIGFPE, "FPE"}, {SIGPIPE, "PIPE"}, {SIGXFSZ, "XFSZ"}};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char line[ROOM];
        snprintf(line, sizeof line, "ulimit -c 0; kill -%s $$; exit 5", signals[i].name);
        signal(signals[i].number, SIG_IGN);
        ok(end_of_line(line) == -signals[i].number, "SIG%s is not ignored", signals[i].name);
        signal(signals[i].number, SIG_DFL);
        ok(end_of_line(line) == -signals[i].number,
           "SIG%s is not ignored when it is not ignored here", signals[i].name);
    }
    signal(SIGUSR1, SIG_IGN);
    ok(end_of_line("kill -USR1 $$; exit 5") == 5, "another signal is ignored as it is here");
    signal(SIGUSR1, SIG_DFL);
}

static void test_script(void)
{
    char path[ROOM], first[] = "a b", *arguments[] = {path, first, NULL};
    close(file_with("script", "[ \"$1\" = 'a b' ] && [ $# = 1 ] && exit 7\n", path));
    chmod(path, 0700);
    ok(end_of(process_start(arguments, 0, 1, 2)) == SCRIPT_STATUS,
       "a script that names no interpreter");
}

static void test_failures(void)
{
    char path[ROOM], *arguments[] = {path, NULL};
    close(file_with("program", "#!/nowhere/interpreter\n", path));
    ok(process_start(arguments, 0, 1, 2) == 0 && errno == EACCES, "a file that is no program");
    chmod(path, 0700);
    ok(process_start(arguments, 0, 1, 2) == 0 && errno == ENOENT,
       "a script without its interpreter");
    unlink(path);
    ok(process_start(arguments, 0, 1, 2) == 0 && errno == ENOENT, "a missing program");
    ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "leave no process behind");
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    test_descriptors();
    test_order();
    test_signals();
    test_script();
    test_failures();
    char line[ROOM];
    snprintf(line, sizeof line, "rm -rf '%s'", folder);
    ok(end_of_line(line) == 0, "nothing is left");
    return done_testing();
}
