/* Names of users, as messages have them. */
#ifndef TEXT_USER_NAME_H
#define TEXT_USER_NAME_H

#include <sys/types.h>

enum { USER_NAME_SIZE = 64 };

/* Writes the name of a user into TEXT, or the number when the user has no name; returns TEXT. */
const char *user_name(uid_t user, char text[USER_NAME_SIZE]);

/* Writes the name of the user who owns PATH into TEXT, "its owner" when that is unknown; returns
 * TEXT. */
const char *user_name_of_owner(const char *path, char text[USER_NAME_SIZE]);

#endif
