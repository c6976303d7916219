/* Finds where a path leads. */
#ifndef CONFIG_REAL_PATH_H
#define CONFIG_REAL_PATH_H

/* Returns PATH as an absolute path without ".", ".." and symbolic links.  PATH need not exist: behind a
 * missing folder, ".." leads to the folder that PATH names before that, as it will when the missing
 * folders are made.  The caller frees the text. */
char *real_path(const char *path);

#endif
