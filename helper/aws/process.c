#include "aws/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aws/key_document.h"
#include "http/wait.h"
#include "memory/allocate.h"
#include "text/document.h"
#include "text/message.h"
#include "text/time.h"

enum { OUTPUT_MAX = 1024 * 1024, PIECE = 4096, WORDS_KEPT = 512 }; /* bytes */

#define TEXT_OF(number)   #number
#define NUMBER_TEXT(name) TEXT_OF(name)

static const char over[] = "did not end before the time for the search for credentials was over";
static const char too_late[] = "did not end within " NUMBER_TEXT(
    PROCESS_SECONDS_MAX) " s, though nobody is there to answer it";

/* A program under way. */
struct process {
    pid_t guard;        /* the process that starts the program, and kills its process group */
    int out, err;       /* the reading ends of its output and errors; -1: closed */
    struct buffer text; /* its standard output; may hold secrets */
    char words[WORDS_KEPT + 1]; /* the beginning of the last line of its standard error */
    size_t words_size;
    bool has_line_end;   /* the next byte of standard error begins another line */
    const char *failure; /* why this program kills it; NULL: no reason so far */
    const char *late;    /* the failure of a program that takes too long */
    const char *name;    /* for a note */
    int64_t begun, end;  /* when it started, and when it is killed; by time_monotonic_ms() */
    bool is_noted;       /* the note that the program waits was printed */
};

/* ---- the command ---------------------------------------------------------------------------- */

/* Adds the word at *TEXT, and moves *TEXT behind it.  Returns false when a quote is not closed. */
static bool add_word(struct buffer *word, const char **text)
{
    const char *p = *text;
    char quote = '\0';
    buffer_add(word, "", 0);
    for (; *p && (quote || !strchr(" \t\r\n", *p)); p++) {
        if (*p == '\\' && quote != '\'') {
            if (!p[1])
                return false;
            /* Between double quotes, a backslash before any other character stands for itself. */
            if (quote && p[1] != quote && p[1] != '\\')
                buffer_add(word, p, 1);
            buffer_add(word, ++p, 1);
        } else if (quote ? *p == quote : *p == '"' || *p == '\'') {
            quote = quote ? '\0' : *p;
        } else {
            buffer_add(word, p, 1);
        }
    }
    *text = p;
    return !quote;
}

char **process_split(const char *command)
{
    char **words = NULL;
    size_t count = 0, capacity = 0;
    bool is_closed = true;
    while (is_closed && *(command += strspn(command, " \t\r\n"))) {
        struct buffer word = {0};
        is_closed = add_word(&word, &command);
        words = array_grow(words, count, &capacity, sizeof *words);
        words[count++] = word.data;
    }
    words = array_grow(words, count, &capacity, sizeof *words);
    words[count] = NULL;
    if (is_closed && count)
        return words;
    process_free_words(words);
    return NULL;
}

void process_free_words(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}

/* ---- the program ---------------------------------------------------------------------------- */

/* A program that hangs must not outlive this one, nor may the processes that it has started.  So
 * this process forks a guard.  The guard starts the program in a process group, and waits for its
 * end, or for SIGTERM: then the guard kills the group.  SIGTERM comes from end_program(), or from
 * the kernel when the thread ends that has forked the guard (PR_SET_PDEATHSIG), however that
 * comes. */

/* The data of the guard and of the program's process.  This process may have several threads, so
 * after the fork both call only async-signal-safe functions. */
struct start {
    char *const *words;
    pid_t parent;
    int out[2], err[2];
    int failed[2]; /* a pipe for the errno, if the program cannot be run */
};

/* Sends the errno, since the program cannot be run, and ends the process. */
static void fail_to_start(const struct start *start)
{
    int error = errno;
    ssize_t ignored = write(start->failed[1], &error, sizeof error);
    (void)ignored;
    _exit(127);
}

/* Becomes the program, which dies with the guard.  The program gets all signals, though the thread
 * that starts it may block them (threads/start.h). */
static void become(const struct start *start, pid_t guard)
{
    sigset_t none;
    sigemptyset(&none);
    int null = open("/dev/null", O_RDONLY);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == guard && null >= 0 &&
        dup2(null, 0) == 0 && dup2(start->out[1], 1) == 1 && dup2(start->err[1], 2) == 2) {
        if (null > 2)
            close(null);
        setpgid(0, 0);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvp(start->words[0], start->words);
    }
    fail_to_start(start);
}

