/* files/own_file: the ledger and its lock in a folder where another user may write. */
#include "files/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/folders.h"
#include "tap.h"
#include "text/file_error.h"

static int open_and_close(const char *path, bool make, bool *is_new)
{
    int fd = own_file_open(path, make, 0600, is_new);
    int number = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return number;
}

static bool explains(int number, const char *path, const char *expected)
{
    struct buffer error = {0};
    file_error_add(&error, path, "*", number);
    bool found = strstr(error.data, expected) && !strchr(error.data, '\n');
    if (!found)
        printf("# %s\n", error.data);
    buffer_free(&error);
    return found;
}

/* Whether the error, as a process of another user explains it, has TEXT. */
static bool explains_to_other(const char *path, bool is_above, const char *text)
{
    struct buffer error = {0};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        bool is = setgid(55555) == 0 && setuid(55555) == 0;
        if (is_above)
            file_error_add_path(&error, path, EACCES);
        else
            file_error_add(&error, path, "*", EACCES);
        is = is && strstr(error.data, text);
        if (!is)
            printf("# %s\n", error.data);
        fflush(stdout);
        _exit(!is);
    }
    return waitpid(pid, &status, 0) == pid && status == 0;
}

/* The user whom explains_to_other() becomes owns the file and its folder. */
static void test_own_permissions(void)
{
    close(open("of/mine", O_CREAT | O_WRONLY, 0600));
    bool made = chown("of/mine", 55555, 55555) == 0 && chmod("of/mine", 0444) == 0;
    ok(made &&
           explains_to_other("of/mine", false,
                             "has no permission; it belongs to 55555: run \"chmod u+rw of/mine*\""),
       "no permission for an own file: the command");
    made = chmod("of/mine", 0600) == 0 && chown("of", 55555, 55555) == 0 && chmod("of", 0555) == 0;
    const char *text =
        "the user 55555 may not write into of, which belongs to 55555: run \"chmod u+rwx of\"";
    ok(made && explains_to_other("of/missing", false, text),
       "no permission for an own folder: the command");
    ok(explains_to_other("of/mine", false, text),
       "a file with permission in an own folder without it");
    ok(chmod("of", 0755) == 0 &&
           explains_to_other("of/mine", false, "run \"sudo chown 55555: of/mine*\""),
       "permission for both: a file beside it belongs to another user");
    unlink("of/mine");
    ok(explains(EROFS, "of/new",
                "Read-only file system; mount it for writing, or choose another place"),
       "a file system that is mounted read-only");
}

static void test_permissions(void)
{
    ok(explains_to_other("of/before", false,
                         "it belongs to root: run \"sudo chown 55555: of/before*\""),
       "no permission for a file: the command");
    ok(explains_to_other("of/missing", false,
                         "may not write into of, which belongs to 33333: run the command as 33333, "
                         "or if no other program uses this folder, run \"sudo chown 55555: of\""),
       "no permission for a folder: its owner");
    ok(explains_to_other("of/x/y", false, "run \"sudo install -d -o 55555 of/x\""),
       "a folder that cannot be made: the command");
    ok(explains_to_other("of/x y'z/y", false, "-o 55555 'of/x y'\\''z'\"") &&
           explains_to_other("of a/before", false, "run \"sudo chown 55555: 'of a/before'*\""),
       "names with spaces and quotes: the command has quotes");
    ok(explains_to_other("/one.db", false,
                         "may not write into /, which belongs to root: choose another place, in a "
                         "folder of the user 55555, since / belongs to the system"),
       "a file in /");
    ok(explains_to_other("/etc/awstats-none/one.db", true,
                         "run \"sudo install -d -o 55555 /etc/awstats-none\""),
       "a folder that is missing in a folder of the system");
    ok(explains_to_other("/var/lib/../lib/awstats-none.db", true,
                         "since /var/lib/../lib belongs to the system"),
       "a file in a folder of /var");
    ok(mkdir("closed", 0700) == 0 && mkdir("closed/in", 0755) == 0 &&
           explains_to_other("closed/in/one.db", false,
                             "the user 55555 may not enter closed, which belongs to root; choose "
                             "another place"),
       "a folder in a closed folder");
    rmdir("closed/in");
    rmdir("closed");
    ok(explains_to_other("/usr", true, "since /usr belongs to the system"), "a folder in /");
    ok(explains(EACCES, "of/before", "not even root has permission for of/before"), "root");
}

