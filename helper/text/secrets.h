/* Finds secrets that this program has sent to a service in a text of the service's response, so
 * that no message repeats them. */
#ifndef TEXT_SECRETS_H
#define TEXT_SECRETS_H

#include <stdbool.h>

enum { SECRETS_MAX = 4 };

/* The secrets of one request.  NULL entries are none. */
struct secrets {
    const char *list[SECRETS_MAX];
};

/* Returns whether TEXT must not be printed: it has twelve bytes of a secret in a row, a whole
 * secret that is shorter, or the signature of a request. */
bool secrets_are_in(const struct secrets *secrets, const char *text);

#endif
