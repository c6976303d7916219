#include "log/directive.h"

#include <string.h>

enum directive directive_find(const char *text, size_t size, size_t *name_size)
{
    static const char *const names[] = {[DIRECTIVE_VERSION] = "#Version:",
                                        [DIRECTIVE_SOFTWARE] = "#Software:",
                                        [DIRECTIVE_FIELDS] = "#Fields:"};
    for (enum directive i = DIRECTIVE_VERSION; i <= DIRECTIVE_FIELDS; i++) {
        size_t length = strlen(names[i]);
        if (size < length || memcmp(text, names[i], length) != 0)
            continue;
        *name_size = length;
        return i;
    }
    return DIRECTIVE_NONE;
}