/* Starts the program, and ends as it ends: with its exit status, or 128 and the signal. */
static void guard(const struct start *start)
{
    sigset_t all, awaited;
    pid_t self = getpid();
    int status = 0;
    sigfillset(&all);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != start->parent)
        fail_to_start(start);
    pid_t program = _Fork();
    if (program == 0)
        become(start, self);
    if (program < 0)
        fail_to_start(start);
    setpgid(program, program);
    closefrom(0);
    while (waitpid(program, &status, WNOHANG) == 0)
        if (sigwaitinfo(&awaited, NULL) == SIGTERM)
            kill(-program, SIGKILL);
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void end_program(const struct process *process)
{
    kill(process->guard, SIGTERM);
}

static bool make_pipes(struct start *start)
{
    if (pipe2(start->out, O_CLOEXEC) < 0)
        return false;
    if (pipe2(start->err, O_CLOEXEC) == 0 && pipe2(start->failed, O_CLOEXEC) == 0)
        return true;
    int error = errno;
    close(start->out[0]);
    close(start->out[1]);
    if (start->err[0] >= 0) {
        close(start->err[0]);
        close(start->err[1]);
    }
    errno = error;
    return false;
}

/* Waits until the program runs.  Returns 0, or the errno of its failure. */
static int wait_for_start(struct process *process, int failed)
{
    int error = 0;
    ssize_t got;
    do
        got = read(failed, &error, sizeof error);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof error)
        waitpid(process->guard, NULL, 0);
    return got == (ssize_t)sizeof error ? error : 0;
}

/* Starts the program.  Returns false with errno set. */
static bool start(struct process *process, char *const *words)
{
    struct start start = {.words = words, .parent = getpid(), .err = {-1, -1}, .failed = {-1, -1}};
    if (!make_pipes(&start))
        return false;
    process->guard = fork();
    if (process->guard == 0)
        guard(&start);
    int error = process->guard < 0 ? errno : 0;
    close(start.out[1]);
    close(start.err[1]);
    close(start.failed[1]);
    if (!error)
        error = wait_for_start(process, start.failed[0]);
    close(start.failed[0]);
    process->out = start.out[0];
    process->err = start.err[0];
    if (error) {
        close(start.out[0]);
        close(start.err[0]);
    }
    errno = error;
    return !error;
}

/* Stores the last line that is not blank.  The lines before may be a trace, which can hold
 * secrets. */
static void keep_words(struct process *process, const char *text, size_t size)
{
    for (const char *end = text + size; text < end; text++) {
        if (strchr("\r\n", *text)) {
            process->has_line_end = true;
            continue;
        }
        if (process->has_line_end && strchr(" \t", *text))
            continue;
        if (process->has_line_end)
            process->words_size = 0;
        process->has_line_end = false;
        if (process->words_size < WORDS_KEPT)
            process->words[process->words_size++] = *text;
    }
    process->words[process->words_size] = '\0';
}

/* Reads from one of both pipes, and closes it at its end. */
static void take(struct process *process, int *pipe)
{
    char piece[PIECE];
    ssize_t got = read(*pipe, piece, sizeof piece);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(*pipe);
        *pipe = -1;
        return;
    }
    size_t size = (size_t)got;
    if (pipe == &process->err) {
        keep_words(process, piece, size);
    } else if (process->text.size + size > OUTPUT_MAX) {
        process->failure = "printed more than 1 MiB";
    } else {
        buffer_add(&process->text, piece, size);
    }
    explicit_bzero(piece, sizeof piece);
}

/* Returns how many milliseconds to wait: until the program's time is over, or until the note is
 * due.  Prints the note when it is due. */
static int64_t find_patience(struct process *process)
{
    int64_t elapsed = time_monotonic_ms() - process->begun;
    if (!process->is_noted && elapsed >= HTTP_WAIT_NOTE_MS) {
        process->is_noted = true;
        message_note("waiting for the program %s of credential_process", process->name);
    }
    int64_t left = process->end - process->begun - elapsed;
    return process->is_noted || left < HTTP_WAIT_NOTE_MS - elapsed ? left
                                                                   : HTTP_WAIT_NOTE_MS - elapsed;
}

