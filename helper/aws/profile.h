/* Profiles of the AWS tools' files, ~/.aws/credentials and ~/.aws/config.
 * https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/credentials.h"
#include "text/buffer.h"

/* One profile as the two files together describe it.  Strings are owned (malloc), NULL when not
 * set. */
struct profile {
    char *name;
    bool found;     /* a section of this name exists */
    bool other_way; /* its credentials come from a role, SSO or a program */
    char *key_id, *secret, *token, *region, *endpoint;
    char *key_path;         /* the file that key_id is from */
    char *credentials_path; /* the two files, whether they exist or not */
    char *config_path;
    struct buffer names; /* of all profiles, with ", " between */
};

/* Reads the profile NAME from $AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials) and
 * $AWS_CONFIG_FILE (else ~/.aws/config); keys in the first file win.  A missing file is no error.
 * Returns false after adding one line to ERROR when a file cannot be read; PROFILE then has the
 * settings of the other file.  The caller frees PROFILE in either case. */
bool profile_read(struct profile *profile, const char *name, struct buffer *error);
void profile_free(struct profile *profile);

/* Reads the profile's settings from SIZE bytes of TEXT, one of the two files at PATH.  Returns
 * false after adding one line to ERROR when the text is malformed. */
bool profile_parse(struct profile *profile, const char *text, size_t size, const char *path,
                   bool is_config, struct buffer *error);

/* Keys of a profile.  The state is a struct profile_choice (malloc).  Each fetch reads the files
 * again, so keys that another program has put there replace the old ones. */
extern const struct credentials_source profile_source;

struct profile_choice {
    char *name;     /* owned (malloc) */
    bool is_chosen; /* by name: a profile that does not exist is an error */
};

#endif
