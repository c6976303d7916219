/* The standard output, for large logs. */
#ifndef TEXT_OUTPUT_H
#define TEXT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output;

/* NULL after printing one line.  There is one at a time. */
struct output *output_open(void);

/* Each is false after printing one line. */
bool output_put(struct output *output, const char *data, size_t size);
bool output_flush(struct output *output);

/* Waits until who reads a pipe has taken all that was flushed, which is as far as the kernel tells;
 * for anything else than a pipe it does not wait.  False when the reader went away before. */
bool output_wait_for_reader(struct output *output);

bool output_close(struct output *output); /* the standard output, too; frees */
void output_free(struct output *output);

#endif
