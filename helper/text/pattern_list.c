#include "text/pattern_list.h"

#include <fnmatch.h>
#include <string.h>

static const char between[] = " \t,";

const char *pattern_list_next(const char *list, char pattern[PATTERN_LIST_SIZE_MAX + 1])
{
    list += strspn(list, between);
    size_t size = strcspn(list, between), kept = size;
    if (!size)
        return NULL;
    if (kept > PATTERN_LIST_SIZE_MAX)
        kept = PATTERN_LIST_SIZE_MAX;
    memcpy(pattern, list, kept);
    pattern[kept] = '\0';
    return list + size;
}

bool pattern_list_fits(const char *list, const char *text)
{
    char pattern[PATTERN_LIST_SIZE_MAX + 1];
    while ((list = pattern_list_next(list, pattern)))
        if (!fnmatch(pattern, text, 0))
            return true;
    return false;
}
