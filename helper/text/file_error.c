#include "text/file_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "text/user_name.h"

/* Adds the advice to run the command as the owner, unless the owner is root: an update that root
 * starts becomes the user of the site, so root would meet the same error. */
static void add_owner(struct buffer *error, uid_t owner)
{
    char name[USER_NAME_SIZE];
    user_name(owner, name);
    if (owner != 0)
        buffer_printf(error, "run the command as %s, or ", name);
}

/* Explains that this user has no permission for the file PATH, or for its folder. */
static void add_permission(struct buffer *error, const char *path, const char *with)
{
    char me[USER_NAME_SIZE], owner[USER_NAME_SIZE];
    struct stat status;
    user_name(geteuid(), me);
    if (stat(path, &status) == 0) {
        user_name(status.st_uid, owner);
        buffer_printf(error, "the user %s has no permission; it belongs to %s: ", me, owner);
        add_owner(error, status.st_uid);
        buffer_printf(error, "run \"sudo chown %s: %s%s\"", me, path, with);
        return;
    }
    char *folder = folders_above(path);
    if (stat(folder, &status) == 0) {
        user_name(status.st_uid, owner);
        buffer_printf(error, "the user %s may not %s %s, which belongs to %s: ", me,
                      access(folder, X_OK) < 0 ? "enter" : "write into", folder, owner);
        add_owner(error, status.st_uid);
        buffer_printf(error, "if no other program uses this folder, run \"sudo chown %s: %s\"", me,
                      folder);
    } else {
        buffer_printf(error,
                      "the user %s may not make or enter the folder %s; run \"sudo install -d "
                      "-o %s %s\"",
                      me, folder, me, folder);
    }
    free(folder);
}

void file_error_add(struct buffer *error, const char *path, const char *with, int number)
{
    if (number == ELOOP)
        buffer_add_text(error, "this is a symbolic link, which is not followed here; remove it, or "
                               "give the path of the file that it leads to instead of this one");
    else if (number == EMLINK)
        buffer_printf(error,
                      "the file has a second name (a hard link), through which it could be "
                      "changed; remove the other name, which this finds: find / -samefile %s",
                      path);
    else if (number == EBADFD)
        buffer_add_text(error, "this is not a regular file; remove it, or choose another name");
    else if (number == EACCES || number == EPERM)
        add_permission(error, path, with);
    else
        buffer_add_text(error, strerrordesc_np(number));
}

/* Explains that this user has no permission for PATH, which may be in a folder that is missing, too. */
static void add_permission_above(struct buffer *error, const char *path)
{
    char *folder = folders_above(path);
    if (access(folder, F_OK) < 0 && errno == ENOENT && strcmp(folder, ".") != 0)
        add_permission_above(error, folder);
    else
        add_permission(error, path, "");
    free(folder);
}

void file_error_add_path(struct buffer *error, const char *path, int number)
{
    buffer_printf(error, "%s: ", path);
    if (number == EACCES)
        add_permission_above(error, path);
    else
        buffer_add_text(error, strerrordesc_np(number));
}
