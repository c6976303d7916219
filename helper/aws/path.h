/* Paths of the AWS tools' files. */
#ifndef AWS_PATH_H
#define AWS_PATH_H

/* Returns the path GIVEN, in which "~" and "$NAME" or "${NAME}" stand for the home folder and for
 * environment variables, as for the AWS command line tools; without it, ~/.aws/NAME.  The caller
 * frees the path. */
char *aws_path(const char *given, const char *name);

#endif
