/* Finds the files of the AWS tools. */
#ifndef AWS_PATH_H
#define AWS_PATH_H

/* Returns the path GIVEN; if it is NULL, ~/.aws/NAME.  As for the AWS command line tools, "~" in
 * GIVEN stands for the home folder, and "$NAME" or "${NAME}" for an environment variable.  The
 * caller frees the path, which is never NULL. */
char *aws_path(const char *given, const char *name);

/* Returns the path GIVEN, in which "~" stands for the home folder, and "$" for itself.  The caller
 * frees the path. */
char *aws_path_at_home(const char *given);

#endif
