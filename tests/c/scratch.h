/* The scratch folder of a test: in memory where that is possible, since thousands of syncs take time. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

enum { SCRATCH_SIZE = 40 };

/* Makes the folder and stores its path.  Returns false after TAP's "Bail out!". */
static inline bool scratch_make(char folder[SCRATCH_SIZE])
{
    snprintf(folder, SCRATCH_SIZE, "%s/scratch-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder))
        return true;
    printf("Bail out! %s: %s\n", folder, strerror(errno));
    return false;
}

/* Removes the ledger PATH, and the files that SQLite has beside it. */
static inline void scratch_remove_ledger(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[256];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* Removes the folder, which must be empty. */
static inline void scratch_end(const char *folder)
{
    ok(rmdir(folder) == 0, "nothing else was made");
}

#endif
