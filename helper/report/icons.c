#include "report/icons.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/web_file.h"
#include "text/buffer.h"

#define NEW_FOLDER ".icon.new"

enum { LEVELS_MAX = 4 }; /* AWStats has one level of folders */

/* Opens AWStats' folder of icons: beside the folder of awstats.pl, as in a source tree and on RHEL, or where
 * packages install the icons.  Returns -1 when there is none. */
static int open_source(const struct awstats *awstats)
{
    static const char *const folders[] = {"/usr/share/awstats/icon",
                                          "/usr/share/awstats/wwwroot/icon",
                                          "/usr/local/awstats/wwwroot/icon"};
    char *program = realpath(awstats->program, NULL),
         *slash = program ? strrchr(program, '/') : NULL;
    struct buffer path = {0};
    int fd = -1;
    if (slash) {
        buffer_printf(&path, "%.*s/../icon", (int)(slash - program), program);
        fd = open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof *folders; i++)
        fd = open(folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(program);
    buffer_free(&path);
    return fd;
}

static bool copy_file(int from, int to, const char *name)
{
    struct buffer content = {0};
    bool done = web_file_read(from, name, &content) && web_file_replace(to, name, &content);
    buffer_free(&content);
    return done;
}

static bool copy_folder(int from, int to, unsigned level);

/* Copies the folder NAME below an open one. */
static bool copy_below(int from, int to, const char *name, unsigned level)
{
    int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int target = source < 0 ? -1 : web_folder_open(to, name);
    bool done = target >= 0 && copy_folder(source, target, level);
    int number = errno;
    if (source >= 0)
        close(source);
    if (target >= 0)
        close(target);
    errno = number;
    return done;
}

static bool copy_entry(int from, int to, const char *name, unsigned level)
{
    struct stat status;
    if (fstatat(from, name, &status, 0) < 0)
        return errno == ENOENT; /* a link without a target is passed over */
    if (S_ISREG(status.st_mode))
        return copy_file(from, to, name);
    return !S_ISDIR(status.st_mode) || level == LEVELS_MAX || copy_below(from, to, name, level + 1);
}

/* Copies the files and folders of an open folder, except hidden ones. */
static bool copy_folder(int from, int to, unsigned level)
{
    int copy = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    bool done = directory;
    while (done && (entry = readdir(directory)))
        done = *entry->d_name == '.' || copy_entry(from, to, entry->d_name, level);
    int number = errno;
    if (directory)
        closedir(directory);
    errno = number;
    return done;
}

bool icons_copy(const struct awstats *awstats, int folder, bool *found)
{
    struct stat status;
    *found = true;
    if (fstatat(folder, ICONS_FOLDER, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    int from = open_source(awstats);
    *found = from >= 0;
    if (!*found)
        return true;
    int to = web_folder_open(folder, NEW_FOLDER); /* a killed run may have left this folder */
    bool done = to >= 0 && copy_folder(from, to, 0) &&
                renameat(folder, NEW_FOLDER, folder, ICONS_FOLDER) == 0;
    int number = errno;
    close(from);
    if (to >= 0)
        close(to);
    errno = number;
    return done;
}
