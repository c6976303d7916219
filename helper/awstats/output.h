/* Understands what awstats.pl prints. */
#ifndef AWSTATS_OUTPUT_H
#define AWSTATS_OUTPUT_H

#include "text/buffer.h"

/* Returns the end of what is in the file OUTPUT, text that the caller frees: so much of it that the reason of
 * a failure is there. */
char *awstats_output_read(int output);

/* Adds why awstats.pl has failed: the line that begins with "Error: ", else the last line.  Changes TEXT. */
void awstats_output_add_reason(struct buffer *error, char *text);

#endif
