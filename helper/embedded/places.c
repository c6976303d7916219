/* Finds the plugin.  The folder with plugins/cloudfront.pm is one of these, where DIR is the folder of the program:
 *
 *   DIR/plugin                      a build
 *   DIR/../lib/awstats-cloudfront   an installation */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "awstats/find.h"
#include "embedded/embedded.h"
#include "version.h"

enum { VERSION_SIZE = 64 };

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

/* Whether the plugin in FOLDER has this program's version.  If not, adds one line to ERROR. */
static bool is_of_this_version(const char *folder, struct buffer *error)
{
    char path[PATH_MAX], version[VERSION_SIZE];
    int size = snprintf(path, sizeof path, "%s/plugins/cloudfront.pm", folder);
    awstats_read_plugin_version(version, sizeof version, size < (int)sizeof path ? path : "");
    bool is = !strcmp(version, VERSION);
    if (!is)
        buffer_printf(
            error,
            "the AWStats plugin in %s is of version %s, and this program of version " VERSION
            "; install both from the same version",
            folder, *version ? version : "unknown");
    return is;
}

bool embedded_find_plugin(char path[PATH_MAX], struct buffer *error)
{
    static const char *const beside[] = {"plugin", "../lib/awstats-cloudfront"};
    char own[PATH_MAX];
    find_own_folder(own);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (snprintf(path, PATH_MAX, "%s/%s", own, beside[i]) < PATH_MAX && has_plugin(path))
            return is_of_this_version(path, error);
    buffer_printf(
        error,
        "the AWStats plugin cloudfront.pm is not in %s/../lib/awstats-cloudfront/plugins, or "
        "this user may not read it; install the program and the plugin again",
        own);
    return false;
}
