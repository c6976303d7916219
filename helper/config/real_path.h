/* Finds where a path leads. */
#ifndef CONFIG_REAL_PATH_H
#define CONFIG_REAL_PATH_H

/* Returns PATH as an absolute path without ".", ".." and symbolic links.  The part of PATH that does
 * not exist need not exist: there, ".." leads to the folder that the path names before it, as it
 * will when the missing folders are made.  The caller frees the text. */
char *real_path(const char *path);

#endif
