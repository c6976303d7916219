/* Files and folders of a report. */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Each works on NAME in the folder, which is open as a descriptor, and returns false, or -1, with errno set. */

/* Adds the whole file to TEXT, which has a NUL behind it. */
bool file_read(int folder, const char *name, struct buffer *text);

/* Makes the file NAME, or replaces it: it appears whole, by a rename. */
bool file_replace(int folder, const char *name, const struct buffer *text);

/* The two halves of file_replace(): writes the file under another name, and gives it its own. */
bool file_prepare(int folder, const char *name, const struct buffer *text);
bool file_show(int folder, const char *name);

void file_forget(int folder, const char *name); /* removes what was prepared */

/* Opens the folder NAME, made when missing, for everybody to read. */
int file_open_folder(int folder, const char *name);

/* Waits until no other process has the folder locked, and locks it until it is closed or unlocked. */
bool file_lock_folder(int folder);
void file_unlock_folder(int folder);

#endif
