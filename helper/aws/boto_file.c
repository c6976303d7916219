#include "aws/boto_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/environment.h"
#include "aws/path.h"
#include "files/read_file.h"

enum { SIZE_MAX_READ = 1024 * 1024 };

/* Returns whether the file has a line that begins with aws_access_key_id. */
static bool has_keys(const char *path)
{
    static const char name[] = "aws_access_key_id";
    size_t size;
    char *text = read_file(path, SIZE_MAX_READ, &size);
    bool has = false;
    for (char *at = text; at && !has && (at = strstr(at, name)); at += sizeof name - 1)
        has = at == text || at[-1] == '\n';
    if (text)
        explicit_bzero(text, size < SIZE_MAX_READ ? size : SIZE_MAX_READ);
    free(text);
    return has;
}

char *boto_file_find(void)
{
    const char *given = environment_get("BOTO_CONFIG");
    const char *const paths[] = {given ? given : "/etc/boto.cfg", given ? NULL : "~/.boto"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths && paths[i]; i++) {
        char *path = aws_path(paths[i], NULL);
        if (has_keys(path))
            return path;
        free(path);
    }
    return NULL;
}
