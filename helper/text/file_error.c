#include "text/file_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "text/shell_word.h"
#include "text/user_name.h"

/* Adds what to do when the permissions of PATH, a file or a folder, forbid what this user needs: the owner can allow
 * it.  Returns false when another user owns PATH, or its permissions forbid nothing. */
static bool add_own(struct buffer *error, const char *path, const char *with, uid_t owner)
{
    struct stat status;
    if (owner != geteuid() || stat(path, &status) < 0)
        return false;
    bool is_folder = S_ISDIR(status.st_mode);
    if (access(path, is_folder ? R_OK | W_OK | X_OK : R_OK | W_OK) == 0)
        return false;
    char *quoted = shell_word(path);
    buffer_printf(error, "run \"chmod u+%s %s%s\"", is_folder ? "rwx" : "rw", quoted, with);
    free(quoted);
    return true;
}

/* Adds the advice to run the command as the owner, unless the command does so already, or the owner is root: an update
 * that root starts becomes the user of the site, so root would meet the same error. */
static void add_owner(struct buffer *error, uid_t owner)
{
    char name[USER_NAME_SIZE];
    user_name(owner, name);
    if (owner != 0 && owner != geteuid())
        buffer_printf(error, "run the command as %s, or ", name);
}

static bool is_among(const char *const *names, const char *name, size_t size)
{
    for (; *names; names++)
        if (strlen(*names) == size && !strncmp(*names, name, size))
            return true;
    return false;
}

/* Whether a folder belongs to the system: /, each folder in it, each folder in /var, /run and /dev, and all below /etc,
 * /usr and the like.  Services and packages rely on its owner.  The same rule as _is_of_system() of HistoryFiles.pm. */
static bool is_of_system(const char *path)
{
    static const char *const all[] = {"bin",  "boot", "etc", "lib", "lib64",
                                      "proc", "sbin", "sys", "usr", NULL};
    static const char *const tops[] = {"dev", "run", "var", NULL};
    char *real = realpath(path, NULL);
    const char *name = real ? real + 1 : path + (*path == '/');
    size_t size = strcspn(name, "/");
    const char *below = name[size] ? name + size + 1 : "";
    bool is =
        !*below || is_among(all, name, size) || (is_among(tops, name, size) && !strchr(below, '/'));
    free(real);
    return is;
}

/* Adds what to do when USER may not write to PATH, which belongs to the system.  MADE: a folder that the user needs in
 * the folder PATH; NULL: the user may need a file there. */
static void add_other_place(struct buffer *error, const char *path, const char *user,
                            const char *made)
{
    char *quoted = made ? shell_word(made) : NULL;
    if (made)
        buffer_printf(error, "run \"sudo install -d -o %s %s\"", user, quoted);
    else
        buffer_printf(
            error,
            "choose another place, in a folder of the user %s, since %s belongs to the system",
            user, path);
    free(quoted);
}

/* Explains that root has no permission. */
static void add_root(struct buffer *error, const char *path)
{
    buffer_printf(error,
                  "not even root has permission for %s: its file system forbids this (NFS with "
                  "root_squash, a file with the attribute immutable, or a container); choose "
                  "another place, or change that",
                  path);
}

/* Explains that USER needs the folder PATH, which does not exist, or is in a folder that USER may not enter. */
static void add_missing_folder(struct buffer *error, const char *path, const char *user)
{
    struct stat status;
    char owner[USER_NAME_SIZE];
    char *above = folders_above(path), *quoted = shell_word(path);
    while (stat(above, &status) < 0 && strcmp(above, ".") != 0 && strcmp(above, "/") != 0) {
        char *next = folders_above(above);
        free(above);
        above = next;
    }
    if (access(above, X_OK) < 0)
        buffer_printf(error,
                      "the user %s may not enter %s, which belongs to %s; choose another place",
                      user, above, user_name(status.st_uid, owner));
    else
        buffer_printf(error,
                      "the user %s may not make or enter the folder %s; run \"sudo install -d "
                      "-o %s %s\"",
                      user, path, user, quoted);
    free(above);
    free(quoted);
}

