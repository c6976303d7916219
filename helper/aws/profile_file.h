/* Reads the files of the AWS tools, ~/.aws/credentials and ~/.aws/config, for all modules that need
 * their settings. https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html */
#ifndef AWS_PROFILE_FILE_H
#define AWS_PROFILE_FILE_H

#include <stdbool.h>

#include "text/buffer.h"

struct profile_file; /* both files together */
struct section;

enum profile_part { PROFILE_CREDENTIALS, PROFILE_CONFIG, PROFILE_PARTS };

/* One profile.  The profile and its strings are valid as long as its file. */
struct profile {
    const struct profile_file *file;
    const char *name;
    const struct section *parts[PROFILE_PARTS]; /* NULL: that file has no such profile */
};

/* Reads $AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials) and $AWS_CONFIG_FILE (else
 * ~/.aws/config).  A missing file is no error; a variable that is set and empty names none.  Sets
 * ERROR, which is empty, to one line when a file cannot be read or is malformed; that file then has
 * no sections, but the other one has.  The caller frees the result, which overwrites its secrets. */
struct profile_file *profile_file_read(struct buffer *error);
void profile_file_free(struct profile_file *file); /* NULL is allowed */

/* Returns whether one of both files exists and cannot be read. */
bool profile_file_is_unreadable(const struct profile_file *file);

/* Returns whether one of both files is malformed (profile_parse()), or too large. */
bool profile_file_is_malformed(const struct profile_file *file);

/* Returns the path of one of both files, whether it exists or not; if its variable is empty, a text that says so. */
const char *profile_file_path(const struct profile_file *file, enum profile_part part);

/* Adds the names of all profiles to NAMES, each once, with ", " between. */
void profile_file_add_names(const struct profile_file *file, struct buffer *names);

/* Finds the profile NAME, which must live as long as PROFILE.  Returns false when neither file has
 * it; then PROFILE has no settings. */
bool profile_find(struct profile *profile, const struct profile_file *file, const char *name);

/* Adds "FILE:LINE" of the section [NAME] of the config file to OUT, where the section of a profile is [profile NAME].
 * Returns false if there is none. */
bool profile_file_add_bare(const struct profile_file *file, const char *name, struct buffer *out);

/* Checks that no setting of PROFILE lacks its value or its section.  Returns false after adding one
 * line with the place to ERROR. */
bool profile_check(const struct profile *profile, struct buffer *error);

/* Return the value of a setting, whose name is in any case; NULL when it is missing or empty.  The
 * credentials file is before the config file.  As in botocore, nested settings are all from one file:
 * the section BELOW of the credentials file replaces that of the config file. */
const char *profile_get(const struct profile *profile, const char *setting);
const char *profile_get_nested(const struct profile *profile, const char *below,
                               const char *setting);

/* Returns the value in one of both files. */
const char *profile_get_from(const struct profile *profile, enum profile_part part,
                             const char *setting);

/* Returns the setting of a service, such as "s3", in the section [services NAME] that the profile's
 * setting services names; NULL: not given. */
const char *profile_file_service(const struct profile *profile, const char *service,
                                 const char *setting);

/* Returns whether there is a section [sso-session NAME]. */
bool profile_file_has_session(const struct profile_file *file, const char *name);

/* Returns a setting of the section [sso-session NAME]; NULL: not given. */
const char *profile_file_session(const struct profile_file *file, const char *name,
                                 const char *setting);

/* Adds "FILE:LINE" of the setting that profile_get_nested() finds to OUT; if there is none, the
 * profile's name.  BELOW is NULL for a setting that is not nested. */
void profile_add_place(struct buffer *out, const struct profile *profile, const char *below,
                       const char *setting);

#endif
