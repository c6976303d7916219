/* The directory into which `fetch` copies.
 *
 * An object is first a part file in DIR/.partial, which one run at a time may use.  It gets its own
 * name only after syncfs() has put its bytes on the disk, so that a crash leaves no half file under
 * a final name, whatever the filesystem is.  A thread does this for all part files that were
 * finished since its last round, while more are being transferred: one sync for hundreds of files
 * instead of one for each.  This module follows no symbolic links below DIR, so that it writes
 * nothing elsewhere. */
#ifndef FETCH_TARGET_H
#define FETCH_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

struct target;

enum target_result {
    TARGET_OPEN,
    TARGET_FAILED,
    TARGET_BUSY, /* another run copies into the directory */
};

/* Opens the directory PATH, and makes it if it is missing.  Takes its lock, and removes old part
 * files from .partial, but no other files.  If the result is not TARGET_OPEN, adds one line to
 * ERROR. */
enum target_result target_open(struct target **target, const char *path, struct buffer *error);

/* Adds the path of the file for KEY, relative to the directory.  "/" in the key makes folders.
 * Percent-encodes control bytes; a "." at the start of a component, so that no file
 * is hidden and "." and ".." are plain names; the "/" after an empty component, and a "/" at
 * the end; and "%" before two hex digits.  An empty key becomes "%00".  So no two keys share a
 * file. */
void target_add_path(struct buffer *path, const char *key);

/* Returns whether the file exists, with this size and time (seconds UTC).  Returns false for all
 * files if the directory was empty when the target was opened. */
bool target_has(const struct target *target, const char *path, uint64_t size, int64_t modified);

/* Makes a part file, and sets *NUMBER to its number.  Returns its descriptor, or -1 with errno
 * set. */
int target_begin_part(struct target *target, uint64_t *number);

/* Completes the part file NUMBER: sets its time (seconds UTC), closes FD, and queues the file for
 * its final PATH, which the target owns now.  Returns false after printing one line, or if an
 * earlier part file has failed with an error that all others will have. */
bool target_end_part(struct target *target, uint64_t number, int fd, char *path, int64_t modified);

/* Closes FD and removes the part file. */
void target_drop_part(struct target *target, uint64_t number, int fd);

/* Prints one line, with the error of errno: a part file cannot be written. */
void target_print_unwritable(const struct target *target);

/* Waits until all finished parts have their names, and the names are on the disk.  Returns false
 * after printing a line for each part that cannot get its name, at most eleven lines. */
bool target_finish(struct target *target);

void target_close(struct target *target); /* NULL is allowed */

#endif
