/* The lines before the rows of a log that say what the rows are.  They begin with "#" and a name. */
#ifndef LOG_DIRECTIVE_H
#define LOG_DIRECTIVE_H

#include <stddef.h>

enum directive {
    DIRECTIVE_NONE, /* a comment, or another text */
    DIRECTIVE_VERSION,
    DIRECTIVE_SOFTWARE,
    DIRECTIVE_FIELDS
};

/* Returns the directive with which a text begins.  Stores the size of its name, with "#" and ":", in *NAME_SIZE, unless
 * there is none. */
enum directive directive_find(const char *text, size_t size, size_t *name_size);

#endif
