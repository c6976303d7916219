/* A file of IDs in the order of their times.
 *
 *   8 bytes                       the format: "AWCFIDS1"
 *   20 bytes for each ID          its time, seconds since 1970, and its 16 bytes
 *   8 + 8 + 4 + 4 bytes           "AWCFEND1", how many IDs, the last time, the CRC-32 of all IDs
 *
 * Numbers have their highest byte first.  A file that is not whole is refused. */
#ifndef UNIQUE_ID_FILE_H
#define UNIQUE_ID_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "text/buffer.h"
#include "unique/id_set.h"

/* A file that is read or written.  Zeroed at birth. */
struct id_file {
    FILE *file; /* NULL: there is none, and nothing is to be read */
    const char *path;
    uint64_t count;     /* IDs in the file; when written, so far */
    uint64_t left;      /* IDs that are still to be read */
    uint32_t last_time; /* of the last ID */
    uint32_t crc;       /* of the IDs read or written so far */
    uint32_t crc_at_end;
    struct buffer *error; /* gets one line when a function fails */
};

/* Opens a file for reading.  PATH must last as long as the file. */
bool id_file_read(struct id_file *file, const char *path, struct buffer *error);

/* Reads the next ID.  Returns 1, 0 at the end, -1 after an error. */
int id_file_next(struct id_file *file, struct timed_id *id);

/* Begins to write a file, as PATH and ".new". */
bool id_file_write(struct id_file *file, const char *path, struct buffer *error);
bool id_file_put(struct id_file *file, const struct timed_id *id);

/* Completes what was written, waits until it is on the disk, and gives the file its name. */
bool id_file_finish(struct id_file *file);

/* Closes the file; removes one that was written and not completed. */
void id_file_close(struct id_file *file);

#endif
