/* Compiles awstats.pl once.  Each run is a fork of this process, which has the compiled program.  So a page of a
 * report needs no compilation, and changes nothing for the next page. */
#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "embedded/embedded.h"
#include "embedded/interpreter.h"
#include "memory/allocate.h"

struct embedded_program {
    PerlInterpreter *perl;
};

/* Makes OUT and ERROR the descriptors 1 and 2.  KEPT gets copies of the former ones. */
static bool redirect(int kept[2], int out, int error)
{
    kept[0] = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    kept[1] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return dup2(out, STDOUT_FILENO) >= 0 && dup2(error, STDERR_FILENO) >= 0;
}

static void restore(const int kept[2])
{
    for (int i = 0; i < 2; i++)
        if (kept[i] >= 0) {
            dup2(kept[i], STDOUT_FILENO + i);
            close(kept[i]);
        }
}

struct embedded_program *embedded_compile(const struct embedded_options *options, int out,
                                          int error)
{
    static char *const none[] = {NULL};
    struct embedded_program *program = memory_allocate(1, sizeof *program);
    int kept[2], status = -1;
    if (redirect(kept, out, error))
        program->perl = interpreter_parse(options, none, &status);
    if (status != 0) {
        embedded_free(program);
        program = NULL;
    }
    restore(kept);
    return program;
}

/* Replaces @ARGV. */
static void set_arguments(pTHX_ char *const *arguments)
{
    AV *list = get_av("ARGV", GV_ADD);
    av_clear(list);
    for (; *arguments; arguments++)
        av_push(list, newSVpv(*arguments, 0));
}

/* Runs awstats.pl in the new process. */
__attribute__((noreturn)) static void work(const struct embedded_program *program,
                                           char *const *arguments, int out, int error, pid_t parent)
{
    PerlInterpreter *my_perl = program->perl;
    int nothing = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(out, STDOUT_FILENO) < 0 || dup2(error, STDERR_FILENO) < 0)
        _exit(EXIT_FAILURE);
    set_arguments(aTHX_ arguments);
    perl_run(my_perl);
    _exit(interpreter_end(my_perl));
}

pid_t embedded_start(const struct embedded_program *program, char *const *arguments, int out,
                     int error)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        work(program, arguments, out, error, parent);
    return pid;
}

void embedded_free(struct embedded_program *program)
{
    if (program && program->perl)
        interpreter_end(program->perl);
    free(program);
}
