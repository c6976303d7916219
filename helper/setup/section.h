/* The section of a site in cloudfront.conf, as setup writes it: a marked one. */
#ifndef SETUP_SECTION_H
#define SETUP_SECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Adds the lines "NAME = VALUE" of the section NAME in the TEXT of a configuration file, as the program reads them. */
void section_read(struct buffer *lines, const struct buffer *text, const char *name);

/* Adds a marked section with the header [NAME] and the lines SETTINGS to the text of a
 * configuration file; an empty text gets a line about the file first. */
void section_append(struct buffer *text, const char *name, const char *settings);

enum section_state {
    SECTION_NOT_MARKED, /* setup has written no such section */
    SECTION_CHANGED,    /* somebody has changed it since */
    SECTION_UNCHANGED,
};

/* Finds the marked section NAME in the text of a file.  Removes it, with all that section_append()
 * has added, if it is SECTION_UNCHANGED and REMOVE is true: what is left has then no bytes if setup
 * has made the file. */
enum section_state section_find(struct buffer *text, const char *name, bool remove);

#endif
