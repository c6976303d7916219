#include "awstats/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

extern char **environ;

/* The variables by which awstats.pl takes itself for a CGI program. */
static const char *const cgi[] = {"GATEWAY_INTERFACE", "QUERY_STRING", "CONTENT_LENGTH",
                                  "HTTP_ACCEPT_LANGUAGE"};
enum { CGI_COUNT = sizeof cgi / sizeof *cgi };

/* awstats.pl itself sets AWSTATS_CURRENT_CONFIG only after other threads have begun to read the environment, and glibc
 * moves the environment to add a variable.  Without TZ, glibc looks at /etc/localtime for each of the thousands of
 * times that AWStats converts; with TZ, glibc reads the file once. */
void awstats_environment_set(const char *config)
{
    for (size_t i = 0; i < CGI_COUNT; i++)
        unsetenv(cgi[i]);
    setenv("AWSTATS_CURRENT_CONFIG", config, 1);
    setenv("TZ", ":/etc/localtime", 0);
}

static bool is_of_cgi(const char *variable)
{
    const size_t size = strcspn(variable, "=");
    for (size_t i = 0; i < CGI_COUNT; i++)
        if (strlen(cgi[i]) == size && !memcmp(cgi[i], variable, size))
            return true;
    return false;
}

char **awstats_environment_with(char *task, char *memory)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **result = memory_allocate(count + 3, sizeof *result);
    for (size_t i = 0; i < count; i++)
        if (!is_of_cgi(environ[i]))
            result[kept++] = environ[i];
    result[kept++] = task;
    result[kept] = memory;
    return result;
}
