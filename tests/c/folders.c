/* files/folders: folders that are missing. */
#include "files/folders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static bool is_folder(const char *path, mode_t mode)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & 0777) == mode;
}

int main(void)
{
    char directory[] = "/tmp/folders-XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) < 0) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    umask(022);
    ok(folders_make("a/b//c/", 0777) == 0 && is_folder("a/b/c", 0755), "three folders");
    ok(folders_make("a/b/c", 0700) == 0 && is_folder("a/b/c", 0755), "again: nothing changes");
    ok(folders_make_above("d/e/file", 0700) == 0 && is_folder("d/e", 0700),
       "the folders above a file");
    ok(access("d/e/file", F_OK) < 0, "the file is not made");
    ok(folders_make_above("file", 0700) == 0, "a file without a folder");
    char absolute[64];
    snprintf(absolute, sizeof absolute, "%s/f/g", directory);
    ok(folders_make(absolute, 0700) == 0 && is_folder("f/g", 0700), "an absolute path");
    fclose(fopen("file", "w"));
    ok(folders_make("file/x/y", 0700) < 0 && errno == ENOTDIR, "a file in the way");
    ok(folders_sync_above("a/b/c") == 0 && folders_sync_above("file") == 0, "synced");
    ok(folders_sync_above("/file") == 0, "the root, too");
    ok(folders_sync_above("nowhere/file") < 0 && errno == ENOENT, "a folder that is not there");
    const char *const all[] = {"a/b/c", "a/b", "a", "d/e", "d", "f/g", "f", NULL};
    unlink("file");
    for (int i = 0; all[i]; i++)
        rmdir(all[i]);
    rmdir(directory);
    return done_testing();
}
