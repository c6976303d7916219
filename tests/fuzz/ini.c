/* Fuzzes the reader of INI files: what it finds are strings that the file has, in lines that it
 * has. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/ini.h"

static const uint8_t *bytes;
static size_t byte_count;
static unsigned last_line;

static void check_text(const char *text)
{
    if (*text && !memmem(bytes, byte_count, text, strlen(text)))
        abort();
}

static bool visit(void *user, const struct ini_line *line)
{
    (void)user;
    if (!line->section || !line->name != !line->value || line->line < last_line || !line->line)
        abort();
    check_text(line->section);
    if (line->name) {
        check_text(line->name);
        check_text(line->value);
    }
    last_line = line->line;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned line = 0, lines = 1;
    char *text = malloc(size ? size : 1);

    memcpy(text, data, size);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    bytes = data;
    byte_count = size;
    last_line = 0;
    enum ini_result result = ini_parse(text, size, visit, NULL, &line);
    if (result == INI_UNREADABLE || result == INI_ENDED || line > lines || last_line > lines)
        abort();
    if (result != INI_DONE && !*ini_error(result))
        abort();
    free(text);
    return 0;
}
