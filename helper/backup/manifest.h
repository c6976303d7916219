/* The list of a backup's files, which is written last: a folder without it is no backup. */
#ifndef BACKUP_MANIFEST_H
#define BACKUP_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

#define MANIFEST_NAME   "MANIFEST"
#define MANIFEST_LEDGER "ledger.db"

enum { DIGEST_TEXT_SIZE = 65 }; /* SHA-256 in hexadecimal, and the NUL */

struct manifest_file {
    char *name;
    uint64_t size;
    unsigned mode; /* permissions */
    char digest[DIGEST_TEXT_SIZE];
};

/* Zeroed at birth. */
struct manifest {
    char *site, *history;        /* the section's name, DirData */
    struct manifest_file ledger; /* its name is MANIFEST_LEDGER */
    struct manifest_file *files; /* of the history, and that of the request IDs */
    size_t count, capacity;
};

/* Adds a file, whose other members the caller sets. */
struct manifest_file *manifest_add(struct manifest *manifest, const char *name);

/* Whether NAME is that of a file with request IDs, which is beside the ledger (setting unique): the
 * ledger's name, a dot, and NAME. */
bool manifest_is_request_ids(const char *name);
#define MANIFEST_REQUEST_IDS "requests-"

/* Forgets the files, except the ledger. */
void manifest_clear(struct manifest *manifest);
void manifest_free(struct manifest *manifest); /* back to zero */

/* Writes the manifest into the folder, on the disk when it returns. */
bool manifest_write(const struct manifest *manifest, const char *folder, struct buffer *error);

/* Reads the manifest of a folder. */
bool manifest_read(struct manifest *manifest, const char *folder, struct buffer *error);

#endif
