/* The function of clean_path.c that path.c uses. */
#ifndef SOURCE_PATH_H
#define SOURCE_PATH_H

#include "source/kind.h"

/* Removes files, as source_remove(). */
bool path_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                 size_t count);

#endif
