/* The names of the fields of CloudFront's logs, of all kinds and eras. */
#ifndef LOG_FIELD_NAMES_H
#define LOG_FIELD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a name and a NUL. */
enum { FIELD_NAME_SIZE = 64 };

/* Whether a word seems to be a mistyped name: it is no name of a field, in no spelling that the program reads, but near
 * one.  Stores this name in FIELD.  A word that is near no name may be a field that CloudFront added later. */
bool field_names_find_meant(const char *word, size_t size, char field[FIELD_NAME_SIZE]);

#endif
