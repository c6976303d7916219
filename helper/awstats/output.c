#include "awstats/output.h"

#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { OUTPUT_MAX = 64 * 1024 }; /* only the last bytes of the output are read */

char *awstats_output_read(int output)
{
    char *text = memory_allocate(1, OUTPUT_MAX + 1);
    off_t end = lseek(output, 0, SEEK_END);
    ssize_t size = pread(output, text, OUTPUT_MAX, end > OUTPUT_MAX ? end - OUTPUT_MAX : 0);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

static const char mark[] = "Error: ";

/* Whether LINE begins with one of the TEXTS. */
static bool begins(const char *line, const char *const *texts)
{
    for (; *texts; texts++)
        if (!strncmp(line, *texts, strlen(*texts)))
            return true;
    return false;
}

/* Returns the line behind LINE that is not empty, or the end of the text. */
static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + strspn(line, "\n");
}

/* Returns AWStats' error, which is behind the mark; NULL when there is none. */
static const char *find_error(const char *text)
{
    const char *error = NULL;
    for (const char *found = text;
         (found = strstr(found, mark)) && !(error && memchr(error, '\n', (size_t)(found - error)));)
        error = found += sizeof mark - 1; /* AWStats puts its own "Error: " before another one */
    return error;
}

bool awstats_output_has_error(const char *text)
{
    return find_error(text) != NULL;
}

/* Returns the line behind an error.  AWStats' own errors may have several lines, and a line about the setup follows; an
 * error of the plugin is one line. */
static const char *find_end(const char *error)
{
    static const char *const setup[] = {"Setup (", NULL};
    const char *next = next_line(error), *end = next;
    while (*end && !begins(end, setup))
        end = next_line(end);
    return *end ? end : next;
}

/* Returns the message of perl in its standard error: the last line that is no consequence of the line before. */
static const char *find_perl_error(const char *text)
{
    static const char *const consequences[] = {"BEGIN failed", "Compilation failed", "INIT failed",
                                               NULL};
    static const char *const sum[] = {"Execution of ", NULL}; /* "aborted due to ... errors" */
    const char *first = NULL, *last = "it printed no error message; see the system's log";
    for (const char *line = text + strspn(text, "\n"); *line; line = next_line(line)) {
        if (begins(line, consequences))
            continue;
        last = first && begins(line, sum) ? first : line;
        first = first ? first : line;
    }
    return last;
}

void awstats_output_add_reason(struct buffer *error, const char *text)
{
    const char *found = find_error(text);
    const char *line = found ? found : find_perl_error(text);
    const char *end = found ? find_end(found) : next_line(line);
    for (const char *first = line; line < end; line = next_line(line)) {
        if (line > first)
            buffer_add_text(error, " ");
        buffer_add(error, line, strcspn(line, "\n"));
    }
}
