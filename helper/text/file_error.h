/* Explains errors of the program's own files, with the command that corrects the error. */
#ifndef TEXT_FILE_ERROR_H
#define TEXT_FILE_ERROR_H

#include "text/buffer.h"

/* Adds to ERROR why own_file_open() of PATH failed with the errno NUMBER, and what to do.  WITH is
 * "*" if the command names all files whose names begin with PATH; else "". */
void file_error_add(struct buffer *error, const char *path, const char *with, int number);

/* Adds PATH, and why an operation on this file or folder failed with the errno NUMBER.  Says also what to do when this
 * user has no permission, or the disk is full. */
void file_error_add_path(struct buffer *error, const char *path, int number);

#endif
