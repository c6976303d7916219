/* Tells one file with two names from two files. */
#ifndef FILES_SAME_FILE_H
#define FILES_SAME_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Returns whether both statuses are of one file. */
static inline bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Returns whether both names exist, and are of one file.  A symbolic link is a file of its own. */
static inline bool same_file_names(const char *a, const char *b)
{
    struct stat status_a, status_b;
    return lstat(a, &status_a) == 0 && lstat(b, &status_b) == 0 && same_file(&status_a, &status_b);
}

#endif
