/* Fuzzes the reader of INI files: what it finds are strings that the file has, in lines that it has. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text/ini.h"

static const uint8_t *bytes;
static size_t byte_count;
static unsigned last_line;

static void check_text(const char *text)
{
    if (*text && !memmem(bytes, byte_count, text, strlen(text)))
        abort();
}

static int visit(void *user, const struct ini_line *line)
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
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("ini", 0);
    char path[64];
    unsigned line = 0, lines = 1;

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    bytes = data;
    byte_count = size;
    last_line = 0;
    int result = ini_read(path, visit, NULL, &line);
    if (result == INI_UNREADABLE || result > 0 || line > lines || last_line > lines)
        abort();
    close(fd);
    return 0;
}
