#include "log/joined.h"

#include <stdbool.h>
#include <string.h>

/* Whether one of the bytes is a control byte.  No record has one, since no request can carry one.  So no
 * visitor can make a log look damaged. */
static bool is_binary(const char *s, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)s[i] < ' ' && s[i] != '\t')
            return true;
    return false;
}

/* Whether data with these first bytes begins with the line, or behind a last line without LF. */
static bool begins_in(const char *line, size_t size, const char *magic, size_t magic_size)
{
    const char *found = memmem(line, size, magic, magic_size);
    return found && (found == line || is_binary(found, size - (size_t)(found - line)));
}

const char *joined_find(const char *line, size_t size)
{
    static const char damaged[] =
        "compressed data follows the text of the log in the same object, and cannot be "
        "read; put each log into an object of its own";
    static const struct {
        const char *magic;
        size_t size;
        const char *error;
    } kinds[] = {
        {"\x1f\x8b\x08", 3, damaged},     /* gzip */
        {"\x28\xb5\x2f\xfd", 4, damaged}, /* zstd */
        {"BZh", 3, damaged},
        {"\xfd"
         "7zXZ",
         5, damaged},
        {"PK\3\4", 4, damaged},
        {"PAR1", 4,
         "a Parquet file follows the text of the log in the same object, and cannot be read; put "
         "each log into an object of its own"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (begins_in(line, size, kinds[i].magic, kinds[i].size))
            return kinds[i].error;
    return NULL;
}
