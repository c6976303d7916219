/* Writes a large log to a file, a pipe or a sink. */
#ifndef TEXT_OUTPUT_H
#define TEXT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

struct output;

/* Takes bytes in the place of a descriptor: those of some calls of output_put(), whole.  Returns false when it takes
 * no more. */
struct output_sink {
    bool (*put)(void *user, const char *data, size_t size);
    void *user;
};

/* Takes over FD, which is a file, a terminal or a pipe.  NAME is what errors call it.  Both NAME
 * and ERROR, which gets one line when a function fails, must last as long as the output. */
struct output *output_open(int fd, const char *name, struct buffer *error);

/* The same for a sink, which must last as long as the output. */
struct output *output_open_sink(const struct output_sink *sink, const char *name,
                                struct buffer *error);

/* Each returns false when it has failed. */
bool output_put(struct output *output, const char *data, size_t size);
bool output_flush(struct output *output);

/* Waits until the reader of a pipe has taken all that was flushed, as far as the kernel tells; does
 * not wait for anything else than a pipe.  False when the reader has closed the pipe before. */
bool output_wait_for_reader(struct output *output);

/* Closes the descriptor, without flushing, and frees the output.  False when the system reports
 * that something written before is lost.  An error that is stored already stays. */
bool output_close(struct output *output);

#endif
