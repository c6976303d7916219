/* A history file that is read line by line, and again from places of it; pure C. */
#ifndef PLUGIN_HISTORY_OLD_FILE_H
#define PLUGIN_HISTORY_OLD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct old_file;

/* Returns a reader of the file that a descriptor has open, from the file's start; NULL when it is no
 * regular file, or memory has run out.  The descriptor and its own place stay the caller's. */
struct old_file *old_file_new(int descriptor);
void old_file_free(struct old_file *file);

/* Returns the next line, with its LF if it has one, valid until the next call; NULL at the end or on an
 * error, which is then in ERROR (an errno, else 0). */
const char *old_file_line(struct old_file *file, size_t *size, int *error);

/* Returns where the next line begins, in bytes. */
uint64_t old_file_place(const struct old_file *file);

/* Lets the line that begins at a place be the next one. */
void old_file_go_to(struct old_file *file, uint64_t place);

#endif
