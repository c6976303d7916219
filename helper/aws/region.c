#include "aws/region.h"

#include <string.h>

bool region_is_name(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size < REGION_SIZE &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               size &&
           text[0] != '-' && text[size - 1] != '-';
}

bool region_strip_fips(const char **plain, size_t *size, const char *region)
{
    const size_t whole = strlen(region), fips = strlen("fips-");
    *plain = region;
    *size = whole;
    if (*size > fips && !strncmp(*plain, "fips-", fips)) {
        *plain += fips;
        *size -= fips;
    }
    if (*size > fips && !strncmp(*plain + *size - fips, "-fips", fips))
        *size -= fips;
    return *size < whole;
}
