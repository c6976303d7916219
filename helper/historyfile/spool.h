/* Lines that will be written later: in memory while they are few, otherwise in a temporary file. */
#ifndef HISTORYFILE_SPOOL_H
#define HISTORYFILE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Zeroed at birth but for DIRECTORY, where the temporary file is made. */
struct history_spool {
    const char *directory;
    struct buffer lines; /* the last ones */
    int fd;              /* of the others; 0: there are none */
};

/* Adds a line and LF.  Returns false with errno set. */
bool history_spool_add(struct history_spool *spool, const char *line, size_t size);

/* Calls TAKE with all lines, in pieces.  Returns false with errno set: TAKE's, when it returned false. */
bool history_spool_read(struct history_spool *spool,
                        bool (*take)(void *user, const char *piece, size_t size), void *user);

/* Back to empty. */
void history_spool_clear(struct history_spool *spool);

#endif
