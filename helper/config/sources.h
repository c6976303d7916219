/* The sources of a site in one text, in the form in which a site and its ledger store them: either one source, or an
 * LF before each source.  A text that begins with an LF may also have only one source. */
#ifndef CONFIG_SOURCES_H
#define CONFIG_SOURCES_H

#include <stdbool.h>

#include "text/buffer.h"

/* Whether the text is a list, and no source as it is. */
bool sources_are_several(const char *sources);

/* Adds SOURCE to SOURCES (malloc; NULL: there is none yet), and returns the new text, in which s3:// is in small
 * letters. */
char *sources_add(char *sources, const char *source);

/* Copies the first source of SOURCES to ONE, and returns the rest of the text; NULL: there is no more. */
const char *sources_next(const char *sources, struct buffer *one);

/* Returns the sources as messages show them: "A", or "A and B", or "A, B and C".  The caller frees the
 * text. */
char *sources_show(const char *sources);

/* Returns the target to which the objects of SOURCE, one of several, are moved: below TARGET, with their whole names,
 * because two sources may have different logs of one name.  For a bucket, its name and the folder of its prefix
 * follow TARGET.  The caller frees the text. */
char *sources_target(const char *source, const char *target);

#endif
