/* Where the plugin is: the folders that may have plugins/cloudfront.pm, in this order:
 *
 *   DIR/plugin                    DIR has the program itself: a build
 *   DIR/../share/awstats-cloudfront
 *   DIR/../share/awstats          beside AWStats' own, as packages install it
 *   AWSTATS_FOLDER                where make install has put it */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "embedded/embedded.h"

#ifndef AWSTATS_FOLDER
#define AWSTATS_FOLDER "/usr/share/awstats"
#endif

static bool has_plugin(const char *folder)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/plugins/cloudfront.pm", folder);
    return size < (int)sizeof path && access(path, R_OK) == 0;
}

/* Stores the folder of this program, without "/" at its end; "" when it is unknown. */
static void find_own_folder(char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
}

bool embedded_find_plugin(char path[PATH_MAX], struct buffer *error)
{
    static const char *const beside[] = {"plugin", "../share/awstats-cloudfront",
                                         "../share/awstats"};
    char own[PATH_MAX];
    find_own_folder(own);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (snprintf(path, PATH_MAX, "%s/%s", own, beside[i]) < PATH_MAX && has_plugin(path))
            return true;
    snprintf(path, PATH_MAX, "%s", AWSTATS_FOLDER);
    if (has_plugin(path))
        return true;
    buffer_printf(error,
                  "the plugin of this program, plugins/cloudfront.pm, is neither in %s nor beside "
                  "the program in %s; install the program and the plugin again",
                  AWSTATS_FOLDER, own);
    return false;
}
