/* One value of a log. */
#ifndef NORMALIZED_FIELD_H
#define NORMALIZED_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The value's bytes, which lie in a line that somebody else owns; no NUL follows. */
struct field {
    const char *text;
    size_t size;
};

/* Returns whether there is no value: "-", or nothing between two TABs. */
static inline bool field_is_absent(struct field field)
{
    return field.size == 0 || (field.size == 1 && field.text[0] == '-');
}

/* Returns whether a value begins with PREFIX, in small letters or capitals. */
static inline bool field_begins_with(struct field field, const char *prefix)
{
    size_t size = strlen(prefix);
    return field.size >= size && !strncasecmp(field.text, prefix, size);
}

/* Returns whether a value is one of the WORDS, which end with NULL. */
static inline bool field_is_one_of(struct field field, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == field.size && !memcmp(*words, field.text, field.size))
            return true;
    return false;
}

#endif