/* Reads both pipes until they end; ends a program that takes too long or prints too much. */
static void read_all(struct process *process)
{
    while (!process->failure && process->out >= 0) {
        struct pollfd pipes[] = {{process->out, POLLIN, 0}, {process->err, POLLIN, 0}};
        int64_t left = find_patience(process);
        if (left <= 0)
            process->failure = process->late;
        else if (poll(pipes, 2, (int)left) > 0) {
            if (pipes[0].revents)
                take(process, &process->out);
            if (pipes[1].revents && process->err >= 0)
                take(process, &process->err);
        }
    }
}

/* Waits for the end of the program.  Returns its exit status, or 128 and the signal. */
static int wait_for(struct process *process)
{
    int status = 0;
    struct timespec pause = {0, 1000000};
    pid_t ended;
    if (process->failure)
        end_program(process);
    while ((ended = waitpid(process->guard, &status, WNOHANG)) == 0 ||
           (ended < 0 && errno == EINTR)) {
        if (!process->failure && find_patience(process) <= 0) {
            process->failure = process->late;
            end_program(process);
        }
        nanosleep(&pause, NULL);
    }
    if (process->err >= 0) { /* read the rest without waiting: a child may still hold the pipe */
        struct pollfd pipe = {process->err, POLLIN, 0};
        while (process->err >= 0 && poll(&pipe, 1, 0) > 0)
            take(process, &process->err);
    }
    if (process->out >= 0)
        close(process->out);
    if (process->err >= 0)
        close(process->err);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- its keys ------------------------------------------------------------------------------- */

/* Reads the keys from the program's output.  Returns false after adding the reason to ERROR. */
static bool read_text(const struct process *process, struct credentials *keys, struct buffer *error)
{
    struct document *document =
        document_parse(process->text.size ? process->text.data : "", process->text.size);
    int64_t version = 0;
    bool done = false;
    if (!document)
        buffer_add_text(error, "printed no JSON object");
    else if (!document_integer(document, NULL, "Version", &version) || version != 1)
        buffer_add_text(error, "printed a document without \"Version\": 1");
    else {
        struct buffer reason = {0};
        done = key_document_read(keys, document, "SessionToken", &reason);
        if (!done)
            buffer_printf(error, "printed a document that %s", reason.data);
        buffer_free(&reason);
    }
    document_free(document);
    return done;
}

/* Runs the program; END is when the search for keys is over. */
static bool run(char *const *words, int64_t end, struct credentials *keys, struct buffer *error)
{
    int64_t begun = time_monotonic_ms(), latest = begun + 1000LL * PROCESS_SECONDS_MAX;
    bool is_short = latest - end > 1000;
    struct process process = {.out = -1,
                              .err = -1,
                              .name = words[0],
                              .begun = begun,
                              .end = is_short ? end : latest,
                              .late = is_short ? over : too_late,
                              .text = {.is_secret = true}};
    bool done = false;
    if (!start(&process, words)) {
        buffer_printf(error, "cannot be run: %s", strerrordesc_np(errno));
    } else {
        read_all(&process);
        int status = wait_for(&process);
        if (process.failure)
            buffer_add_text(error, process.failure);
        else if (status)
            buffer_printf(error, "ended with status %d", status);
        else
            done = read_text(&process, keys, error);
        if ((process.failure || status) && process.words_size)
            key_document_add_words(error, process.words, &(struct secrets){{NULL}});
    }
    buffer_free(&process.text);
    return done;
}

enum credentials_result process_fetch(const struct aws_session *session, struct credentials *keys,
                                      struct buffer *error)
{
    const struct profile *profile = session->profile;
    const char *command = profile_get(profile, "credential_process");
    struct buffer place = {0}, reason = {0}, origin = {0};
    if (!command)
        return CREDENTIALS_NONE;
    profile_add_place(&place, profile, NULL, "credential_process");
    char **words = process_split(command);
    bool done = words && run(words, session->end, keys, &reason);
    if (!words)
        buffer_printf(error, "%s: credential_process has a quote that is not closed; correct it",
                      place.data);
    else if (!done)
        buffer_printf(error,
                      "%s: the program %s of credential_process %s; run it by hand, as this user",
                      place.data, words[0], reason.data);
    if (done) {
        buffer_printf(&origin, "credential_process of profile %s", profile->name);
        keys->origin = origin.data;
    }
    process_free_words(words);
    buffer_free(&place);
    buffer_free(&reason);
    return done ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}
