/* The beginning of every field class: what AWStats makes, under its configuration, of one text of
 * one field (one host, one URL, one user agent), found out once. */
#ifndef PLUGIN_VALUES_FIELD_CLASS_H
#define PLUGIN_VALUES_FIELD_CLASS_H

#include "memory/table.h"

struct field_class {
    struct entry entry; /* its key is the field's text */
    void **found;       /* by the patterns of this field, see pattern.h; NULL: none was tried */
};

#endif
