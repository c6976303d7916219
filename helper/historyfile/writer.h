/* Writes a history file of AWStats: to a new file beside it, which then takes its name. */
#ifndef HISTORYFILE_WRITER_H
#define HISTORYFILE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

struct history_writer;

/* Makes the file beside PATH, which must last, and writes HEADER, the lines before the map, and a map of the sections
 * NAMES.  Returns NULL with one line in ERROR. */
struct history_writer *history_writer_new(const char *path, const char *header,
                                          const char *const *names, size_t count,
                                          struct buffer *error);

/* Removes the file, unless it has the name PATH. */
void history_writer_free(struct history_writer *writer); /* NULL is allowed */

/* Writes bytes.  An error is kept for history_writer_end(); returns false once there is one. */
bool history_writer_put(struct history_writer *writer, const char *bytes, size_t size);

/* The next bytes begin the section of this number in NAMES. */
void history_writer_begin(struct history_writer *writer, size_t number);

/* Returns how many bytes were written: where the next one will be. */
uint64_t history_writer_place(const struct history_writer *writer);

/* Writes a number over the spaces at PLACE (HISTORY_SPACES). */
bool history_writer_put_number(struct history_writer *writer, uint64_t place, uint64_t number);

/* Writes the map, and waits until the file is on the disk, under the name PATH.  Returns false with one line in ERROR;
 * then PATH is as it was. */
bool history_writer_end(struct history_writer *writer, struct buffer *error);

#endif
