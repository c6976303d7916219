/* The user who runs the updates of a site. */
#ifndef SETUP_ACCOUNT_H
#define SETUP_ACCOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "text/buffer.h"

enum { ACCOUNT_NAME_SIZE = 64 };

struct account {
    uid_t user;
    gid_t group;
    char name[ACCOUNT_NAME_SIZE]; /* of the user; the number when it has no name */
    char home[PATH_MAX];          /* "/" when it is not known */
    /* The AWS_... variables of the timer's service, NAME=VALUE and a LF each; owned. */
    struct buffer environment;
};

/* Each stores an account; false when there is no such user. */
void account_of(struct account *account, uid_t user);
bool account_named(struct account *account, const char *name);

/* Writes the name of the user who owns PATH, "nobody known" when there is no such file. */
void account_name_owner(char name[ACCOUNT_NAME_SIZE], const char *path);

/* Frees what the account owns. */
void account_free(struct account *account);

/* Returns whether this process already runs as the user. */
bool account_is_self(const struct account *account);

/* A piece of work in a process of the account's user. */
struct account_work {
    /* Runs in the process, whose standard output goes to line(), and whose results go to the
     * descriptor RESULTS.  Returns the exit status of the process. */
    int (*run)(void *argument, int results);
    void (*line)(void *user, const char *line); /* takes a line, without its end */
    void *user;
    void *argument;
};

/* Starts the process, and waits for its end.  When it switches to another user, it has the groups
 * and the home of this user, and the AWS_... variables of its service instead of those of this environment.  RESULTS
 * gets what the process has written there.  Call it while this process has no other thread.  Returns the exit status;
 * -1 with one line in ERROR. */
int account_run(const struct account *account, const struct account_work *work,
                struct buffer *results, struct buffer *error);

#endif
