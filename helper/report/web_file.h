/* Files and folders of a report. */
#ifndef REPORT_WEB_FILE_H
#define REPORT_WEB_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Each works on NAME in the folder, which is open as a descriptor, and returns false, or -1, with errno set. */

/* Adds the whole file to TEXT, which has a NUL behind it. */
bool web_file_read(int folder, const char *name, struct buffer *text);

/* Makes the file NAME, or replaces it: it appears whole, by a rename. */
bool web_file_replace(int folder, const char *name, const struct buffer *text);

/* The two halves of web_file_replace(): writes the file under another name, and gives it its own. */
bool web_file_prepare(int folder, const char *name, const struct buffer *text);
bool web_file_show(int folder, const char *name);

void web_file_forget(int folder, const char *name); /* removes what was prepared */

/* Whether NAME is what a file is called until it has its own name. */
bool web_file_is_unfinished(const char *name);

/* Opens the folder NAME, which is made when missing. */
int web_folder_open(int folder, const char *name);

/* Waits until no other process has the folder locked, and locks it until it is closed or unlocked. */
bool web_folder_lock(int folder);
void web_folder_unlock(int folder);

#endif
