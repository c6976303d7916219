#include "awstats/output.h"

#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

enum { OUTPUT_MAX = 64 * 1024 }; /* bytes that are looked at, the last ones */

char *awstats_output_read(int output)
{
    char *text = memory_allocate(1, OUTPUT_MAX + 1);
    off_t end = lseek(output, 0, SEEK_END);
    ssize_t size = pread(output, text, OUTPUT_MAX, end > OUTPUT_MAX ? end - OUTPUT_MAX : 0);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

void awstats_output_add_reason(struct buffer *error, char *text)
{
    const char *reason = NULL, *last = "it printed no error message";
    for (char *line; (line = strsep(&text, "\n"));) {
        const char *found = reason ? NULL : line;
        while (found && (found = strstr(found, "Error: ")))
            reason = found += strlen("Error: "); /* AWStats puts an "Error: " of its own first */
        if (*line)
            last = line;
    }
    buffer_add_text(error, reason ? reason : last);
}
