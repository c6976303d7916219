/* Finds the AWS credentials by the chain of the AWS tools, and the AWS settings beside them. */
#ifndef AWS_CHAIN_H
#define AWS_CHAIN_H

#include "aws/credentials.h"
#include "aws/profile_file.h"

/* The settings of the choice, the environment or the profile, except keys.  Strings are owned (malloc), NULL
 * when not set. */
struct aws_settings {
    char *region;
    char *name; /* of the profile */
    struct profile_file *file;
    struct profile profile; /* the chosen one, for all other settings: profile_get() */
};

/* The user's options or settings of the site; NULL: not given. */
struct aws_choice {
    const char *profile;
    const char *region;
};

/* Finds credentials and settings by the rules of the AWS tools.
 *
 * The profile is the chosen one, else $AWS_PROFILE, $AWS_DEFAULT_PROFILE, or "default".  Two
 * that differ are an error.
 *
 * Credentials: the first link of the chain (aws/chain.c) that has keys wins, and stays the source
 * when keys are replaced.  The environment's own keys and roles count only without a chosen
 * profile.
 *
 * Settings: the region is the chosen one, else $AWS_REGION, $AWS_DEFAULT_REGION, else the profile's.  The profile files
 * need not be readable if the environment has keys and no profile is named; a malformed file is
 * always an error.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * The caller reads the settings first, so that a malformed one ends the search before any service
 * is asked.  Returns false after adding one line to ERROR. */
bool aws_settings_read(struct aws_settings *settings, const struct aws_choice *choice,
                       struct buffer *error);

/* Finds the credentials of the same CHOICE.  The first keys come from the files that are in
 * SETTINGS; files are read again when keys are replaced.  Returns NULL after adding one line to
 * ERROR. */
struct credentials_keeper *chain_find(const struct aws_settings *settings,
                                      const struct aws_choice *choice, struct buffer *error);

void aws_settings_free(struct aws_settings *settings);

#endif
