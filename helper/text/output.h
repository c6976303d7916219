/* Writes a large log to a file, a pipe or a sink. */
#ifndef TEXT_OUTPUT_H
#define TEXT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

struct output;

/* A function that takes the bytes in the place of a descriptor.  The bytes of one output_put() come
 * in one call, with those of other calls.  Returns false when it takes no more. */
struct output_sink {
    bool (*put)(void *user, const char *data, size_t size);
    void *user;
};

/* Takes over FD, which is a file, a terminal or a pipe.  NAME is for errors.  ERROR gets one line
 * when a function fails for the first time.  NAME and ERROR must last as long as the output. */
struct output *output_open(int fd, const char *name, struct buffer *error);

/* Opens a sink in the same way.  SINK must last as long as the output. */
struct output *output_open_sink(const struct output_sink *sink, const char *name,
                                struct buffer *error);

/* Each returns false when it has failed. */
bool output_put(struct output *output, const char *data, size_t size);
bool output_flush(struct output *output);

/* Waits until the reader of a pipe has taken all bytes that were flushed, as far as the kernel
 * tells.  Does not wait if the output is no pipe.  Returns false when the reader has closed the
 * pipe before. */
bool output_wait_for_reader(struct output *output);

/* Closes the descriptor, without flushing, and frees the output.  Returns false when the system
 * reports that bytes written before are lost.  An error that is stored already stays. */
bool output_close(struct output *output);

#endif
