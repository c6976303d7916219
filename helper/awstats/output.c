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

bool awstats_output_has_error(const char *text)
{
    return strstr(text, mark) != NULL;
}

/* Whether a message of perl is only a consequence of the message before. */
static bool is_consequence(const char *line)
{
    static const char *const beginnings[] = {"BEGIN failed", "Compilation failed", "INIT failed"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (!strncmp(line, beginnings[i], strlen(beginnings[i])))
            return true;
    return false;
}

void awstats_output_add_reason(struct buffer *error, const char *text)
{
    static const char sum[] = "Execution of "; /* FILE "aborted due to compilation errors" */
    const char *first = NULL;
    const char *reason = NULL, *last = "it printed no error message; see the system's log";
    for (const char *found = text; (found = strstr(found, mark)) &&
                                   !(reason && memchr(reason, '\n', (size_t)(found - reason)));)
        reason = found += sizeof mark - 1; /* AWStats puts its own "Error: " before another one */
    for (const char *line = text; !reason && *line; line += strcspn(line, "\n")) {
        line += strspn(line, "\n");
        if (!*line || is_consequence(line))
            continue;
        last = first && !strncmp(line, sum, strlen(sum)) ? first : line;
        first = first ? first : line;
    }
    const char *chosen = reason ? reason : last;
    buffer_add(error, chosen, strcspn(chosen, "\n"));
}
