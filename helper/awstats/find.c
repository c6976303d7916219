#include "awstats/find.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const program_directories[] = {
    "/usr/lib/cgi-bin",                   /* Debian, Ubuntu */
    "/usr/share/awstats/wwwroot/cgi-bin", /* Fedora, EPEL */
    "/usr/local/awstats/wwwroot/cgi-bin", /* AWStats' own packages */
    "/usr/local/www/awstats/cgi-bin",     /* FreeBSD */
    "/usr/share/webapps/awstats/cgi-bin", /* Arch */
    "/usr/lib/awstats/cgi-bin",           /* Alpine */
    "/srv/www/cgi-bin",                   /* SUSE */
};

/* The folders in which Read_Plugins of awstats.pl looks, besides the folder plugins beside awstats.pl. */
static const char *const plugin_directories[] = {
    "/usr/local/awstats/wwwroot/cgi-bin/plugins",
    "/usr/share/awstats/plugins",
};

/* Makes PATH from the first SIZE bytes of DIRECTORY, "/" and NAME.  Returns whether such a file can be read;
 * if not, PATH is "". */
static bool is_file(char path[PATH_MAX], const char *directory, size_t size, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%.*s/%s", (int)size, directory, name);
    if (length > 0 && length < PATH_MAX && access(path, R_OK) == 0)
        return true;
    path[0] = '\0';
    return false;
}

static bool find_program(char path[PATH_MAX])
{
    for (size_t i = 0; i < sizeof program_directories / sizeof *program_directories; i++)
        if (is_file(path, program_directories[i], strlen(program_directories[i]), "awstats.pl"))
            return true;
    const char *list = getenv("PATH");
    while (list && *list) {
        size_t size = strcspn(list, ":");
        if (size && is_file(path, list, size, "awstats.pl"))
            return true;
        list += size + (list[size] == ':');
    }
    return false;
}

/* Reads the version from a line of awstats.pl such as: $VERSION  = "7.8 (build $REVISION)"; */
static void read_version(char *version, size_t room, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    version[0] = '\0';
    while (file && !version[0] && getline(&line, &capacity, file) >= 0) {
        char *quote = strchr(line, '"');
        if (!strncmp(line, "$VERSION", 8) && quote)
            snprintf(version, room, "%.*s", (int)strspn(quote + 1, "0123456789."), quote + 1);
    }
    free(line);
    if (file)
        fclose(file);
}

void awstats_read_plugin_version(char *version, size_t room, const char *plugin)
{
    char path[PATH_MAX];
    char *real = realpath(plugin, NULL);
    char *slash = real ? strrchr(real, '/') : NULL;
    FILE *file = NULL;
    if (slash && is_file(path, real, (size_t)(slash - real), "version"))
        file = fopen(path, "re");
    version[0] = '\0';
    if (file && fgets(version, (int)room, file))
        version[strcspn(version, "\n")] = '\0';
    if (file)
        fclose(file);
    free(real);
}

/* Finds cloudfront.pm in the folders where the found awstats.pl looks for plugins. */
static void find_plugin(struct awstats *awstats)
{
    size_t size = (size_t)(strrchr(awstats->program, '/') - awstats->program);
    if (is_file(awstats->plugin, awstats->program, size, "plugins/cloudfront.pm"))
        return;
    for (size_t i = 0; i < sizeof plugin_directories / sizeof *plugin_directories; i++)
        if (is_file(awstats->plugin, plugin_directories[i], strlen(plugin_directories[i]),
                    "cloudfront.pm"))
            return;
}

/* Finds the version of the found program, and its plugin. */
static void describe(struct awstats *awstats)
{
    read_version(awstats->version, sizeof awstats->version, awstats->program);
    find_plugin(awstats);
    if (awstats->plugin[0])
        awstats_read_plugin_version(awstats->plugin_version, sizeof awstats->plugin_version,
                                    awstats->plugin);
}

int awstats_find(struct awstats *awstats)
{
    *awstats = (struct awstats){0};
    if (!find_program(awstats->program))
        return -1;
    describe(awstats);
    return 0;
}

int awstats_open(struct awstats *awstats, const char *path)
{
    *awstats = (struct awstats){0};
    int size = snprintf(awstats->program, sizeof awstats->program, "%s%s",
                        strchr(path, '/') ? "" : "./", path);
    if (size >= (int)sizeof awstats->program || access(path, R_OK) != 0) {
        awstats->program[0] = '\0';
        return -1;
    }
    describe(awstats);
    return 0;
}