/* Whether this user may read and write the file PATH, but may not make another file beside it. */
static bool is_only_folder_closed(const char *path, const char *folder)
{
    return access(path, R_OK | W_OK) == 0 && access(folder, W_OK | X_OK) < 0;
}

/* Explains that this user has no permission for PATH, which is there. */
static void add_present(struct buffer *error, const char *path, const char *with, const char *me,
                        uid_t owner)
{
    char name[USER_NAME_SIZE], *quoted = shell_word(path);
    buffer_printf(error, "the user %s has no permission; it belongs to %s: ", me,
                  user_name(owner, name));
    if (!add_own(error, path, with, owner)) {
        add_owner(error, owner);
        if (is_of_system(path))
            add_other_place(error, path, me, NULL);
        else
            buffer_printf(error, "run \"sudo chown %s: %s%s\"", me, quoted, with);
    }
    free(quoted);
}

/* Explains that this user has no permission for FOLDER, which is there.  MADE: the folder in it that the user needs;
 * NULL: the user may need a file. */
static void add_folder(struct buffer *error, const char *folder, const char *me, uid_t owner,
                       const char *made)
{
    char name[USER_NAME_SIZE], *quoted = shell_word(folder);
    buffer_printf(error, "the user %s may not %s %s, which belongs to %s: ", me,
                  access(folder, X_OK) < 0 ? "enter" : "write into", folder,
                  user_name(owner, name));
    if (!add_own(error, folder, "", owner)) {
        add_owner(error, owner);
        if (is_of_system(folder))
            add_other_place(error, folder, me, made);
        else
            buffer_printf(error, "if no other program uses this folder, run \"sudo chown %s: %s\"",
                          me, quoted);
    }
    free(quoted);
}

/* Explains that this user has no permission for PATH, or for the folder above it.  IS_FOLDER: PATH is to be a
 * folder. */
static void add_permission(struct buffer *error, const char *path, const char *with, bool is_folder)
{
    char me[USER_NAME_SIZE], *folder = folders_above(path);
    struct stat status;
    user_name(geteuid(), me);
    if (geteuid() == 0)
        add_root(error, path);
    else if (!is_only_folder_closed(path, folder) && stat(path, &status) == 0)
        add_present(error, path, with, me, status.st_uid);
    else if (stat(folder, &status) == 0)
        add_folder(error, folder, me, status.st_uid, is_folder ? path : NULL);
    else
        add_missing_folder(error, folder, me);
    free(folder);
}

/* Adds the error NUMBER of the system. */
static void add_number(struct buffer *error, int number)
{
    bool is_full = number == ENOSPC || number == EDQUOT;
    buffer_printf(error, "%s%s", strerrordesc_np(number),
                  is_full           ? "; free space there"
                  : number == EROFS ? "; mount it for writing, or choose another place"
                                    : "");
}

void file_error_add(struct buffer *error, const char *path, const char *with, int number)
{
    char *quoted = number == EMLINK ? shell_word(path) : NULL;
    if (number == ELOOP)
        buffer_add_text(error, "this is a symbolic link, which is not followed here; remove it, or "
                               "give the path of the file that it leads to instead of this one");
    else if (number == EMLINK)
        buffer_printf(error,
                      "the file has a second name (a hard link), through which it could be "
                      "changed; remove the other name, which this finds: find / -samefile %s",
                      quoted);
    else if (number == EBADFD)
        buffer_add_text(error, "this is not a regular file; remove it, or choose another name");
    else if (number == EACCES || number == EPERM)
        add_permission(error, path, with, false);
    else
        add_number(error, number);
    free(quoted);
}

/* Explains that this user has no permission for PATH, which may be in a folder that is missing, too. */
static void add_permission_above(struct buffer *error, const char *path, bool is_folder)
{
    char *folder = folders_above(path);
    if (access(folder, F_OK) < 0 && errno == ENOENT && strcmp(folder, ".") != 0)
        add_permission_above(error, folder, true);
    else
        add_permission(error, path, "", is_folder);
    free(folder);
}

void file_error_add_path(struct buffer *error, const char *path, int number)
{
    buffer_printf(error, "%s: ", path);
    if (number == EACCES)
        add_permission_above(error, path, false);
    else
        add_number(error, number);
}
