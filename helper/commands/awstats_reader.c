#include "commands/awstats_reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum {
    GENERATIONS_MAX = 16,     /* how many parent processes are searched */
    COMMAND_LINE_SIZE = 4096, /* bytes of a command line that are searched */
    STAT_SIZE = 512           /* far more than the name and the parent in /proc/PID/stat need */
};

/* Reads the beginning of /proc/PID/NAME, and ends the text with two NULs.  Returns the text's size; 0 when
 * the file cannot be read. */
static size_t read_proc(pid_t pid, const char *name, char *text, size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, room - 2);
    if (fd >= 0)
        close(fd);
    if (size < 0)
        size = 0;
    text[size] = text[size + 1] = '\0';
    return (size_t)size;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Returns whether a command line, whose words end with a NUL, is awstats.pl or a perl that runs it.  An
 * editor or a shell with awstats.pl among its arguments is not. */
static bool runs_awstats(const char *words, size_t size)
{
    static const char program[] = "awstats.pl";
    const char *end = words + size;
    if (!size)
        return false;
    if (!strcmp(base_name(words), program))
        return true;
    if (strncmp(base_name(words), "perl", strlen("perl")))
        return false;
    for (const char *word = words + strlen(words) + 1; word < end; word += strlen(word) + 1)
        if (!strcmp(base_name(word), program))
            return true;
    return false;
}

/* Returns the parent of a process; 0 when it is not known.  The parent is the second field behind the name
 * in /proc/PID/stat; the name is in parentheses, and may contain any character: proc(5). */
static pid_t parent_of(pid_t pid)
{
    char stat[STAT_SIZE];
    read_proc(pid, "stat", stat, sizeof stat);
    const char *after = strrchr(stat, ')');
    return after && strlen(after) > 4 ? (pid_t)strtol(after + 4, NULL, 10) : 0;
}

bool awstats_is_reader(void)
{
    char words[COMMAND_LINE_SIZE];
    struct stat output;
    if (fstat(STDOUT_FILENO, &output) || !S_ISFIFO(output.st_mode))
        return false;
    pid_t pid = getppid();
    for (int i = 0; i < GENERATIONS_MAX && pid > 1; i++, pid = parent_of(pid))
        if (runs_awstats(words, read_proc(pid, "cmdline", words, sizeof words)))
            return true;
    return false;
}
