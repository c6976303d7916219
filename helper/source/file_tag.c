#include "source/file_tag.h"

#include <stdio.h>
#include <string.h>

void file_tag(char tag[FILE_TAG_SIZE], const struct timespec *modified)
{
    snprintf(tag, FILE_TAG_SIZE, "%lld.%09ld", (long long)modified->tv_sec, modified->tv_nsec);
}

bool file_tag_is(const char *tag)
{
    const char *dot = strchr(tag, '.');
    return dot && strlen(dot) == 10 && strspn(dot + 1, "0123456789") == 9;
}

bool file_is_version(const struct stat *status, const char *tag, uint64_t size)
{
    char now[FILE_TAG_SIZE];
    file_tag(now, &status->st_mtim);
    return !strcmp(now, tag) && (uint64_t)status->st_size == size;
}
