#include "setup/shipped.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool shipped_program(char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
    return size > 0;
}

/* Makes PATH from FOLDER, BELOW and NAME.  Returns whether the file exists. */
static bool is_file(char path[PATH_MAX], const char *folder, size_t size, const char *below,
                    const char *name)
{
    int length = snprintf(path, PATH_MAX, "%.*s/%s/%s", (int)size, folder, below, name);
    return length < PATH_MAX && access(path, R_OK) == 0;
}

bool shipped_find(char path[PATH_MAX], const char *name, struct buffer *error)
{
    static const char share[] = "share/awstats-cloudfront";
    static const char *const prefixes[] = {"/usr/local", "/usr"};
    char program[PATH_MAX];
    if (shipped_program(program)) {
        size_t folder = (size_t)(strrchr(program, '/') - program), prefix = folder;
        while (prefix && program[prefix - 1] != '/')
            prefix--;
        if (is_file(path, program, folder, "awstats-conf", name) ||
            (prefix && is_file(path, program, prefix - 1, share, name)))
            return true;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (is_file(path, prefixes[i], strlen(prefixes[i]), share, name))
            return true;
    buffer_printf(error,
                  "%s was not found in share/awstats-cloudfront beside %s; install "
                  "awstats-cloudfront again",
                  name, *program ? program : "the program");
    return false;
}
