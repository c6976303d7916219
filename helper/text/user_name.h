/* Finds the names of users, for messages. */
#ifndef TEXT_USER_NAME_H
#define TEXT_USER_NAME_H

#include <sys/types.h>

enum { USER_NAME_SIZE = 64 };

/* Writes the name of a user, or the number if the user has no name, into TEXT.  Returns TEXT. */
const char *user_name(uid_t user, char text[USER_NAME_SIZE]);

/* Writes the name of the owner of PATH, or "its owner" if PATH cannot be examined, into TEXT.
 * Returns TEXT. */
const char *user_name_of_owner(const char *path, char text[USER_NAME_SIZE]);

#endif
