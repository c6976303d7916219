/* Finds the file with the certificates of the CAs that vouch for the servers, as the AWS command line
 * tools do.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html */
#ifndef AWS_AUTHORITIES_H
#define AWS_AUTHORITIES_H

#include "aws/profile_file.h"
#include "http/pool.h"

/* Returns the file that AWS_CA_BUNDLE names, else the setting ca_bundle of the PROFILE, else
 * REQUESTS_CA_BUNDLE; "~" before a slash stands for the home folder.  Else the file is NULL: the system's
 * CAs count.  The caller ends with authorities_free(). */
struct http_authorities authorities_find(const struct profile *profile);

void authorities_free(struct http_authorities *authorities);

#endif
