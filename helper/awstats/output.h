/* Reads the output of awstats.pl. */
#ifndef AWSTATS_OUTPUT_H
#define AWSTATS_OUTPUT_H

#include <stdbool.h>

#include "text/buffer.h"

/* Returns the end of what is in the file OUTPUT, text that the caller frees: so much of it that the reason of
 * a failure is there. */
char *awstats_output_read(int output);

/* Adds why awstats.pl has failed, as one line: the error of AWStats in TEXT, else the last line, which is a message of
 * perl when TEXT is the standard error alone. */
void awstats_output_add_reason(struct buffer *error, const char *text);

/* Whether TEXT has an error of AWStats. */
bool awstats_output_has_error(const char *text);

#endif