static void test_owner(void)
{
    struct stat status;
    const uid_t other = 33333;
    if (geteuid() != 0 || mkdir("of", 0755) < 0 || chown("of", other, 44444) < 0) {
        printf("# not root: the owner of new files is not tested\n");
        return;
    }
    bool made = open_and_close("of/new", true, NULL) == 0 && stat("of/new", &status) == 0;
    ok(made && status.st_uid == other && status.st_gid == 44444, "root's file: the folder's owner");
    made = folders_make("of/a/b", 0700) == 0 && stat("of/a/b", &status) == 0;
    ok(made && status.st_uid == other && status.st_gid == 44444, "root's folders, too");
    made = open_and_close("of/a/b/new", true, NULL) == 0 && stat("of/a/b/new", &status) == 0;
    ok(made && status.st_uid == other, "a file in root's folders");
    int fd = open("of/before", O_CREAT | O_WRONLY, 0600);
    close(fd);
    made = open_and_close("of/before", true, NULL) == 0 && stat("of/before", &status) == 0;
    ok(made && status.st_uid == 0, "a file that was there keeps its owner");
    mkdir("of a", 0755);
    close(open("of a/before", O_CREAT | O_WRONLY, 0600));
    test_permissions();
    test_own_permissions();
    unlink("of a/before");
    rmdir("of a");
    unlink("of/a/b/new");
    unlink("of/new");
    unlink("of/before");
    rmdir("of/a/b");
    rmdir("of/a");
    rmdir("of");
}

int main(void)
{
    char directory[] = "/tmp/own-file-XXXXXX";
    bool is_new;
    if (!mkdtemp(directory) || chdir(directory) < 0 || chmod(directory, 0755) < 0) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    ok(open_and_close("file", false, &is_new) == ENOENT && !is_new, "missing");
    ok(open_and_close("file", true, &is_new) == 0 && is_new, "made");
    ok(open_and_close("file", true, &is_new) == 0 && !is_new, "there already");
    ok(symlink("file", "link") == 0 && open_and_close("link", true, NULL) == ELOOP, "a link");
    ok(symlink("target", "dangling") == 0 && open_and_close("dangling", true, NULL) == ELOOP,
       "a link to nothing");
    ok(access("target", F_OK) < 0, "nothing is made through it");
    ok(link("file", "second") == 0 && open_and_close("second", true, NULL) == EMLINK,
       "a second name of a file");
    ok(mkfifo("pipe", 0600) == 0 && open_and_close("pipe", true, NULL) == EBADFD, "a pipe");
    ok(mkdir("folder", 0700) == 0 && open_and_close("folder", true, NULL) == EBADFD, "a folder");
    ok(explains(ELOOP, "link", "symbolic link") && explains(EMLINK, "file", "hard link") &&
           explains(EBADFD, "pipe", "not a regular file") &&
           explains(ENOSPC, "file", "No space left on device; free space there"),
       "each is explained");
    ok(folders_sync_all_above("folder/file") == 0 && folders_sync_all_above("no/file") < 0,
       "a folder and all above it are synced");
    const char *const paths[] = {"a", "/a", "/a/b", "a/b/", "a//b", "//a"};
    const char *const above[] = {".", "/", "/a", "a", "a", "/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *folder = folders_above(paths[i]);
        ok(!strcmp(folder, above[i]), "above %s: %s", paths[i], folder);
        free(folder);
    }
    test_owner();
    const char *const all[] = {"file", "link", "dangling", "second", "pipe", NULL};
    for (int i = 0; all[i]; i++)
        unlink(all[i]);
    rmdir("folder");
    rmdir(directory);
    return done_testing();
}
