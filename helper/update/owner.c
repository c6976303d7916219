#include "update/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text/message.h"
#include "text/user_name.h"

/* Finds the owner and group of a path.  Returns whether the owner is another user than root. */
static bool has_owner(const char *path, struct stat *status)
{
    return stat(path, status) == 0 && status->st_uid != 0;
}

/* Does the same for the ledger, or for its folder. */
static bool has_owner_of_ledger(const struct site *site, struct stat *status)
{
    char *path = site_state_path(site);
    bool found = has_owner(path, status);
    char *slash = strrchr(path, '/');
    if (!found && slash && slash > path) {
        *slash = '\0';
        found = has_owner(path, status);
    }
    free(path);
    return found;
}

uid_t owner_find(const struct site *site)
{
    struct stat owner;
    return geteuid() == 0 && has_owner_of_ledger(site, &owner) ? owner.st_uid : geteuid();
}

/* Changes from root to the owner, for good.  USER is NULL for an owner without a user name.  setuid() must be last:
 * only root may change groups. */
static bool become(const struct stat *owner, const struct passwd *user)
{
    gid_t group = user ? user->pw_gid : owner->st_gid;
    return (user ? initgroups(user->pw_name, group) : setgroups(0, NULL)) == 0 &&
           setgid(group) == 0 && setuid(owner->st_uid) == 0;
}

/* Returns whether USER may write by the permissions of the folder for its owner, or for all users.  Groups do not
 * count. */
static bool permits(const struct stat *folder, uid_t user)
{
    mode_t wanted = user == folder->st_uid ? S_IWUSR | S_IXUSR : S_IWOTH | S_IXOTH;
    return (folder->st_mode & wanted) == wanted;
}

bool owner_may_write(uid_t user, const char *folder)
{
    struct stat status;
    int result = 0;
    if (user == geteuid())
        return access(folder, W_OK | X_OK) == 0;
    if (stat(folder, &status) != 0)
        return false;
    if (geteuid() != 0)
        return permits(&status, user);
    const struct passwd *account = getpwuid(user);
    const struct stat owner = {.st_uid = user, .st_gid = status.st_gid};
    pid_t pid = fork();
    if (pid == 0)
        _exit(become(&owner, account) && access(folder, W_OK | X_OK) == 0 ? 0 : 1);
    while (pid > 0 && waitpid(pid, &result, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(result) && WEXITSTATUS(result) == 0;
}

bool owner_become(const struct site *site, const char *dirdata, struct buffer *error)
{
    struct stat owner;
    if (geteuid() != 0 ||
        !(has_owner_of_ledger(site, &owner) || (dirdata && has_owner(dirdata, &owner))))
        return true;
    const struct passwd *user = getpwuid(owner.st_uid);
    char name[USER_NAME_SIZE];
    bool done = become(&owner, user);
    int number = errno;
    user_name(owner.st_uid, name);
    if (!done) {
        buffer_printf(error,
                      "this program, run by root, cannot switch to the user %s, who owns the "
                      "ledger file or DirData: %s; run the update as this user",
                      name, strerrordesc_np(number));
        return false;
    }
    if (user)
        setenv("HOME", user->pw_dir, 1); /* this folder may have the user's credentials of AWS */
    message_verbose(
        "[%s]: the rest of the update runs as the user %s, who owns the ledger file or DirData",
        site->name, name);
    return true;
}
