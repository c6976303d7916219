/* The configuration file: an INI file with a section for each site. */
#ifndef CONFIG_SITE_FILE_H
#define CONFIG_SITE_FILE_H

#include "config/site.h"
#include "text/buffer.h"

/* Reads section NAME of the file PATH, which must last as long as SITE, into the zeroed SITE.  An error of another
 * section does not matter.  Returns 0, or -1 after adding one line to ERROR that names the file, the line and what to do. */
int site_file_read(struct site *site, const char *path, const char *name, struct buffer *error);

/* Returns why the site's objects cannot be moved to the target in its setting "after" (static); NULL: they can, or the
 * setting moves none. */
const char *site_move_error(const struct site *site);

/* Whether PLACE, s3://BUCKET/PREFIX or a directory, is inside a source of the site, whose objects it would become. */
bool site_has_place(const struct site *site, const char *place);

/* Whether a source of one site is inside a source of the other, so that both may read the same objects.  The settings
 * include and exclude do not matter. */
bool site_overlaps(const struct site *site, const struct site *other);

/* Returns the names of all sections of PATH in their order, also of those with errors, NULL-terminated; the caller
 * frees them by site_file_free_names().  Returns NULL after adding one line to ERROR. */
char **site_file_names(const char *path, struct buffer *error);
void site_file_free_names(char **names); /* NULL: does nothing */

/* Reads the sections NAMES of the file PATH into the zeroed SITES, COUNT of each, and prints nothing.  A site stays
 * zeroed when its section, or the file, has an error, or when there is no such section. */
void site_file_read_correct(struct site *sites, const char *path, const char *const *names,
                            size_t count);

#endif
