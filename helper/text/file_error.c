#include "text/file_error.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"

enum { NAME_SIZE = 64, ENTRY_SIZE = 4096 };

/* Writes the name of a user; the number when the user has none. */
static void name_user(char name[NAME_SIZE], uid_t user)
{
    struct passwd entry, *found = NULL;
    char texts[ENTRY_SIZE];
    if (getpwuid_r(user, &entry, texts, sizeof texts, &found) == 0 && found)
        snprintf(name, NAME_SIZE, "%s", entry.pw_name);
    else
        snprintf(name, NAME_SIZE, "%lu", (unsigned long)user);
}

/* Explains that this user may not use PATH, the file itself or its folder. */
static void add_permission(struct buffer *error, const char *path, const char *with)
{
    char me[NAME_SIZE], owner[NAME_SIZE];
    struct stat status;
    name_user(me, geteuid());
    if (stat(path, &status) == 0) {
        name_user(owner, status.st_uid);
        buffer_printf(error,
                      "the user %s has no permission; it belongs to %s: run this as %s, or run as "
                      "root: chown %s: %s%s",
                      me, owner, owner, me, path, with);
        return;
    }
    char *folder = folders_above(path);
    if (stat(folder, &status) == 0) {
        name_user(owner, status.st_uid);
        buffer_printf(error,
                      "the user %s may not write into %s, which belongs to %s: run this as %s, "
                      "or, if no other program uses this folder, run as root: chown %s: %s",
                      me, folder, owner, owner, me, folder);
    } else {
        buffer_printf(error,
                      "the user %s may not make or enter the folder %s; run as root: install -d "
                      "-o %s %s",
                      me, folder, me, folder);
    }
    free(folder);
}

void file_error_add(struct buffer *error, const char *path, const char *with, int number)
{
    if (number == ELOOP)
        buffer_add_text(error, "it is a symbolic link, which is not followed here; remove it, or "
                               "name the file that it leads to");
    else if (number == EMLINK)
        buffer_add_text(error, "the file has a second name (a hard link); remove one of the two");
    else if (number == EBADFD)
        buffer_add_text(error, "it is not a regular file; remove it, or choose another name");
    else if (number == EACCES || number == EPERM)
        add_permission(error, path, with);
    else
        buffer_add_text(error, strerrordesc_np(number));
}
