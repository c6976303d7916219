/* One value of a log. */
#ifndef NORMALIZED_FIELD_H
#define NORMALIZED_FIELD_H

#include <stdbool.h>
#include <stddef.h>

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

#endif
