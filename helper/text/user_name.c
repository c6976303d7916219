#include "text/user_name.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

enum { ENTRY_SIZE = 4096 };

const char *user_name(uid_t user, char text[USER_NAME_SIZE])
{
    struct passwd entry, *found = NULL;
    char texts[ENTRY_SIZE];
    if (getpwuid_r(user, &entry, texts, sizeof texts, &found) == 0 && found)
        snprintf(text, USER_NAME_SIZE, "%s", entry.pw_name);
    else
        snprintf(text, USER_NAME_SIZE, "%lu", (unsigned long)user);
    return text;
}

const char *user_name_of_owner(const char *path, char text[USER_NAME_SIZE])
{
    struct stat status;
    if (stat(path, &status) == 0)
        return user_name(status.st_uid, text);
    snprintf(text, USER_NAME_SIZE, "its owner");
    return text;
}
