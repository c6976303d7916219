#include "setup/account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/temporary.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/read_content.h"

enum { CANNOT_SWITCH = 125 }; /* the exit status of a child that cannot become the user */

extern char **environ;

static void take(struct account *account, const struct passwd *entry)
{
    account->user = entry->pw_uid;
    account->group = entry->pw_gid;
    snprintf(account->name, sizeof account->name, "%s", entry->pw_name);
    snprintf(account->home, sizeof account->home, "%s", entry->pw_dir);
}

void account_of(struct account *account, uid_t user)
{
    const struct passwd *entry = getpwuid(user);
    *account = (struct account){.user = user, .group = (gid_t)user, .home = "/"};
    snprintf(account->name, sizeof account->name, "%lu", (unsigned long)user);
    if (user == geteuid())
        account->group = getegid();
    if (entry)
        take(account, entry);
}

bool account_named(struct account *account, const char *name)
{
    const struct passwd *entry = getpwnam(name);
    *account = (struct account){.home = "/"};
    if (entry)
        take(account, entry);
    return entry;
}

void account_name_owner(char name[ACCOUNT_NAME_SIZE], const char *path)
{
    struct stat status;
    struct account owner = {.name = "nobody known"};
    if (stat(path, &status) == 0)
        account_of(&owner, status.st_uid);
    snprintf(name, ACCOUNT_NAME_SIZE, "%s", owner.name);
}

bool account_is_self(const struct account *account)
{
    return account->user == geteuid();
}

/* Removes all AWS_... variables. */
static void clean_environment(void)
{
    for (size_t i = 0; environ[i];) {
        char name[128];
        size_t size = strcspn(environ[i], "=");
        snprintf(name, sizeof name, "%.*s", (int)size, environ[i]);
        if (strncmp(name, "AWS_", 4) || unsetenv(name) < 0)
            i++;
    }
}

void account_free(struct account *account)
{
    buffer_free(&account->environment);
}

/* Sets the variables of the list. */
static void set_variables(const struct buffer *list)
{
    char *copy = memory_copy_bytes(list->size ? list->data : "", list->size), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *value = strchr(line, '=');
        if (value) {
            *value++ = '\0';
            setenv(line, value, 1);
        }
    }
    free(copy);
}

/* Changes this process to the account's user, for good.  Returns false with errno set. */
static bool become(const struct account *account)
{
    if (account_is_self(account))
        return true;
    if (initgroups(account->name, account->group) < 0 || setgid(account->group) < 0 ||
        setuid(account->user) < 0 || chdir("/") < 0)
        return false;
    unsetenv("TMPDIR"); /* the new user may not be able to write there */
    clean_environment();
    set_variables(&account->environment);
    return setenv("HOME", account->home, 1) == 0 && setenv("USER", account->name, 1) == 0 &&
           setenv("LOGNAME", account->name, 1) == 0;
}

static void run_child(const struct account *account, const struct account_work *work, int output,
                      int results)
{
    int status = CANNOT_SWITCH;
    dup2(output, STDOUT_FILENO);
    if (become(account)) {
        status = work->run(work->argument, results);
        progress_end();
        fflush(stdout);
    }
    _exit(status);
}

static void read_lines(const struct account_work *work, int fd)
{
    FILE *file = fdopen(fd, "r");
    char *line = NULL;
    size_t capacity = 0;
    while (file && getline(&line, &capacity, file) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        work->line(work->user, line);
    }
    free(line);
    if (file)
        fclose(file);
    else
        close(fd);
}

/* Returns the exit status of the child, or -1. */
static int wait_for(pid_t child, const struct account *account, struct buffer *error)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    if (WIFSIGNALED(status)) {
        buffer_printf(error,
                      "the process that reads the logs was ended by signal %d; run the "
                      "command again",
                      WTERMSIG(status));
        return -1;
    }
    if (WEXITSTATUS(status) == CANNOT_SWITCH) {
        buffer_printf(
            error,
            "this user cannot switch to the user %s, who runs the updates; run the command as %s",
            account->name,
            geteuid() == 0 ? "that user, since this container does not give root this right"
                           : "root, or as that user");
        return -1;
    }
    return WEXITSTATUS(status);
}

int account_run(const struct account *account, const struct account_work *work,
                struct buffer *results, struct buffer *error)
{
    int ends[2], file = temporary_open(temporary_directory());
    if (file < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        buffer_printf(error,
                      "no temporary file or pipe can be made (in %s): %s; set TMPDIR to another "
                      "folder, or raise the limit of open files (ulimit -n)",
                      temporary_directory(), strerrordesc_np(errno));
        if (file >= 0)
            close(file);
        return -1;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        run_child(account, work, ends[1], file);
    close(ends[1]);
    int status = -1;
    if (child < 0) {
        buffer_printf(error,
                      "no process can be started to read the logs: %s; run the command again later",
                      strerrordesc_np(errno));
        close(ends[0]);
    } else {
        read_lines(work, ends[0]);
        status = wait_for(child, account, error);
        read_content(results, file);
    }
    close(file);
    return status;
}
